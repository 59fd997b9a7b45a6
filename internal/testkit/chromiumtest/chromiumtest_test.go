package chromiumtest_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"efpconnect.example/internal/testkit/chromiumtest"
)

const strict = "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'"

const form = `<!doctype html><html lang="fr"><head><title>Essai</title><link rel="stylesheet" href="/look.css"><script src="/live.js" defer></script></head>
<body><main><h1>Mot de passe oublié</h1>
<form method="post" action="/sent"><label for="email">Adresse électronique <span>Format attendu : nom@domaine.fr</span></label>
<input id="email" name="email" required value="old"><p id="live">script absent</p>
<label><input type="checkbox" id="show" aria-label="Afficher le mot de passe"> Afficher</label>
<button>Continuer</button></form><p hidden>caché</p><a href="/other">Retour</a></main></body></html>`

// site is a page as ours are: a strict policy, a form, a redirection after the post, a script that is not needed.
func site(t *testing.T) *httptest.Server {
	mux := http.NewServeMux()
	page := func(path, policy, body string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Security-Policy", policy)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, body)
		})
	}
	page("/form", strict, form)
	page("/done", strict, `<!doctype html><html lang="fr"><title>Fait</title><main><h1>C’est fait</h1></main></html>`)
	page("/bad-for-axe", strict, `<!doctype html><html lang="fr"><title>x</title><main><h1>x</h1><form><input name="nameless"></form></main></html>`)
	page("/faint-in-the-dark", strict, `<!doctype html><html lang="fr"><title>x</title><link rel="stylesheet" href="/look.css"><main><h1>x</h1><p class="faint">pâle</p><input name="nameless"></main></html>`)
	page("/bad-for-csp", strict, `<!doctype html><html lang="fr"><title>x</title><main><h1 style="color:red">x</h1><script>document.title="ran"</script></main></html>`)
	page("/elsewhere", strict, `<!doctype html><html lang="fr"><title>x</title><main><form method="post" action="/away"><button>Partir</button></form></main></html>`)
	page("/wide", strict, `<!doctype html><html lang="fr"><title>x</title><link rel="stylesheet" href="/look.css"><main><h1 class="wide">x</h1></main></html>`)
	page("/twins", strict, `<!doctype html><html lang="fr"><title>x</title><main><button>Deux</button><button id="second">Deux</button><output></output></main></html>`)
	mux.HandleFunc("POST /sent", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "email", Value: r.FormValue("email")})
		http.Redirect(w, r, "/received", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /received", func(w http.ResponseWriter, r *http.Request) {
		cookie, _ := r.Cookie("email")
		w.WriteHeader(http.StatusUnprocessableEntity) // as a form comes back with its errors
		fmt.Fprintf(w, `<!doctype html><html lang="fr"><title>Reçu</title><p>Reçu : %s</p></html>`, html.EscapeString(cookie.Value))
	})
	mux.HandleFunc("GET /look.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		fmt.Fprint(w, `.wide{width:900px} .faint{color:#767676} @media (prefers-color-scheme:dark){body{background:#111;color:#eee}a{color:#8af}}`)
	})
	mux.HandleFunc("GET /live.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, `document.getElementById("live").textContent = "script actif"`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	mux.HandleFunc("POST /away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, strings.Replace(server.URL, "127.0.0.1", "localhost", 1)+"/done", http.StatusSeeOther)
	})
	return server
}

func TestJourney(t *testing.T) {
	for name, options := range map[string][]chromiumtest.Option{
		"script":            nil,
		"no script, narrow": {chromiumtest.WithoutJavaScript(), chromiumtest.Viewport(320, 640)},
	} {
		t.Run(name, func(t *testing.T) {
			server, b := site(t), chromiumtest.Start(t, options...)
			if status := b.Open(server.URL + "/form"); status != 200 || b.Title() != "Essai" {
				t.Fatalf("status %d, title %q", status, b.Title())
			}
			state := "script actif"
			if options != nil {
				state = "script absent"
			}
			b.See(state)
			if text := b.Text("body"); strings.Contains(text, "caché") {
				t.Errorf("text holds what is hidden: %q", text)
			}
			b.Fill("Adresse électronique", "claire@example.org")
			if got := b.Value("#email"); got != "claire@example.org" {
				t.Errorf("the field holds %q", got)
			}
			if got := b.Focused(); !strings.HasPrefix(got, `textbox "Adresse électronique`) || !strings.Contains(got, "required") {
				t.Errorf("focused: %s", got)
			}
			b.Press("Tab")
			if got := b.Focused(); got != `checkbox "Afficher le mot de passe" checked=false` {
				t.Errorf("focused after Tab: %s", got)
			}
			b.Press("Shift+Tab")
			if got := b.Focused(); !strings.HasPrefix(got, "textbox") {
				t.Errorf("focused after Shift+Tab: %s", got)
			}
			// Everything a test looks at must leave the page's policy in peace.
			if bad := b.Axe(); len(bad) != 0 {
				t.Errorf("axe: %v", bad)
			}
			if got := b.Overflowing(); got != nil {
				t.Errorf("overflowing: %v", got)
			}
			if got := b.Refused(); len(got) != 0 {
				t.Errorf("refused: %v", got)
			}
			if status := b.Submit("Continuer"); status != http.StatusUnprocessableEntity {
				t.Errorf("the form answered %d", status)
			}
			b.See("Reçu : claire@example.org")
			if want := server.URL + "/received"; b.URL() != want {
				t.Errorf("at %s, want %s", b.URL(), want)
			}
			b.Back()
			b.See("Mot de passe oublié")
		})
	}
}

// A kit that reports nothing makes every page look right: each judge is shown a page that is wrong.
func TestJudges(t *testing.T) {
	server, b := site(t), chromiumtest.Start(t, chromiumtest.Viewport(320, 640))

	b.Open(server.URL + "/bad-for-axe")
	bad := b.Axe()
	if len(bad) != 1 || bad[0].Rule != "label" || !strings.Contains(bad[0].String(), "nameless") {
		t.Errorf("axe on a field without a label: %v", bad)
	}

	// The second look at one visit, asked about colours alone.
	b.Open(server.URL + "/faint-in-the-dark")
	if bad = b.Axe("color-contrast"); len(bad) != 0 {
		t.Errorf("axe on contrasts in the light: %v", bad)
	}
	b.Look(chromiumtest.Dark())
	if bad = b.Axe("color-contrast"); len(bad) != 1 || bad[0].Rule != "color-contrast" {
		t.Errorf("axe on contrasts in the dark: %v", bad)
	}

	b.Forget()
	b.Open(server.URL + "/bad-for-csp")
	if got := strings.Join(b.Refused(), "\n"); !strings.Contains(got, "style-src") || !strings.Contains(got, "script-src") {
		t.Errorf("refused: %q", got)
	}
	if b.Title() == "ran" {
		t.Error("the policy was off")
	}

	b.Open(server.URL + "/wide")
	if got := b.Overflowing(); len(got) < 2 || !strings.Contains(got[1], "wide") {
		t.Errorf("overflowing: %q", got)
	}

	b.Forget()
	if status := b.Open(server.URL + "/nowhere"); status != http.StatusNotFound || len(b.Problems()) == 0 {
		t.Errorf("status %d, problems %v", status, b.Problems())
	}
}

// A form whose answer leads to another origin is refused by form-action, and the person stays where they were: only the
// browser's report tells.
func TestFormActionIsReported(t *testing.T) {
	for name, options := range map[string][]chromiumtest.Option{"script": nil, "no script": {chromiumtest.WithoutJavaScript()}} {
		t.Run(name, func(t *testing.T) {
			server, b := site(t), chromiumtest.Start(t, options...)
			b.Open(server.URL + "/elsewhere")
			b.Click("Partir")
			b.Within("the refusal is reported", func() bool {
				return strings.Contains(strings.Join(b.Refused(), "\n"), "form-action")
			})
			if want := server.URL + "/elsewhere"; b.URL() != want {
				t.Errorf("at %s, want %s", b.URL(), want)
			}
		})
	}
}

func TestLook(t *testing.T) {
	server, b := site(t), chromiumtest.Start(t, chromiumtest.Dark(), chromiumtest.ReducedMotion(), chromiumtest.ForcedColours())
	b.Open(server.URL + "/form")
	b.Until(`matchMedia("(prefers-color-scheme: dark)").matches && matchMedia("(prefers-reduced-motion: reduce)").matches`)
	b.Until(`matchMedia("(forced-colors: active)").matches`)
	b.Look(chromiumtest.Light(), chromiumtest.OwnColours(), chromiumtest.Viewport(320, 640))
	b.Until(`!matchMedia("(forced-colors: active)").matches && matchMedia("(prefers-color-scheme: light)").matches && innerWidth === 320`)
	t.Setenv(chromiumtest.Screenshots, "1")
	picture, err := os.ReadFile(b.Screenshot("chromiumtest/form"))
	if err != nil || !strings.HasPrefix(string(picture), "\x89PNG") {
		t.Errorf("screenshot: %v", err)
	}
}

func TestTree(t *testing.T) {
	server, b := site(t), chromiumtest.Start(t, chromiumtest.WithoutJavaScript())
	b.Open(server.URL + "/done")
	want := `RootWebArea "Fait"
  main
    heading "C’est fait" level=1
      StaticText "C’est fait"
`
	if diff := cmp.Diff(want, b.Tree()); diff != "" {
		t.Error(diff)
	}
}

func TestRequests(t *testing.T) {
	server, b := site(t), chromiumtest.Start(t)
	b.Open(server.URL + "/form")
	b.See("script actif")
	got := map[string]bool{}
	for _, request := range b.Requests() {
		got[strings.TrimPrefix(request.URL, server.URL)] = request.Bytes > 0
	}
	// Chromium also asks for /favicon.ico, at a time of its own.
	for _, path := range []string{"/form", "/look.css", "/live.js"} {
		if !got[path] {
			t.Errorf("%s is missing or weighs nothing: %v", path, got)
		}
	}
}

func TestSelectorsForTwins(t *testing.T) {
	server, b := site(t), chromiumtest.Start(t)
	b.Open(server.URL + "/twins")
	if b.Count("button") != 2 {
		t.Errorf("%d buttons", b.Count("button"))
	}
	b.Click("#second")
	if got := b.Focused(); got != `button "Deux"` {
		t.Errorf("focused: %s", got)
	}
}
