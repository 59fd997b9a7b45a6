package ui_test

import (
	"strings"
	"testing"

	"efpconnect.example/internal/testkit/chromiumtest"
	"efpconnect.example/internal/testkit/sitetest"
)

// After each kind of refusal: a reload says nothing any more and keeps what was typed; « Précédent » and « Suivant » of the browser
// find pages of the site. None of them ends where the browser asks whether to send a form again. Without JavaScript nothing of ours
// could mend the history.
func TestBackForwardReloadAfterEachRefusal(t *testing.T) {
	site := sitetest.Start(t, sitetest.Options{})
	for _, look := range []struct {
		name    string
		options []chromiumtest.Option
	}{{"with JavaScript", nil}, {"without", []chromiumtest.Option{chromiumtest.WithoutJavaScript()}}} {
		t.Run(look.name, func(t *testing.T) {
			b, me := chromiumtest.Start(t, look.options...), account(t, site, strings.ReplaceAll("historique "+look.name, " ", "-"))
			b.Open(site.URL + "/connexion")
			signIn(b, me, "faux")
			history(t, b, site, "/connexion", "Identifiant ou mot de passe incorrect")
			if b.Value("#identifiant") != me || b.Value("#mot-de-passe") != "" {
				t.Errorf("the fields hold %q and %q", b.Value("#identifiant"), b.Value("#mot-de-passe"))
			}
			b.Submit("Réinitialiser mon mot de passe")
			b.Fill("#identifiant", "sans-arobase")
			b.Submit("Suivant")
			history(t, b, site, "/reinitialisation", "n’est pas une adresse e-mail valide")
			if b.Value("#identifiant") != "sans-arobase" {
				t.Errorf("the field holds %q", b.Value("#identifiant"))
			}
			b.Fill("#identifiant", me)
			b.Submit("Suivant")
			b.Fill("#code", "000000")
			b.Submit("Suivant")
			history(t, b, site, "/reinitialisation/code", "Le code de validation est incorrect.")
			b.Submit("Renvoyer le code")
			history(t, b, site, "/reinitialisation/code", "Un code vient déjà de vous être envoyé.")
			b.Fill("#code", code(t, site, me))
			b.Submit("Suivant")
			b.Fill("#mot-de-passe", "court")
			b.Submit("Suivant")
			history(t, b, site, "/reinitialisation/mot-de-passe", "Le mot de passe doit contenir au moins 12 caractères")
		})
	}
}

// history looks at a refusal, and at what the browser's own buttons make of it.
func history(t *testing.T, b *chromiumtest.Browser, site *sitetest.Site, path, says string) {
	t.Helper()
	ours := func(what string) {
		t.Helper()
		if !strings.HasPrefix(b.URL(), site.URL+"/") || b.Count("main h1") != 1 {
			t.Fatalf("%s after %q ends at %s", what, says, b.URL())
		}
	}
	b.See(says)
	if here, _, _ := strings.Cut(strings.TrimPrefix(b.URL(), site.URL), "?"); here != path {
		t.Errorf("%q is said at %s", says, here)
	}
	b.Reload()
	ours("a reload")
	if strings.Contains(b.Text("main"), says) {
		t.Errorf("%q is said again after a reload", says)
	}
	b.Back()
	ours("Back")
	b.Forward()
	ours("Forward")
}
