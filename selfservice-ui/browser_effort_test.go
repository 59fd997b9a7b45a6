package ui_test

import (
	"testing"
	"unicode/utf8"

	"efpconnect.example/internal/testkit/chromiumtest"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
)

// The bar from the login page to signed in again, for an address of 13 letters and a password of 12: the address once, the code,
// the password three times.
const (
	mostKeys   = 13 + 6 + 3*12
	mostClicks = 9
	mostPages  = 6 // that come after the login page
)

// What a reset costs a person with a mouse, who clicks a field only where it has not the focus.
func TestEffortOfAReset(t *testing.T) {
	site := proofSite(t)
	const me, password = "a@example.org", "k7Vq-Rz2mPxT"
	err := site.CreateAccount(kratostest.Identity{
		Email:     me,
		Title:     "Madame",
		GivenName: "Ada",
		Password:  "Ancien-Mot-2025",
		Verified:  true,
	})
	if err != nil {
		t.Fatal(err)
	}
	p := &effort{t: t, b: chromiumtest.Start(t), site: site}
	p.b.Open(site.URL + "/connexion")
	p.next("Réinitialiser mon mot de passe", "/reinitialisation")
	p.types("#identifiant", me)
	p.proves()
	p.next("Suivant", "/reinitialisation/code")
	p.types("#code", code(t, site, me))
	p.next("Suivant", "/reinitialisation/mot-de-passe")
	p.types("#mot-de-passe", password)
	p.types("#confirmation", password)
	p.next("Suivant", "/reinitialisation/terminee")
	p.next("Terminer", "/connexion")
	p.types("#mot-de-passe", password)
	p.next("Je m’identifie avec", "/services")

	t.Logf("with %s: %d keys, %d clicks, %d pages after the login page (at most %d, %d, %d)",
		me, p.keys, p.clicks, p.pages, mostKeys, mostClicks, mostPages)
	if p.keys > mostKeys || p.clicks > mostClicks || p.pages > mostPages {
		t.Errorf("%d keys, %d clicks, %d pages: more than %d, %d, %d", p.keys, p.clicks, p.pages, mostKeys, mostClicks, mostPages)
	}
	clean(t, p.b)
}

// effort counts what is really sent to the browser.
type effort struct {
	t                   *testing.T
	b                   *chromiumtest.Browser
	site                *sitetest.Site
	keys, clicks, pages int
}

// types clicks the field unless it has the focus already.
func (p *effort) types(field, text string) {
	p.t.Helper()
	p.b.Until(autofocused)
	if !chromiumtest.InPage[bool](p.b, `document.activeElement.matches("`+field+`")`) {
		p.clicks++
		p.b.Click(field)
	}
	p.keys += utf8.RuneCountInString(text)
	p.b.Type(text)
	if got := p.b.Value(field); got != text {
		p.t.Fatalf("%s holds %q", field, got)
	}
}

// proves ticks the box.
func (p *effort) proves() {
	p.t.Helper()
	p.clicks++
	p.b.Click("Je ne suis pas un robot")
	p.b.Until(`document.getElementById("robot-etat").textContent === "Vérification réussie."`)
}

// next clicks, and another page comes.
func (p *effort) next(button, path string) {
	p.t.Helper()
	p.clicks++
	p.pages++
	p.b.Submit(button)
	at(p.t, p.b, p.site, path)
}
