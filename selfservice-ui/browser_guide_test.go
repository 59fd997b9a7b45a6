package ui_test

import (
	"strings"
	"testing"

	"efpconnect.example/internal/testkit/chromiumtest"
	"efpconnect.example/internal/testkit/sitetest"
)

// The guide in a real browser, in front of a real Kratos. Each walk has a browser and an account of its own.
func TestGuideInChromium(t *testing.T) {
	site := sitetest.Start(t, sitetest.Options{})
	t.Run("mouse", func(t *testing.T) {
		b := chromiumtest.Start(t)
		walkGuide(t, site, b, account(t, site, "mouse"))
	})
	t.Run("phone without JavaScript", func(t *testing.T) {
		b := chromiumtest.Start(t, chromiumtest.WithoutJavaScript(), chromiumtest.Viewport(320, 640))
		walkGuide(t, site, b, account(t, site, "noscript"))
	})
	t.Run("keyboard", func(t *testing.T) {
		walkByKeyboard(t, site, chromiumtest.Start(t), account(t, site, "keyboard"))
	})
	t.Run("code pasted", func(t *testing.T) {
		pasteCode(t, site, chromiumtest.Start(t), account(t, site, "paste"))
	})
	t.Run("code pasted without JavaScript", func(t *testing.T) {
		pasteCode(t, site, chromiumtest.Start(t, chromiumtest.WithoutJavaScript()), account(t, site, "paste-noscript"))
	})
}

func walkGuide(t *testing.T, site *sitetest.Site, b *chromiumtest.Browser, me string) {
	b.Open(site.URL + "/")
	at(t, b, site, "/connexion")
	b.See("Je m’identifie avec mon compte EFP Connect")
	b.Submit("Réinitialiser mon mot de passe")
	at(t, b, site, "/reinitialisation")
	b.See("Étape 1 sur 3")
	b.Fill("Identifiant", me)
	b.Submit("Suivant")
	at(t, b, site, "/reinitialisation/code")
	b.See("Saisissez le code que vous venez de recevoir sur votre adresse " + me)
	b.Fill("Code de validation reçu par e-mail", code(t, site, me))
	b.Submit("Suivant")
	at(t, b, site, "/reinitialisation/mot-de-passe")
	b.See("Code de validation correct")
	b.Fill("#mot-de-passe", newPassword)
	b.Fill("#confirmation", newPassword)
	b.Submit("Suivant")
	at(t, b, site, "/reinitialisation/terminee")
	b.See("Votre mot de passe a été modifié avec succès.")
	b.Submit("Terminer")
	at(t, b, site, "/connexion")
	if got := b.Value("#identifiant"); got != me {
		t.Errorf("the login page's identifier is %q", got)
	}
	b.Fill("#mot-de-passe", newPassword)
	b.Submit("Je m’identifie avec")
	at(t, b, site, "/services")
	b.See("Vous êtes connecté avec le compte " + me)
	clean(t, b)
}

// walkByKeyboard uses Tab, Enter, Space and letters alone, from the skip link to the services; and where it goes, one sees
// where one is.
func walkByKeyboard(t *testing.T, site *sitetest.Site, b *chromiumtest.Browser, me string) {
	b.Open(site.URL + "/connexion")
	b.Press("Tab")
	focused(t, b, `link "Contenu"`)
	b.Press("Enter")
	b.Until(`document.activeElement.id === "content"`)
	tabTo(t, b, `link "vous devez réinitialiser votre mot de passe"`)
	b.SubmitByEnter()
	at(t, b, site, "/reinitialisation")

	tabTo(t, b, `textbox "Identifiant`)
	b.Type(me)
	b.SubmitByEnter()
	at(t, b, site, "/reinitialisation/code")

	tabTo(t, b, `textbox "Code de validation reçu par e-mail`)
	b.Type(code(t, site, me))
	tabTo(t, b, `button "Suivant"`)
	b.SubmitByEnter()
	at(t, b, site, "/reinitialisation/mot-de-passe")

	tabTo(t, b, `textbox "Mot de passe`)
	b.Type(newPassword)
	tabTo(t, b, `checkbox "Afficher le mot de passe"`)
	b.Press("Space")
	b.Until(`document.getElementById("mot-de-passe").type === "text"`)
	tabTo(t, b, `textbox "Confirmation du mot de passe`)
	b.Type(newPassword)
	b.SubmitByEnter()
	at(t, b, site, "/reinitialisation/terminee")

	tabTo(t, b, `button "Terminer"`)
	b.SubmitByEnter()
	at(t, b, site, "/connexion")
	focused(t, b, `textbox "Mot de passe`) // nothing else is left to type
	b.Type(newPassword)
	tabTo(t, b, `button "Je m’identifie avec`)
	b.SubmitByEnter()
	at(t, b, site, "/services")
	clean(t, b)
}

// tabTo presses Tab until the focus is on what begins so, if it is not there as the page opens. Every stop on the way must show that it is one (RGAA 10.7), and
// not under something else (WCAG 2.4.11).
func tabTo(t *testing.T, b *chromiumtest.Browser, line string) {
	t.Helper()
	b.Until(autofocused)
	if strings.HasPrefix(b.Focused(), line) {
		return
	}
	for range 25 {
		b.Press("Tab")
		if hidden := chromiumtest.InPage[string](b, focusIsHidden); hidden != "" {
			t.Errorf("the focus cannot be seen: %s", hidden)
		}
		if strings.HasPrefix(b.Focused(), line) {
			return
		}
	}
	t.Fatalf("Tab never comes to %s; it is at %s", line, b.Focused())
}

// autofocused is true once the field that a page opens at has the focus: it comes with the first picture, after the load.
const autofocused = `!document.querySelector("[autofocus]") || document.activeElement !== document.body`

// focusIsHidden gives the element with the focus where nothing shows it. The DSFR draws a checkbox's
// outline on its label, and a block's that is one large link before the link.
const focusIsHidden = `(() => {
	const e = document.activeElement
	if (e === document.body) return ""
	const drawn = [getComputedStyle(e), getComputedStyle(e, "::before"), ...[...(e.labels ?? [])].map(l => getComputedStyle(l, "::before"))]
	const box = e.getBoundingClientRect()
	const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
	return inside && drawn.some(s => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1) ? "" : e.outerHTML.slice(0, 150)
})()`

func focused(t *testing.T, b *chromiumtest.Browser, line string) {
	t.Helper()
	if got := b.Focused(); !strings.HasPrefix(got, line) {
		t.Errorf("the focus is on %s, not on %s", got, line)
	}
}

// pasteCode takes a code out of a mail as people do: with a space in the middle.
func pasteCode(t *testing.T, site *sitetest.Site, b *chromiumtest.Browser, me string) {
	b.Open(site.URL + "/reinitialisation")
	b.Fill("Identifiant", me)
	b.Submit("Suivant")
	code := code(t, site, me)
	b.Fill("#code", " "+code[:3]+" "+code[3:]+" ")
	b.Edit("selectAll", "cut")
	if left := b.Value("#code"); left != "" {
		t.Fatalf("after cutting, the field holds %q", left)
	}
	b.Edit("paste")
	b.Submit("Suivant")
	at(t, b, site, "/reinitialisation/mot-de-passe")
	clean(t, b)
}
