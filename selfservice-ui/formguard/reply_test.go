package formguard_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"efpconnect.example/internal/seal"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/page"
)

// tabs is a browser with several tabs: one jar of cookies.
type tabs struct {
	guard *formguard.Guard
	jar   map[string]*http.Cookie
}

func newTabs(t *testing.T, now func() time.Time) *tabs {
	t.Helper()
	box, err := seal.New([]string{seal.NewKey()}, now)
	if err != nil {
		t.Fatal(err)
	}
	return &tabs{guard: &formguard.Guard{Replies: formguard.ReplyCookie(browser.SealedCookie{Box: box})}, jar: map[string]*http.Cookie{}}
}

func (b *tabs) request(method, target string, form url.Values) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	r.PostForm = form
	for _, c := range b.jar {
		r.AddCookie(c)
	}
	return r
}

func (b *tabs) keep(w *httptest.ResponseRecorder) {
	for _, c := range w.Result().Cookies() {
		b.jar[c.Name] = c
	}
}

// send posts a form that is refused with a sentence, and gives the address that the answer leads to.
func (b *tabs) send(t *testing.T, form url.Values, key string) string {
	t.Helper()
	w := httptest.NewRecorder()
	p := page.Page{Status: 422, Problems: []page.Problem{{Field: "identifiant", Key: key, Args: []any{"n", 3}}}}
	if err := b.guard.Answer(w, b.request("POST", "/connexion", form), "/connexion?return_to=x", p, "identifiant"); err != nil {
		t.Fatal(err)
	}
	b.keep(w)
	if w.Code != http.StatusSeeOther {
		t.Errorf("answered by %d", w.Code)
	}
	return w.Header().Get("Location")
}

// see is what a page has to say, and what its field holds.
func (b *tabs) see(t *testing.T, method, target string) (said []page.Problem, typed string) {
	t.Helper()
	w, r := httptest.NewRecorder(), b.request(method, target, nil)
	reply, _, err := b.guard.Recall(w, r)
	if err != nil {
		t.Fatal(err)
	}
	b.keep(w)
	return reply.Problems, r.PostForm.Get("identifiant")
}

// Each tab is told its own, once; what was typed stays, and no secret is kept.
func TestRepliesOfTwoTabs(t *testing.T) {
	now := time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC)
	b := newTabs(t, func() time.Time { return now })
	first := b.send(t, url.Values{"identifiant": {"une@example.test"}, "mot-de-passe": {"secret"}}, "address.malformed")
	second := b.send(t, url.Values{"identifiant": {"autre@example.test"}}, "address.empty")
	if first == second || !strings.Contains(first, "return_to=x") {
		t.Fatalf("%s and %s", first, second)
	}
	want := func(key string) []page.Problem {
		return []page.Problem{{Field: "identifiant", Key: key, Args: []any{"n", "3"}}}
	}
	for _, c := range []struct {
		why, method, target string
		said                []page.Problem
		typed               string
	}{
		{"a preview tells nothing away", "HEAD", first, want("address.malformed"), "une@example.test"},
		{"the first tab", "GET", first, want("address.malformed"), "une@example.test"},
		{"reloaded", "GET", first, nil, "une@example.test"},
		{"the second tab", "GET", second, want("address.empty"), "autre@example.test"},
		{"another page", "GET", strings.Replace(second, "/connexion", "/reinitialisation", 1), nil, ""},
		{"no handle", "GET", "/connexion", nil, ""},
		{"somebody else's", "GET", "/connexion?reponse=AAAAAAAAAA", nil, ""},
	} {
		said, typed := b.see(t, c.method, c.target)
		if diff := cmp.Diff(c.said, said); diff != "" || typed != c.typed {
			t.Errorf("%s: the field holds %q; %s", c.why, typed, diff)
		}
	}
	// The tab's next form has its handle, and no second cookie.
	u, _ := url.Parse(first)
	again := b.send(t, url.Values{"reponse": {u.Query().Get("reponse")}, "identifiant": {strings.Repeat("x", 2000)}}, "address.too_long")
	if again != first || len(b.jar) != 2 {
		t.Errorf("%s, not %s; %d cookies", again, first, len(b.jar))
	}
	if said, typed := b.see(t, "GET", again); len(said) != 1 || typed != "" {
		t.Errorf("a text that no cookie holds: said %v, %q", said, typed)
	}
	now = now.Add(11 * time.Minute)
	if said, typed := b.see(t, "GET", second); said != nil || typed != "" {
		t.Errorf("later: %v, %q", said, typed)
	}
}
