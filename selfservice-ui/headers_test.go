package ui_test

import (
	"cmp"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/store"
	ui "efpconnect.example/selfservice-ui"
)

// alone is the whole site with a Kratos that nobody listens for: what is asked here never gets that far.
func alone(t *testing.T, address string) http.Handler {
	t.Helper()
	set := settings.Defaults()
	set.PublicURL, set.KratosURL, set.Keys, set.HookKey = address, "http://127.0.0.1:1", []string{seal.NewKey()}, seal.NewKey()
	set.ReturnTo, set.SecurityContact = []string{"https://service.example.test"}, "mailto:security@example.test"
	set.AnswerAfter = time.Millisecond
	site, err := ui.New(set, ui.Parts{Store: store.NewMemory(100, time.Now), Spend: limit.Memory(100, time.Now), HoneypotOff: true,
		Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(site.Close)
	return site.Public
}

// ask is one request, as a browser on the site itself would send it unless told otherwise.
type ask struct {
	why, method, path, body string
	host, origin, session   string
	status                  int
	kept                    bool // an asset: browsers may keep it
}

var asks = []ask{
	{why: "a page", path: "/reinitialisation", status: 200},
	{why: "its head", method: "HEAD", path: "/reinitialisation", status: 200},
	{why: "a redirect", path: "/", status: 303},
	{why: "a redirect of a step", path: "/reinitialisation/code/renvoi", status: 303},
	{why: "a step without a flow", path: "/reinitialisation/code", status: 410},
	{why: "a forged link", path: "/reinitialisation/suite/abc", status: 404},
	{why: "no such page", path: "/nulle-part", status: 404},
	{why: "a path to clean", path: "/%2e%2e/connexion", status: 301},
	{why: "a method that the page has not", method: "PUT", path: "/connexion", status: 405},
	{why: "a method that nobody has", method: "BREW", path: "/connexion", status: 405},
	{why: "a form of another site", method: "POST", path: "/connexion", origin: "https://attacker.example.test", status: 403},
	{why: "a form of a page without origin", method: "POST", path: "/connexion", origin: "null", status: 403},
	{why: "a form that is too large", method: "POST", path: "/reinitialisation", body: "identifiant=" + strings.Repeat("a", 1<<20), status: 413},
	{why: "a form that cannot be read", method: "POST", path: "/reinitialisation", body: "%zz=%", status: 400},
	{why: "a form to mend", method: "POST", path: "/reinitialisation", body: "identifiant=", status: 422},
	{why: "another name of this machine", path: "/reinitialisation", host: "attacker.example.test", status: 421},
	{why: "kratos does not answer", path: "/services", session: likeKratoss, status: 503},
	{why: "an asset", path: "STATIC/css/site.css", status: 200, kept: true},
	{why: "its head", method: "HEAD", path: "STATIC/css/site.css", status: 200, kept: true},
	{why: "no such asset", path: "STATIC/css/none.css", status: 404},
	{why: "an asset's path to clean", path: "STATIC//css/site.css", status: 301},
	{why: "a method that assets have not", method: "PUT", path: "STATIC/css/site.css", status: 405},
	{why: "robots.txt", path: "/robots.txt", status: 200},
	{why: "security.txt", path: "/.well-known/security.txt", status: 200},
}

// What protects a person must be on each kind of answer: an error page without the policy is where markup gets in.
func TestHeadersOnEveryAnswer(t *testing.T) {
	for _, address := range []string{"https://efpconnect.example.test", "http://127.0.0.1:4455"} {
		site := alone(t, address)
		static := staticPath(t, site, address)
		for _, a := range asks {
			a.path = strings.Replace(a.path, "STATIC", static, 1)
			w := a.send(site, address)
			if w.Code != a.status {
				t.Errorf("%s %s: status %d, want %d", address, a.why, w.Code, a.status)
			}
			for name, want := range wanted(address, a.kept) {
				got := strings.Join(w.Header().Values(name), " + ")
				if !regexp.MustCompile("^" + want + "$").MatchString(got) {
					t.Errorf("%s %s: %s is %q", address, a.why, name, got)
				}
			}
			if policy := w.Header().Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
				t.Errorf("%s %s: policy %s", address, a.why, policy)
			}
			if a.method == "HEAD" && w.Body.Len() > 0 {
				t.Errorf("%s %s: a body", address, a.why)
			}
		}
	}
}

// wanted are the headers, as patterns; an empty one must not be there.
func wanted(address string, kept bool) map[string]string {
	headers := map[string]string{
		"Content-Security-Policy": `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; ` +
			`connect-src 'self'; media-src 'self'; worker-src 'self'; manifest-src 'self'; ` +
			`form-action 'self' https://service\.example\.test; base-uri 'none'; frame-ancestors 'none'`,
		"X-Content-Type-Options":       `nosniff`,
		"Referrer-Policy":              `same-origin`, // no-referrer makes browsers send Origin: null
		"Cross-Origin-Opener-Policy":   `same-origin`,
		"Cross-Origin-Resource-Policy": `same-origin`,
		"Permissions-Policy":           `camera=\(\), geolocation=\(\), microphone=\(\).*`,
		"X-Frame-Options":              `DENY`,
		"X-Request-Id":                 `[A-Z2-7]{16}`,
		"Cache-Control":                `no-store`,
		"Server":                       ``,
		"Access-Control-Allow-Origin":  ``,
		"Strict-Transport-Security":    ``, // on http it means nothing, and a demo must not bind a machine's name for years
	}
	if kept {
		headers["Cache-Control"] = `public, max-age=31536000, immutable`
	}
	if strings.HasPrefix(address, "https:") {
		headers["Strict-Transport-Security"] = `max-age=63072000; includeSubDomains`
	}
	return headers
}

func (a ask) send(site http.Handler, address string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(cmp.Or(a.method, "GET"), address+a.path, strings.NewReader(a.body))
	r.Host = cmp.Or(a.host, r.Host)
	if r.Method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", cmp.Or(a.origin, address))
	}
	if a.session != "" {
		r.AddCookie(&http.Cookie{Name: "ory_kratos_session", Value: a.session})
	}
	w := httptest.NewRecorder()
	site.ServeHTTP(w, r)
	return w
}

// staticPath is where today's assets live, as a page names it.
func staticPath(t *testing.T, site http.Handler, address string) string {
	t.Helper()
	page := ask{path: "/reinitialisation"}.send(site, address).Body.String()
	found := regexp.MustCompile(`"(/static/[0-9a-f]+)/css/site\.css"`).FindStringSubmatch(page)
	if found == nil {
		t.Fatal("the page names no style sheet")
	}
	return found[1]
}

// On https a cookie is bound to this very host and never sent in the clear; on http browsers would refuse such a name.
func TestCookiesOfThePages(t *testing.T) {
	for address, want := range map[string]string{
		"https://efpconnect.example.test": `^__Host-efp_visite=[^;]+; Path=/; HttpOnly; Secure; SameSite=Lax$`,
		"http://127.0.0.1:4455":           `^efp_visite=[^;]+; Path=/; HttpOnly; SameSite=Lax$`,
	} {
		w := ask{path: "/reinitialisation"}.send(alone(t, address), address)
		if got := w.Header().Values("Set-Cookie"); len(got) != 1 || !regexp.MustCompile(want).MatchString(got[0]) {
			t.Errorf("%s: %q", address, got)
		}
	}
}

// likeKratoss is a session cookie that could be Kratos's: what could not be is not sent on to it.
var likeKratoss = base64.URLEncoding.EncodeToString([]byte("1764500000|" + strings.Repeat("x", 60)))
