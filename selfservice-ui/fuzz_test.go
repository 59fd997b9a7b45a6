package ui_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"

	"efpconnect.example/internal/testkit/sitetest"
)

// FuzzHandlers sends the site, with a real Kratos behind it, what nobody should. Its seeds are the list of bad inputs, each with
// the status and the sentence it must get; of whatever else is sent must hold what judge says.
//
//	go test ./selfservice-ui -run '^$' -fuzz FuzzHandlers -fuzztime 2m -parallel 2
func FuzzHandlers(f *testing.F) {
	s := newStage(f)
	seeds := map[attempt]int{}
	for i, bad := range badInput {
		seeds[bad.attempt] = i
		f.Add(bad.method, bad.path, bad.body, bad.cookie, bad.header)
	}
	for _, good := range goodInput {
		f.Add(good.method, good.path, good.body, good.cookie, good.header)
	}
	client := &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	watch := watcher{log: s.Log}
	f.Fuzz(func(t *testing.T, method, path, body, cookie, header string) {
		a := attempt{method, path, body, cookie, header}
		secret := "s" + rand.Text()[:15]
		r, ok := s.request(a, secret)
		if !ok {
			return
		}
		response, err := client.Do(r)
		if err != nil {
			return // the client's own refusal, of a header for instance
		}
		if to := saidOn(response); to != "" {
			response = goOn(t, client, r, response, to)
		}
		defer response.Body.Close()
		page, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		got := reply{request: r, status: response.StatusCode, header: response.Header, page: string(page), cookies: response.Cookies()}
		for _, fault := range slices.Concat(got.faults(secret), watch.faults(secret)) {
			t.Errorf("%s\n%s %s\n%.500q\n%d %.1000s", fault, method, path, body, got.status, text(got.page))
		}
		if i, isSeed := seeds[a]; isSeed {
			bad := badInput[i]
			if got.status != bad.status || !strings.Contains(text(got.page), bad.says) {
				t.Errorf("%s: %d, want %d and %q\n%s", bad.why, got.status, bad.status, bad.says, text(got.page))
			}
		}
	})
}

// goOn asks for the page that an answer leads to, with the cookies that the answer brought.
func goOn(t *testing.T, client *http.Client, r *http.Request, answer *http.Response, to string) *http.Response {
	t.Helper()
	defer answer.Body.Close()
	u := *r.URL
	next, err := http.NewRequest(http.MethodGet, u.Scheme+"://"+u.Host+to, nil)
	if err != nil {
		t.Fatal(err)
	}
	next.Host = r.Host
	for _, c := range append(r.Cookies(), answer.Cookies()...) {
		next.AddCookie(c)
	}
	response, err := client.Do(next)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// reply is one answer of the site.
type reply struct {
	request *http.Request
	status  int
	header  http.Header
	page    string
	cookies []*http.Cookie
}

// designed are the statuses that the site has a page or a purpose for. 503 is Kratos too busy for its time limit.
var designed = []int{200, 301, 303, 400, 403, 404, 405, 409, 410, 413, 421, 422, 429, 503}

// faults is what is wrong with the answer, whatever was sent.
func (r reply) faults(secret string) (faults []string) {
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if r.header.Get("X-Request-Id") == "" {
		// Go's own server takes no request of that kind: it never came to us.
		if r.status != http.StatusBadRequest && r.status != http.StatusRequestHeaderFieldsTooLarge {
			add("an answer without a request id")
		}
		return faults
	}
	if !slices.Contains(designed, r.status) {
		add("status %d is none of the designed", r.status)
	}
	static := strings.HasPrefix(r.request.URL.Path, "/static/")
	for name, want := range wanted("http:", static) {
		if got := strings.Join(r.header.Values(name), " + "); !regexp.MustCompile("^" + want + "$").MatchString(got) {
			add("%s is %q", name, got)
		}
	}
	for _, c := range r.cookies {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" {
			add("cookie %s", c.Raw)
		}
	}
	if to := r.header.Get("Location"); to != "" && !regexp.MustCompile(`^(/([^/\\].*)?|https://service\.example\.test(/.*)?)$`).MatchString(to) {
		add("leads to %q", to)
	}
	kind := r.header.Get("Content-Type")
	switch {
	case r.request.Method == http.MethodHead, r.status == http.StatusMovedPermanently, r.status == http.StatusSeeOther, static, r.status == http.StatusMisdirectedRequest:
	case r.status == http.StatusOK && !strings.HasPrefix(kind, "text/html"):
		if !slices.Contains([]string{"text/plain; charset=utf-8", "application/json", "image/png", "audio/wav"}, kind) {
			add("a page of type %q", kind)
		}
	default:
		faults = append(faults, r.pageFaults(secret)...)
	}
	return faults
}

// local is where a page of ours may lead to, besides the addresses of the settings.
var local = regexp.MustCompile(`^(/([^/\\].*)?|#.*|https://(assistance|formation|service)\.example\.test/.*|https://(info|service-public|legifrance|data)\.gouv\.fr|https://github\.com/etalab/licence-ouverte/.*)$`)

// pageFaults is what is wrong with a page: it is in French, leads on, and brings back what was typed, no secret among it.
func (r reply) pageFaults(secret string) (faults []string) {
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if got := r.header.Get("Content-Type") + " " + r.header.Get("Content-Language"); got != "text/html; charset=utf-8 fr" {
		add("a page of type %s", got)
	}
	document, err := html.Parse(strings.NewReader(r.page))
	if err != nil {
		add("no HTML: %v", err)
	}
	ways, headings := 0, 0
	for n := range document.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		inMain := within(n, "main")
		switch {
		case n.Data == "html" && attribute(n, "lang") != "fr":
			add("in the language %q", attribute(n, "lang"))
		case n.Data == "h1" && inMain:
			headings++
		case inMain && (n.Data == "a" && !strings.HasPrefix(attribute(n, "href"), "#") || n.Data == "button" && attribute(n, "type") != "button"):
			ways++
		}
		for _, name := range []string{"href", "src", "action"} {
			if to := attribute(n, name); to != "" && !local.MatchString(to) {
				add("leads to %q", to)
			}
		}
	}
	if ways == 0 || headings != 1 {
		add("%d ways on, %d headings", ways, headings)
	}
	for _, found := range markup(r.page) {
		add("%s", found)
	}
	for _, trace := range []string{"goroutine ", ".go:", "panic", "kratos unavailable"} {
		if strings.Contains(r.page, trace) {
			add("the page shows %q", trace)
		}
	}
	return append(faults, r.typedFaults(document, secret)...)
}

// typedFaults: a page to mend holds the identifier as it was typed, and no page what is secret.
func (r reply) typedFaults(document *html.Node, secret string) (faults []string) {
	form := r.form()
	elsewhere := r.request.URL.String() // what is no secret may be shown
	for field, values := range form {
		if !slices.Contains([]string{"mot-de-passe", "confirmation", "code-de-securite"}, field) {
			elsewhere += strings.Join(values, " ")
		}
	}
	if strings.Contains(r.page, secret) && !strings.Contains(elsewhere, secret) {
		faults = append(faults, "the page shows a secret")
	}
	typed := strings.TrimSpace(form.Get("identifiant"))
	plain := len(typed) <= 1024 && utf8.ValidString(typed) && !strings.ContainsAny(typed, "\x00\r\n")
	if r.status != http.StatusUnprocessableEntity || !plain || !slices.Contains([]string{"/reinitialisation", "/connexion"}, r.request.URL.Path) {
		return faults
	}
	for n := range document.Descendants() {
		if n.Data == "input" && attribute(n, "name") == "identifiant" && attribute(n, "value") != typed {
			faults = append(faults, fmt.Sprintf("what was typed is lost: %q holds %q", typed, attribute(n, "value")))
		}
	}
	return faults
}

// form is what the site has read of the body.
func (r reply) form() url.Values {
	body, err := r.request.GetBody()
	if err != nil || r.request.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		return nil
	}
	raw, _ := io.ReadAll(body)
	form, _ := url.ParseQuery(string(raw))
	return form
}

func within(n *html.Node, element string) bool {
	for ; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && n.Data == element {
			return true
		}
	}
	return false
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text is what a page says, spaces of any kind as one.
func text(page string) string {
	document, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return ""
	}
	var b strings.Builder
	for n := range document.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// watcher reads the site's log as it grows. An entry may come a moment after its answer, so it looks for the last secrets.
type watcher struct {
	log     *sitetest.Log
	read    int
	secrets []string
}

func (w *watcher) faults(secret string) (faults []string) {
	w.secrets = append(w.secrets, secret)
	w.secrets = w.secrets[max(0, len(w.secrets)-5):]
	fresh := w.log.Since(w.read)
	w.read += len(fresh)
	secrets := map[string]string{}
	for _, one := range w.secrets {
		secrets[one] = "input"
	}
	for _, f := range sitetest.Search([]byte(fresh), secrets, sitetest.Reading{}) {
		faults = append(faults, "the log holds what was sent ("+f.Encoding+"): "+f.Line)
	}
	for line := range strings.Lines(fresh) {
		var entry struct{ Level, Msg, Cause string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			faults = append(faults, "no entry: "+line)
		}
		if entry.Level == "ERROR" && !strings.HasPrefix(entry.Cause, "kratos unavailable") {
			faults = append(faults, "an error: "+line)
		}
	}
	return faults
}
