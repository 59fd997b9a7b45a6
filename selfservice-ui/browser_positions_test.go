package ui_test

import (
	"fmt"
	"testing"

	"efpconnect.example/internal/testkit/chromiumtest"
)

// Without scrolling: a small laptop's window, a phone's, with the banner of a test environment and all notices above the form.
func TestInSightWithoutScrolling(t *testing.T) {
	site, b := samples(t, true), chromiumtest.Start(t)
	const button = "main button.fr-btn[type=submit]:not(.fr-btn--sm)"
	for _, c := range []struct{ sample, what, laptop, phone string }{
		{"login", "first field", "#identifiant", "#identifiant"},
		{"login", "button", button, button},
		{"login-changed", "button", button, button},
		{"login-refused", "first field", "#identifiant", "#identifiant"},
		{"address", "first field", "#identifiant", "#identifiant"},
		{"code", "first field", "#code", "#code"},
		{"code", "button", button, button},
		{"code-wrong", "first field", "#code", "#code"},
		{"code-spent", "button", button, button},
		{"password", "first field", "#mot-de-passe", "#mot-de-passe"},
		{"password", "button", button, ""}, // on a phone the criteria stand between the fields
	} {
		for _, w := range []struct {
			width, height int64
			selector      string
		}{{1366, 657, c.laptop}, {390, 844, c.phone}} {
			if w.selector == "" {
				continue
			}
			b.Look(chromiumtest.Viewport(w.width, w.height))
			b.Open(site.URL + "/" + c.sample)
			b.Until(`document.readyState === "complete" && document.querySelectorAll("[data-efp-show][hidden], [data-efp-proof][hidden]").length === 0`)
			chromiumtest.InPage[bool](b, `document.fonts.ready.then(() => true), true`)
			bottom := chromiumtest.InPage[float64](b, fmt.Sprintf(`document.querySelector(%q).getBoundingClientRect().bottom + scrollY`, w.selector))
			t.Logf("%s, %s: %.0f of %d", c.sample, c.what, bottom, w.height)
			if bottom > float64(w.height) {
				t.Errorf("%s at %d × %d: the %s ends at %.0f px", c.sample, w.width, w.height, c.what, bottom)
			}
		}
	}
}

// What tells people what to do is read without leaning forward: 14 px at least.
func TestInstructionsAreLargeEnough(t *testing.T) {
	site, b := samples(t, true), chromiumtest.Start(t)
	for _, sample := range shapes {
		b.Open(site.URL + "/" + sample)
		for _, text := range chromiumtest.InPage[[]string](b, `[...document.querySelectorAll("main *")].filter(e =>
			[...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.textContent.trim()) && e.checkVisibility() && parseFloat(getComputedStyle(e).fontSize) < 14
		).map(e => getComputedStyle(e).fontSize + " " + e.textContent.trim().slice(0, 60))`) {
			t.Errorf("%s: %s", sample, text)
		}
	}
}
