package ui_test

import (
	"testing"

	"efpconnect.example/internal/testkit/chromiumtest"
)

// What axe and a ruler at the window's edge do not see.

// A sentence about a field has a line of its own: a short one once had the reset link glued to its full stop.
func TestNothingBesideAnErrorSentence(t *testing.T) {
	for look, dsfr := range map[string]bool{"dsfr": true, "plain": false} {
		t.Run(look, func(t *testing.T) {
			site, b := samples(t, dsfr), chromiumtest.Start(t)
			b.Open(site.URL + "/login-empty")
			if beside := chromiumtest.InPage[bool](b, `document.querySelector("#mot-de-passe-erreur").getBoundingClientRect().bottom >
				document.querySelector("form a.fr-link").getBoundingClientRect().top`); beside {
				t.Error("the reset link stands beside the error")
			}
		})
	}
}

// An address that is cut after "no-" is read as another one.
func TestAddressesAreWhole(t *testing.T) {
	site, b := samples(t, true), chromiumtest.Start(t)
	for _, name := range []string{"code", "code-other-session", "link", "help", "services", "flow-other-tab"} {
		for _, width := range []int64{360, 480, 640, 1280} {
			b.Look(chromiumtest.Viewport(width, 900))
			b.Open(site.URL + "/" + name)
			// The last letters' rectangle is below the first's where a line ends inside.
			cut := chromiumtest.InPage[[]string](b, `[...document.querySelectorAll("main .efp-address")].filter(e => {
				const range = document.createRange()
				range.selectNodeContents(e)
				return range.getClientRects().length > 1
			}).map(e => e.textContent)`)
			if n := b.Count("main .efp-address"); n == 0 || len(cut) != 0 {
				t.Errorf("%s at %d px: %d addresses, cut: %q", name, width, n, cut)
			}
		}
	}
}

// The guide is printed, also from a dark screen; and its pictures are for eyes alone.
func TestHelpOnPaper(t *testing.T) {
	site, b := samples(t, true), chromiumtest.Start(t, chromiumtest.Dark())
	b.Open(site.URL + "/help")
	b.Until(`document.documentElement.dataset.frTheme === "dark"`)
	theme := chromiumtest.InPage[string](b, `(dispatchEvent(new Event("beforeprint")), document.documentElement.dataset.frTheme)`)
	after := chromiumtest.InPage[string](b, `(dispatchEvent(new Event("afterprint")), document.documentElement.dataset.frTheme)`)
	if theme != "light" || after != "dark" {
		t.Errorf("printed %s, then shown %s", theme, after)
	}
	if n := b.Count(`.efp-picture[aria-hidden=true]`); n != 6 || b.Count(`.efp-picture :is(a, button, input, [id], [tabindex])`) != 0 {
		t.Errorf("%d pictures, or one that takes the focus", n)
	}
}

// The player that « Écouter le code » brings stays within the page's margins on a telephone.
func TestPlayerFits(t *testing.T) {
	site, b := samples(t, true), chromiumtest.Start(t, chromiumtest.Viewport(320, 900))
	b.Open(site.URL + "/address-captcha-wrong") // the code is open there
	b.Click("Écouter le code")
	b.Until(`document.querySelector("audio[controls][aria-label='Écouter le code']")?.getBoundingClientRect().right <=
		document.getElementById("code-de-securite").getBoundingClientRect().right`)
}
