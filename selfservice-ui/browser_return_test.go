package ui_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/chromiumtest"
	"efpconnect.example/internal/testkit/sitetest"
)

// service is a site that sends people here to sign in. Another port is another origin.
func service(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="fr"><title>Service</title><h1>Déclarer une formation</h1><p>%s</p></html>`, r.URL.Query().Get("dossier"))
	}))
	t.Cleanup(server.Close)
	return server
}

// form-action governs where a form's answer may lead: with the service's origin missing from it, the browser stays on the
// form and says so in its console alone. Only a real browser can tell.
func TestReturnToService(t *testing.T) {
	allowed, stranger := service(t), service(t)
	site := sitetest.Start(t, sitetest.Options{Settings: func(s *settings.Settings) { s.ReturnTo = []string{allowed.URL} }})
	from := func(server *httptest.Server) (login, back string) {
		back = server.URL + "/declarer?dossier=42"
		return site.URL + "/connexion?" + url.Values{"return_to": {back}}.Encode(), back
	}
	t.Run("login", func(t *testing.T) {
		b, me := chromiumtest.Start(t), account(t, site, "service")
		login, back := from(allowed)
		b.Open(login)
		signIn(b, me, "Ancien-Mot-2025")
		arrived(t, b, back)
		clean(t, b)
		// Already signed in: straight on.
		b.Open(login)
		arrived(t, b, back)
	})
	t.Run("login without JavaScript, after a wrong password", func(t *testing.T) {
		b, me := chromiumtest.Start(t, chromiumtest.WithoutJavaScript()), account(t, site, "service-noscript")
		login, back := from(allowed)
		b.Open(login)
		signIn(b, me, "faux")
		b.See("Identifiant ou mot de passe incorrect, ou service très sollicité en ce moment. Vérifiez votre saisie et réessayez.")
		b.Fill("#mot-de-passe", "Ancien-Mot-2025")
		b.Submit("Je m’identifie avec")
		arrived(t, b, back)
		if refused := b.Refused(); len(refused) != 0 {
			t.Errorf("refused: %q", refused)
		}
	})
	t.Run("stranger", func(t *testing.T) {
		b, me := chromiumtest.Start(t), account(t, site, "stranger")
		login, _ := from(stranger)
		b.Open(login)
		if strings.Contains(b.Text("main")+chromiumtest.InPage[string](b, `document.querySelector("main").innerHTML`), stranger.URL) {
			t.Error("the page repeats an address that is not allowed")
		}
		signIn(b, me, "Ancien-Mot-2025")
		at(t, b, site, "/services")
		clean(t, b)
	})
	t.Run("the whole reset", func(t *testing.T) {
		b, me := chromiumtest.Start(t), account(t, site, "service-reset")
		login, back := from(allowed)
		b.Open(login)
		b.Submit("Réinitialiser mon mot de passe")
		b.Fill("Identifiant", me)
		b.Submit("Suivant")
		b.Fill("#code", code(t, site, me))
		b.Submit("Suivant")
		b.Fill("#mot-de-passe", newPassword)
		b.Fill("#confirmation", newPassword)
		b.Submit("Suivant")
		b.Submit("Terminer")
		if path := strings.TrimPrefix(b.URL(), site.URL); !strings.HasPrefix(path, "/connexion") || b.Value("#identifiant") != me {
			t.Fatalf("at %s with the identifier %q", path, b.Value("#identifiant"))
		}
		if id := chromiumtest.InPage[string](b, `document.activeElement.id`); id != "mot-de-passe" {
			t.Errorf("the focus is in %q", id)
		}
		b.Fill("#mot-de-passe", newPassword)
		b.Submit("Je m’identifie avec")
		arrived(t, b, back)
		clean(t, b)
	})
	// A refusal stays in the history as a page: a reload shows what was typed, without the message, and asks nothing.
	t.Run("reload after a refusal", func(t *testing.T) {
		b, me := chromiumtest.Start(t), account(t, site, "recharge")
		b.Open(site.URL + "/connexion")
		signIn(b, me, "faux")
		b.See("Identifiant ou mot de passe incorrect")
		chromiumtest.InPage[bool](b, `(setTimeout(() => location.reload(), 0), true)`)
		b.Until(`document.readyState === "complete" && !document.getElementById("problems")`)
		if b.Value("#identifiant") != me {
			t.Errorf("the identifier is %q", b.Value("#identifiant"))
		}
	})
}

func signIn(b *chromiumtest.Browser, identifier, password string) {
	b.Fill("#identifiant", identifier)
	b.Fill("#mot-de-passe", password)
	b.Submit("Je m’identifie avec")
}

func arrived(t *testing.T, b *chromiumtest.Browser, back string) {
	t.Helper()
	if b.URL() != back {
		t.Fatalf("at %s, not at the service %s", b.URL(), back)
	}
	b.See("Déclarer une formation")
}
