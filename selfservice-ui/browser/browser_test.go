package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"efpconnect.example/selfservice-ui/page"
)

const host = "efpconnect.example.test"

// renderer reads and compresses the assets once for all tests.
var renderer = sync.OnceValues(func() (*page.Renderer, error) {
	return page.NewRenderer(page.Site{Ministry: []string{"Ministère"}, Service: "EFP Connect", Assistance: "https://assistance.example.test/"})
})

// site is a guard around one handler at /suite/{link}, and its log.
func site(t *testing.T, h page.Handler, change ...func(*Guard)) (http.Handler, *bytes.Buffer) {
	t.Helper()
	pages, err := renderer()
	if err != nil {
		t.Fatal(err)
	}
	out := &bytes.Buffer{}
	log := slog.New(LogHandler{Handler: slog.NewJSONHandler(out, nil)})
	g := &Guard{PublicURL: &url.URL{Scheme: "https", Host: host}, Timeout: time.Minute, MaxBody: 100, Languages: []string{"fr"}, Log: log,
		Errors: &page.ErrorHandler{Pages: pages, Log: log}}
	for _, one := range change {
		one(g)
	}
	routes := mux.NewRouter()
	routes.Use(NoteRoute)
	routes.Handle("/suite/{link}", g.Errors.Handle(h))
	return g.Wrap(routes), out
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "https://"+host+path, nil))
	return w
}

func ok(w http.ResponseWriter, _ *http.Request) error {
	_, err := io.WriteString(w, "fine")
	return err
}

// entries are the log's lines.
func entries(t *testing.T, log *bytes.Buffer) (lines []map[string]any) {
	t.Helper()
	for line := range bytes.Lines(log.Bytes()) {
		entry := map[string]any{}
		if err := json.Unmarshal(line, &entry); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, entry)
	}
	return lines
}

// The mail's link is in the path: who reads the log must not be able to follow it.
func TestOneLineARequestWithTheRouteNeverThePath(t *testing.T) {
	for _, c := range []struct {
		why, method, path string
		wantMethod, route string
		status            float64
	}{
		{"a link of a mail", "GET", "/suite/sealed-secret?return_to=secret", "GET", "/suite/{link}", 200},
		{"an address that nobody knows", "GET", "/secret", "GET", "none", 404},
		{"a method that a client invents", "SECRET", "/suite/secret", "other", "/suite/{link}", 200},
	} {
		h, log := site(t, ok)
		r := httptest.NewRequest(c.method, "https://"+host+c.path, nil)
		r.Header.Set("User-Agent", "secret")
		r.Header.Set("Cookie", "a=secret")
		r.Header.Set("Referer", "https://"+host+"/suite/secret")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		lines := entries(t, log)
		last := lines[len(lines)-1]
		if len(lines) != 1 || last["msg"] != "request" || last["method"] != c.wantMethod || last["route"] != c.route || last["status"] != c.status {
			t.Errorf("%s: %v", c.why, lines)
		}
		if last["request"] != w.Header().Get("X-Request-Id") || len(w.Header().Get("X-Request-Id")) != 16 {
			t.Errorf("%s: the line's id is %v, the answer's %q", c.why, last["request"], w.Header().Get("X-Request-Id"))
		}
		if strings.Contains(log.String(), "secret") || strings.Contains(log.String(), "SECRET") {
			t.Errorf("%s: the log tells of the request: %s", c.why, log)
		}
	}
}

func TestRequestIDsDiffer(t *testing.T) {
	h, _ := site(t, ok)
	if a, b := get(h, "/suite/x").Header().Get("X-Request-Id"), get(h, "/suite/x").Header().Get("X-Request-Id"); a == b {
		t.Errorf("twice %q", a)
	}
	r := httptest.NewRequest(http.MethodGet, "https://"+host+"/suite/x", nil)
	r.Header.Set("X-Request-Id", "forged")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if got := w.Header().Get("X-Request-Id"); got == "forged" {
		t.Error("a client names its own requests in our log")
	}
}

// Every entry of a request carries its id, those with attributes and groups included.
func TestLogHandlerKeepsTheID(t *testing.T) {
	h, log := site(t, func(w http.ResponseWriter, r *http.Request) error { return errors.New("fault") })
	w := get(h, "/suite/x")
	for _, entry := range entries(t, log) {
		if entry["request"] != w.Header().Get("X-Request-Id") {
			t.Errorf("%v", entry)
		}
	}
	out := &bytes.Buffer{}
	wrapped := slog.New(LogHandler{Handler: slog.NewJSONHandler(out, nil)}).With("a", 1).WithGroup("g")
	ctx := context.WithValue(t.Context(), requestKey{}, &request{id: "ID"})
	wrapped.InfoContext(ctx, "x")
	wrapped.Info("without a request")
	if got := entries(t, out)[0]; got["a"] != 1.0 || got["g"].(map[string]any)["request"] != "ID" {
		t.Errorf("%v", got)
	}
}

// A fault of ours in one page must neither end the process nor show its inside.
func TestAPanicIsTheOrdinaryErrorPage(t *testing.T) {
	h, log := site(t, func(http.ResponseWriter, *http.Request) error { panic("password=secret") })
	w := get(h, "/suite/x")
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "Le service a rencontré une difficulté") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w.Header().Get("Content-Security-Policy") == "" {
		t.Error("the error page has no policy")
	}
	if text := log.String(); strings.Contains(text, "secret") || !strings.Contains(text, "browser_test.go") || !strings.Contains(text, `"status":500`) {
		t.Errorf("not the stack without the value: %s", text)
	}
}

// net/http's own way to drop a connection is not a fault.
func TestAbortIsNotLoggedAsAFault(t *testing.T) {
	h, log := site(t, func(http.ResponseWriter, *http.Request) error { panic(http.ErrAbortHandler) })
	get(h, "/suite/x")
	if strings.Contains(log.String(), "ERROR") {
		t.Errorf("%s", log)
	}
}

// A browser that leaves is told nothing: its request is no success, and no fault of ours.
func TestABrowserThatLeaves(t *testing.T) {
	for _, c := range []struct {
		why  string
		h    func(leave func()) page.Handler
		want int
	}{
		{"before the answer", func(leave func()) page.Handler {
			return func(_ http.ResponseWriter, r *http.Request) error { leave(); return r.Context().Err() }
		}, 499},
		{"during the answer", func(leave func()) page.Handler {
			return func(w http.ResponseWriter, r *http.Request) error { defer leave(); return ok(w, r) }
		}, 200},
		{"after a refusal", func(leave func()) page.Handler {
			return func(w http.ResponseWriter, _ *http.Request) error { w.WriteHeader(422); leave(); return nil }
		}, 422},
		{"not at all, and nothing is said to it", func(func()) page.Handler {
			return func(http.ResponseWriter, *http.Request) error { return nil }
		}, 200},
	} {
		ctx, leave := context.WithCancel(t.Context())
		var observed int
		h, log := site(t, c.h(leave), func(g *Guard) {
			g.Observe = func(_ string, status int, _ time.Duration) { observed = status }
		})
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "https://"+host+"/suite/x", nil).WithContext(ctx))
		leave()
		if lines := entries(t, log); len(lines) != 1 || lines[0]["status"] != float64(c.want) || observed != c.want {
			t.Errorf("%s: counted as %d, logged as %s", c.why, observed, log)
		}
	}
}

// A page that waits for somebody who does not answer is told so in time, and so is everything it called.
func TestARequestThatTakesTooLong(t *testing.T) {
	var cause error
	slow := func(_ http.ResponseWriter, r *http.Request) error {
		<-r.Context().Done() // what every call of a handler does
		cause = context.Cause(r.Context())
		return r.Context().Err()
	}
	h, _ := site(t, slow, func(g *Guard) { g.Timeout = time.Nanosecond })
	w := get(h, "/suite/x")
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	if !errors.Is(cause, errSlow) {
		t.Errorf("cause %v", cause)
	}
}

func TestBodyIsBounded(t *testing.T) {
	h, _ := site(t, func(w http.ResponseWriter, r *http.Request) error {
		if err := r.ParseForm(); err != nil {
			return page.BadForm(err)
		}
		return ok(w, r)
	})
	for length, want := range map[int]int{100: 200, 101: 413} {
		r := httptest.NewRequest(http.MethodPost, "https://"+host+"/suite/x", strings.NewReader("a="+strings.Repeat("b", length-2)))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%d bytes: %d, want %d", length, w.Code, want)
		}
	}
}

// Only a browser sends these headers by itself; which pages may make it do so is the whole defence against forged forms.
func TestWhoMayPost(t *testing.T) {
	for _, c := range []struct {
		why    string
		header []string
		want   int
	}{
		{"our own page", []string{"Sec-Fetch-Site", "same-origin", "Origin", "https://" + host}, 200},
		{"our own page in an old browser", []string{"Origin", "https://" + host}, 200},
		{"typed into the address bar", []string{"Sec-Fetch-Site", "none"}, 200},
		{"a program, which has nobody's cookies", nil, 200},
		{"another site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://attacker.example.test"}, 403},
		{"a neighbour on the same domain", []string{"Sec-Fetch-Site", "same-site", "Origin", "https://other.example.test"}, 403},
		{"another site in an old browser", []string{"Origin", "https://attacker.example.test"}, 403},
		{"a page that hides where it is from", []string{"Origin", "null"}, 403},
		{"another port", []string{"Origin", "https://" + host + ":8443"}, 403},
	} {
		h, _ := site(t, ok)
		r := httptest.NewRequest(http.MethodPost, "https://"+host+"/suite/x", nil)
		for i := 0; i+1 < len(c.header); i += 2 {
			r.Header.Set(c.header[i], c.header[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: %d, want %d", c.why, w.Code, c.want)
		}
		if said := strings.Contains(w.Body.String(), "Ce formulaire a été envoyé depuis un autre site"); said != (c.want == 403) {
			t.Errorf("%s: the refusal's page: %v", c.why, said)
		}
	}
}

// A page that anybody visits can make their browser fetch ours without end; it must spend nothing of what their address may do.
func TestWhoMayFetch(t *testing.T) {
	const cross, same = "cross-site", "same-site"
	for _, c := range []struct {
		why, path                 string
		site, mode, dest, purpose string
		want                      int
	}{
		{"a link of another site", "/suite/x", cross, "navigate", "document", "", 200},
		{"a link of a neighbour on the same domain", "/suite/x", same, "navigate", "document", "", 200},
		{"a link, in a browser that does not say for what", "/suite/x", cross, "navigate", "", "", 200},
		{"a frame, in such a browser", "/suite/x", cross, "nested-navigate", "", "", 403},
		{"a picture, in such a browser", "/suite/x", cross, "no-cors", "", "", 403},
		{"the mail's link, or the address bar", "/suite/x", "none", "navigate", "document", "", 200},
		{"our own picture", "/suite/x", "same-origin", "no-cors", "image", "", 200},
		{"our own script", "/suite/x", "same-origin", "cors", "empty", "", 200},
		{"a browser without these headers", "/suite/x", "", "", "", "", 200},
		{"a picture of another site", "/suite/x", cross, "no-cors", "image", "", 403},
		{"a picture of a neighbour", "/suite/x", same, "no-cors", "image", "", 403},
		{"a script of another site", "/suite/x", cross, "cors", "empty", "", 403},
		{"a frame of another site", "/suite/x", cross, "navigate", "iframe", "", 403},
		{"an object of another site", "/suite/x", cross, "navigate", "object", "", 403},
		{"a page that another site has fetched ahead", "/suite/x", cross, "navigate", "document", "prefetch;anonymous-client-ip", 403},
		{"an address that nobody knows", "/none", cross, "no-cors", "image", "", 403},
		{"an asset", "/static/x", cross, "no-cors", "image", "", 404}, // of the router: it came through
		{"what programs look for", "/.well-known/x", cross, "cors", "empty", "", 404},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			h, log := site(t, ok)
			r := httptest.NewRequest(method, "https://"+host+c.path, nil)
			for name, value := range map[string]string{"Sec-Fetch-Site": c.site, "Sec-Fetch-Mode": c.mode, "Sec-Fetch-Dest": c.dest, "Sec-Purpose": c.purpose} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != c.want {
				t.Errorf("%s %s: %d, want %d", method, c.why, w.Code, c.want)
			}
			said := w.Body.String() == notVisited && w.Header().Get("Content-Type") == "text/plain; charset=utf-8" && w.Header().Get("Cache-Control") == "no-store"
			if said != (c.want == 403) {
				t.Errorf("%s %s: says %q", method, c.why, w.Body)
			}
			if lines := entries(t, log); len(lines) != 1 || lines[0]["level"] != "INFO" {
				t.Errorf("%s %s: %s", method, c.why, log)
			}
		}
	}
}

// Whoever can make this machine answer under another name (DNS rebinding) must not get a page of ours.
func TestOnlyItsOwnNameIsAnswered(t *testing.T) {
	for name, want := range map[string]int{
		host: 200, "127.0.0.1": 421, "attacker.example.test": 421, "": 421,
	} {
		h, _ := site(t, ok)
		r := httptest.NewRequest(http.MethodGet, "https://"+host+"/suite/x", nil)
		r.Host = name
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%q: %d, want %d", name, w.Code, want)
		}
	}
}

func TestMethodsOfTheLog(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"} {
		if methodName(method) != method {
			t.Errorf("%s is logged as %s", method, methodName(method))
		}
	}
	if got := methodName("get"); got != "other" {
		t.Errorf("get is logged as %s", got)
	}
}
