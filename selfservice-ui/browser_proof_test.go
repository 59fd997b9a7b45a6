package ui_test

import (
	"testing"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/chromiumtest"
	"efpconnect.example/internal/testkit/sitetest"
)

// proofSite asks for the proof of work at login, and offers it beside the picture at step 1: the defaults.
func proofSite(t *testing.T) *sitetest.Site {
	t.Helper()
	return sitetest.Start(t, sitetest.Options{Settings: func(set *settings.Settings) {
		set.ProtectLogin, set.ProtectReset = []string{"proof"}, []string{"picture", "proof"}
	}})
}

// « Je ne suis pas un robot » by keyboard alone: Tab to the box, Space, Enter on the button; at login and at step 1.
func TestProofByKeyboard(t *testing.T) {
	site := proofSite(t)
	address := account(t, site, "preuve")
	b := chromiumtest.Start(t)
	b.Open(site.URL + "/connexion")
	tabTo(t, b, `textbox "Identifiant`)
	b.Type(address)
	tabTo(t, b, `textbox "Mot de passe`)
	b.Type("Ancien-Mot-2025")
	tick(t, b)
	tabTo(t, b, `button "Je m’identifie avec`)
	b.SubmitByEnter()
	at(t, b, site, "/services")

	b.Open(site.URL + "/reinitialisation")
	tabTo(t, b, `textbox "Identifiant`)
	b.Type(address)
	tick(t, b)
	tabTo(t, b, `button "Suivant"`)
	b.SubmitByEnter()
	at(t, b, site, "/reinitialisation/code")
	clean(t, b)
}

// tick goes to the box and ticks it; axe has nothing against the page before, meanwhile, or after.
func tick(t *testing.T, b *chromiumtest.Browser) {
	t.Helper()
	accessible(t, b)
	tabTo(t, b, `checkbox "Je ne suis pas un robot`)
	b.Press("Space")
	b.Until(`document.getElementById("robot-etat").textContent === "Vérification réussie."`)
	accessible(t, b)
}

func accessible(t *testing.T, b *chromiumtest.Browser) {
	t.Helper()
	for _, violation := range b.Axe() {
		t.Errorf("%s", violation)
	}
}

// The security code heard, not seen, by keyboard alone: the sound plays on the page, what was typed stays, and what was
// heard is typed.
func TestSoundByKeyboard(t *testing.T) {
	site := proofSite(t)
	address := account(t, site, "oreille")
	b := chromiumtest.Start(t)
	b.Open(site.URL + "/reinitialisation")
	tabTo(t, b, `textbox "Identifiant`)
	b.Type(address)
	tabTo(t, b, `DisclosureTriangle "Vous n’y arrivez pas`)
	b.Press("Enter")
	b.Until(`document.getElementById("securite") !== null`)
	tabTo(t, b, `button "Écouter le code"`)
	b.Press("Enter")
	b.Until(`document.querySelector("audio")?.currentTime > 0`)
	if seconds := chromiumtest.InPage[float64](b, `document.querySelector("audio").duration`); seconds < 6 || seconds > 15 {
		t.Errorf("the sound lasts %v s", seconds)
	}
	accessible(t, b)
	tabTo(t, b, `textbox "Recopiez le code de sécurité`)
	b.Type(answerTo(t, site, chromiumtest.InPage[string](b, `document.querySelector("input[name=defi]").value`)))
	b.SubmitByEnter()
	at(t, b, site, "/reinitialisation/code")
	clean(t, b)
}

// A form sent while the browser still works waits for it: nobody is told off for being fast.
func TestProofIsWaitedFor(t *testing.T) {
	site := proofSite(t)
	address := account(t, site, "presse")
	b := chromiumtest.Start(t)
	b.Open(site.URL + "/reinitialisation")
	b.Fill("#identifiant", address)
	chromiumtest.InPage[bool](b, `document.getElementById("robot").click(), true`)
	b.Submit(".fr-btn[type=submit]:not([name])")
	at(t, b, site, "/reinitialisation/code")
	if got := len(site.Mailbox.To(address)); got > 1 {
		t.Errorf("%d mails", got)
	}
	clean(t, b)
}

// Whoever comes back with the browser's own button finds an empty box: a proof that was sent counts for nothing, so the box may
// not look ticked, whether the page is loaded anew or taken whole out of the browser's memory.
func TestBoxIsEmptyOnReturn(t *testing.T) {
	site := proofSite(t)
	b := chromiumtest.Start(t)
	for _, path := range []string{"/connexion", "/reinitialisation"} {
		b.Open(site.URL + path)
		tick(t, b)
		b.Open(site.URL + "/aide/premiere-connexion")
		b.Back()
		at(t, b, site, path)
		empty := `!document.getElementById("robot-etat").closest("[hidden]") && !robot.checked && document.querySelector("[name=altcha]").value === ""`
		b.Until(empty)
		tick(t, b)
		chromiumtest.InPage[bool](b, `dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))`)
		b.Until(empty + ` && document.getElementById("robot-etat").textContent === ""`)
	}
	clean(t, b)
}

// Without the proof the login says what to do, and the picture stands in where no script runs.
func TestLoginWithoutProof(t *testing.T) {
	site := proofSite(t)
	address := account(t, site, "sans-preuve")
	b := site.NewBrowser()
	must(t, b.Open("/connexion"))
	must(t, b.Fill("identifiant", address))
	must(t, b.Fill("mot-de-passe", "Ancien-Mot-2025"))
	must(t, b.Submit("Je m’identifie avec"))
	if b.Status != 422 || b.Value("identifiant") != address {
		t.Fatalf("%d %s", b.Status, b.Text())
	}
	real := chromiumtest.Start(t, chromiumtest.WithoutJavaScript())
	real.Open(site.URL + "/connexion")
	real.Fill("#identifiant", address)
	real.Fill("#mot-de-passe", "Ancien-Mot-2025")
	real.Fill("#code-de-securite", answerTo(t, site, chromiumtest.InPage[string](real, `document.querySelector("input[name=defi]").value`)))
	real.Submit(".efp-connect")
	at(t, real, site, "/services")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// answerTo reads the answer of a security code where only the site keeps it.
func answerTo(t *testing.T, site *sitetest.Site, id string) string {
	t.Helper()
	challenges := captcha.Challenges{Store: site.Store, Now: site.Clock.Now}
	c, found, err := challenges.Find(t.Context(), id)
	if err != nil || !found {
		t.Fatalf("no security code %q: %v", id, err)
	}
	return c.Answer
}
