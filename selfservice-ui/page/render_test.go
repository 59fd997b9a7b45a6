package page

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func renderer(t testing.TB, pages ...fs.FS) *Renderer {
	t.Helper()
	r, err := NewRenderer(Site{Ministry: []string{"Ministère"}, Service: "EFP Connect", Assistance: "https://assistance.example.test/"}, pages...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// errAway stands for the errors that the server names as passing by themselves.
var errAway = errors.New("away")

func errorHandler(r *Renderer) (*ErrorHandler, *bytes.Buffer) {
	log := &bytes.Buffer{}
	return &ErrorHandler{
		Pages:       r,
		Log:         slog.New(slog.NewTextHandler(log, nil)),
		Unavailable: []error{errAway},
	}, log
}

func answer(h http.Handler, method string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, "/", nil))
	return w
}

// Half a page with status 200 is worse than none: the person sees a form without its button.
func TestATemplateThatFailsLeavesNoHalfPage(t *testing.T) {
	broken := fstest.MapFS{"broken.html": {Data: []byte(`{{define "main"}}<p>the first half</p>{{.View.Nothing}}{{end}}`)}}
	r := renderer(t, broken)
	d, log := errorHandler(r)
	w := answer(d.Handle(func(w http.ResponseWriter, req *http.Request) error {
		return r.Write(w, req, Page{Template: "broken", Heading: "reset.heading", View: struct{}{}})
	}), http.MethodGet)
	if w.Code != http.StatusInternalServerError {
		t.Errorf("status %d", w.Code)
	}
	if body := w.Body.String(); strings.Contains(body, "the first half") || !strings.Contains(body, "Le service a rencontré une difficulté") ||
		!strings.HasSuffix(strings.TrimSpace(body), "</html>") || strings.Count(body, "<html") != 1 {
		t.Errorf("not the error page alone:\n%s", body)
	}
	if !strings.Contains(log.String(), "broken") {
		t.Errorf("the log does not tell which template: %s", log)
	}
}

func TestLastResort(t *testing.T) {
	r := renderer(t, fstest.MapFS{"message.html": {Data: []byte(`{{define "main"}}half{{.View.Nothing}}{{end}}`)}})
	d, log := errorHandler(r)
	w := answer(d.Handle(func(http.ResponseWriter, *http.Request) error { return errors.New("cause") }), http.MethodGet)
	if w.Code != http.StatusInternalServerError || strings.TrimSpace(w.Body.String()) != lastResort {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "the error page itself failed") {
		t.Errorf("log: %s", log)
	}
}

func TestAPageThatDoesNotParseStopsTheProgram(t *testing.T) {
	_, err := NewRenderer(Site{}, fstest.MapFS{"typo.html": {Data: []byte(`{{define "main"}}{{.View.}}{{end}}`)}})
	if err == nil || !strings.Contains(err.Error(), "typo.html") {
		t.Errorf("error %v", err)
	}
}

func TestAPageWithoutTemplateIsAnError(t *testing.T) {
	w := httptest.NewRecorder()
	err := renderer(t).Write(w, httptest.NewRequest(http.MethodGet, "/", nil), Page{Template: "none"})
	if err == nil || w.Body.Len() > 0 || len(w.Header()) > 0 {
		t.Errorf("error %v, answer %q", err, w.Body)
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	r := renderer(t)
	d, _ := errorHandler(r)
	h := d.Handle(func(http.ResponseWriter, *http.Request) error { return errors.New("cause") })
	get, head := answer(h, http.MethodGet), answer(h, http.MethodHead)
	if head.Body.Len() != 0 || head.Code != get.Code || head.Header().Get("Content-Length") != strconv.Itoa(get.Body.Len()) {
		t.Errorf("HEAD: %d, %d bytes, Content-Length %s; GET has %d", head.Code, head.Body.Len(), head.Header().Get("Content-Length"), get.Body.Len())
	}
}

// What an error becomes; its cause is for the log alone.
func TestFaultsAndTheirPages(t *testing.T) {
	const secret = "what only the log may say"
	pages := renderer(t)
	for _, c := range []struct {
		why    string
		err    error
		status int
		says   string
		retry  string
	}{
		{"what nobody foresaw", errors.New(secret), 500, "error.unexpected", ""},
		{"what the server names as passing by itself", fmt.Errorf("%s: %w", secret, errAway), 503, "error.unavailable", "10"},
		{"what says so itself", fmt.Errorf("%s: %w", secret, ErrUnavailable), 503, "error.unavailable", "10"},
		{"the request's time was over", fmt.Errorf("%s: %w", secret, context.DeadlineExceeded), 503, "error.unavailable", "10"},
		{"more than a form may have", fmt.Errorf("%s: %w", secret, &http.MaxBytesError{Limit: 1}), 413, "error.too_large", ""},
		{"no form at all", BadForm(errors.New(secret)), 400, "error.bad_form", ""},
		{"a form too large stays one", BadForm(&http.MaxBytesError{Limit: 1}), 413, "error.too_large", ""},
		{"a page of its own, from any depth", fmt.Errorf("deep: %w", &Message{Status: 410, Heading: "error.heading", Text: "error.bad_form", Cause: errors.New(secret)}), 410, "error.bad_form", ""},
		{"a wait told to programs, in seconds", &Message{Status: 429, Heading: "error.heading", Text: "error.bad_form", RetryAfter: 89*time.Second + time.Millisecond, Cause: errors.New(secret)}, 429, "error.bad_form", "90"},
	} {
		t.Run(c.why, func(t *testing.T) {
			d, log := errorHandler(pages)
			w := answer(d.Handle(func(http.ResponseWriter, *http.Request) error { return c.err }), http.MethodGet)
			if w.Code != c.status || !strings.Contains(w.Body.String(), words(t, "fr")[c.says]) || w.Header().Get("Retry-After") != c.retry {
				t.Errorf("%d, Retry-After %q:\n%s", w.Code, w.Header().Get("Retry-After"), w.Body)
			}
			if strings.Contains(w.Body.String(), secret) {
				t.Error("the page tells the cause")
			}
			if level := "level=ERROR"; strings.Contains(log.String(), level) != (c.status >= 500) {
				t.Errorf("logged at the wrong level: %s", log)
			}
		})
	}
}

// Two buttons that lead to one page make people wonder what the difference is; and who logs in is not offered a new code.
func TestNoTwoButtonsToOnePage(t *testing.T) {
	d, _ := errorHandler(renderer(t))
	for path, ways := range map[string][]string{
		"/connexion":             {"/connexion"},
		"/connexion/suite":       {"/connexion/suite", "/connexion"},
		"/reinitialisation":      {"/reinitialisation", "/connexion"},
		"/reinitialisation/code": {"/reinitialisation/code", "/connexion", "/reinitialisation"},
	} {
		for range 2 { // what one page leaves out, the next still has
			w := httptest.NewRecorder()
			w.Header().Set("X-Request-Id", "K7Q2M4XWBD5TR3HA")
			d.Fail(w, httptest.NewRequest(http.MethodPost, path, nil), errAway)
			_, main, _ := strings.Cut(w.Body.String(), "<main")
			main, _, _ = strings.Cut(main, "</main>")
			var got []string
			for _, button := range regexp.MustCompile(`class="fr-btn[^"]*" href="([^"]*)"`).FindAllStringSubmatch(main, -1) {
				got = append(got, button[1])
			}
			if diff := cmp.Diff(ways, got); diff != "" {
				t.Errorf("at %s: %s", path, diff)
			}
			if !strings.Contains(main, "Erreur 503") || !strings.Contains(main, "<strong>K7Q2M4XWBD5TR3HA</strong>") {
				t.Errorf("at %s, without its number or the incident's: %s", path, main)
			}
		}
	}
}

// Where a flow stands is no incident: nobody is to report that a password was changed already.
func TestNoIncidentWhereNothingWentWrong(t *testing.T) {
	for status, failed := range map[int]bool{200: false, 409: false, 410: false, 404: true, 429: true, 500: true} {
		d, _ := errorHandler(renderer(t))
		w := httptest.NewRecorder()
		w.Header().Set("X-Request-Id", "K7Q2M4XWBD5TR3HA")
		d.Fail(w, httptest.NewRequest(http.MethodGet, "/reinitialisation", nil), &Message{Status: status, Heading: "error.heading", Text: "error.bad_form"})
		if strings.Contains(w.Body.String(), "K7Q2M4XWBD5TR3HA") != failed {
			t.Errorf("%d: %s", status, w.Body)
		}
	}
}

// What is wrong with a body is named in the log, not quoted: Go's own errors hold a piece of it, or the client's address.
func TestABadFormIsNotQuoted(t *testing.T) {
	cut := &net.OpError{Op: "read", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(203, 0, 113, 7), Port: 4711}, Err: errors.New("reset")}
	for err, want := range map[error]string{
		url.EscapeError("%5c"):                      "is no form",
		errors.New("invalid semicolon separator"):   "is no form",
		fmt.Errorf("body: %w", cut):                 "did not come to its end",
		fmt.Errorf("body: %w", io.ErrUnexpectedEOF): "did not come to its end",
	} {
		d, log := errorHandler(renderer(t))
		w := answer(d.Handle(func(http.ResponseWriter, *http.Request) error { return BadForm(err) }), http.MethodPost)
		if w.Code != http.StatusBadRequest || !strings.Contains(log.String(), want) {
			t.Errorf("%v: %d, logged %s", err, w.Code, log)
		}
		if strings.Contains(log.String(), "%5c") || strings.Contains(log.String(), "203.0.113") || strings.Contains(log.String(), "semicolon") {
			t.Errorf("%v: quoted in %s", err, log)
		}
	}
}

// Nobody is left to read an answer, and a closed tab is no failure of ours.
func TestABrowserThatHasGoneIsNotAnswered(t *testing.T) {
	d, log := errorHandler(renderer(t))
	ctx, leave := context.WithCancel(t.Context())
	leave()
	w := httptest.NewRecorder()
	d.Fail(w, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx), fmt.Errorf("kratos: %w", context.Canceled))
	if w.Body.Len() != 0 || log.Len() != 0 {
		t.Errorf("answered %q, logged %q", w.Body, log)
	}
	// Cancelled by us while the browser still waits: that is a fault.
	d.Fail(w, httptest.NewRequest(http.MethodGet, "/", nil), context.Canceled)
	if w.Code != http.StatusInternalServerError {
		t.Errorf("status %d", w.Code)
	}
}

func TestFieldAndStatus(t *testing.T) {
	p := Page{Problems: []Problem{{Key: "whole"}, {Field: "code", Key: "first"}, {Field: "code", Key: "second"}}}
	if got := p.Field("code"); got == nil || got.Key != "first" {
		t.Errorf("problem of the field: %v", got)
	}
	if p.Field("other") != nil {
		t.Error("a field without a problem has one")
	}
	if p.StatusCode() != http.StatusOK || (Page{Status: 422}).StatusCode() != 422 {
		t.Error("status")
	}
}
