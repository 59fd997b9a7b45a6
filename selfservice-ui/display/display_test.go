package display_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"efpconnect.example/selfservice-ui/display"
	"efpconnect.example/selfservice-ui/page"
)

func site(t *testing.T, languages ...string) http.Handler {
	t.Helper()
	pages, err := page.NewRenderer(page.Site{Service: "EFP Connect", Languages: languages}, display.Templates)
	if err != nil {
		t.Fatal(err)
	}
	r := mux.NewRouter()
	h := display.Handler{Pages: pages, Errors: &page.ErrorHandler{Pages: pages, Log: slog.New(slog.DiscardHandler)}, Languages: languages, Secure: true}
	h.Mount(r)
	return page.WithLanguage(languages, r)
}

// What is chosen is kept, and nothing else; the way back is one of this site.
func TestChoices(t *testing.T) {
	for _, c := range []struct {
		why, form, referer string
		cookies, back      string
	}{
		{"dark", "theme=dark", "https://efp.example.test/reinitialisation/code?reponse=A", "__Host-efp_theme=dark", "/reinitialisation/code?reponse=A"},
		{"as the system", "theme=system&retour=/services", "", "__Host-efp_theme=", "/services"},
		{"no theme of ours", "theme=%22%3E", "", "__Host-efp_theme=", "/connexion"},
		{"the switch in the header", "langue=en", "https://efp.example.test/connexion", "__Host-efp_langue=en", "/connexion"},
		{"a language that is not offered", "langue=de", "", "__Host-efp_langue=", "/connexion"},
		{"nothing", "", "https://elsewhere.example.test/x", "", "/connexion"},
		{"another site", "retour=https://elsewhere.example.test/", "", "", "/connexion"},
		{"another site, as a path", "retour=//elsewhere.example.test/", "", "", "/connexion"},
		{"another site, by a backslash", `retour=/\elsewhere.example.test/`, "", "", "/connexion"},
	} {
		form, _ := url.ParseQuery(c.form)
		r := httptest.NewRequest(http.MethodPost, "https://efp.example.test/affichage", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Referer", c.referer)
		w := httptest.NewRecorder()
		site(t, "fr", "en").ServeHTTP(w, r)
		var kept []string
		for _, cookie := range w.Result().Cookies() {
			kept = append(kept, cookie.Name+"="+cookie.Value)
		}
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != c.back || strings.Join(kept, " ") != c.cookies {
			t.Errorf("%s: %d to %q, cookies %q", c.why, w.Code, w.Header().Get("Location"), kept)
		}
	}
}

// A choice is stronger than what the browser asks for, where it is offered; the page shows both.
func TestChoicesAreShown(t *testing.T) {
	for _, c := range []struct {
		why     string
		offered []string
		cookie  string
		holds   string
	}{
		{"English, to a browser that asks for French", []string{"fr", "en"}, "__Host-efp_langue=en", `<html lang="en" dir="ltr">`},
		{"English, where only French is offered", []string{"fr"}, "__Host-efp_langue=en", `<html lang="fr" dir="ltr">`},
		{"dark, without a script", []string{"fr"}, "efp_theme=dark", `data-fr-theme="dark"`},
		{"no theme of ours", []string{"fr"}, `efp_theme=x`, `<html lang="fr" dir="ltr">`},
	} {
		r := httptest.NewRequest(http.MethodGet, "https://efp.example.test/affichage", nil)
		r.Header.Set("Accept-Language", "fr")
		r.Header.Set("Cookie", c.cookie)
		w := httptest.NewRecorder()
		site(t, c.offered...).ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), c.holds) {
			t.Errorf("%s: no %s in %.200s", c.why, c.holds, w.Body)
		}
		if several := strings.Contains(w.Body.String(), `name="langue"`); several != (len(c.offered) > 1) {
			t.Errorf("%s: the switch is shown: %t", c.why, several)
		}
	}
}
