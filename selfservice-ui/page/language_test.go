package page

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestLanguageOfARequest(t *testing.T) {
	both := []string{"fr", "en"}
	for _, c := range []struct {
		why     string
		offered []string
		asks    string
		want    string
		vary    string
	}{
		{"nothing asked", both, "", "fr", "Accept-Language"},
		{"English asked", both, "en-GB,en;q=0.9", "en", "Accept-Language"},
		{"French preferred", both, "fr-CA,en;q=0.8", "fr", "Accept-Language"},
		{"weights count, not places", both, "fr;q=0.2,en;q=0.9", "en", "Accept-Language"},
		{"a language that the site does not speak", both, "de,es", "fr", "Accept-Language"},
		{"the second choice, when the first is not spoken", both, "de,en;q=0.5", "en", "Accept-Language"},
		{"not readable", both, "\x00;;;q=", "fr", "Accept-Language"},
		{"only French offered: English is not chosen, and caches need not know", []string{"fr"}, "en", "fr", ""},
		{"only English offered: French is not spoken here", []string{"en"}, "fr", "en", ""},
		{"nothing offered", nil, "en", "fr", ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Language", c.asks)
		w := httptest.NewRecorder()
		var got string
		WithLanguage(c.offered, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = Language(r) })).ServeHTTP(w, r)
		if got != c.want || w.Header().Get("Vary") != c.vary {
			t.Errorf("%s: %s, Vary %q", c.why, got, w.Header().Get("Vary"))
		}
	}
	if got := Language(httptest.NewRequest(http.MethodGet, "/", nil)); got != "fr" {
		t.Errorf("a request that nobody looked at: %s", got)
	}
}

// The page, its lang attribute and its header speak of one language.
func TestAPageIsInTheLanguageOfItsRequest(t *testing.T) {
	d, _ := errorHandler(renderer(t))
	h := WithLanguage([]string{"fr", "en"}, d.Handle(func(http.ResponseWriter, *http.Request) error {
		return &Message{Status: 404, Heading: "error.heading", Text: "error.not_found"}
	}))
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Language", "en")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	for _, want := range []string{`<html lang="en"`, words(t, "en")["error.not_found"]} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %q", want)
		}
	}
	if got := w.Header().Get("Content-Language"); got != "en" {
		t.Errorf("Content-Language %q", got)
	}
}
