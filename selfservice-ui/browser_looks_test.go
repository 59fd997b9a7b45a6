package ui_test

import (
	"slices"
	"testing"

	"efpconnect.example/internal/testkit/chromiumtest"
)

// The pages that differ in shape: a form with a notice, with cells, with two columns, with every kind of message.
var shapes = []string{"login", "login-refused", "address", "code-wrong", "code-resent", "password", "password-empty", "done", "link", "services", "flow-none"}

// People set their own spacing (WCAG 1.4.12), or letters of twice the size (1.4.4): nothing may be cut, stick out of the
// window, or leave its button. 320 CSS pixels are 1280 at 400 % (1.4.10), where every page of the site is looked at anyway.
func TestOwnTextSettings(t *testing.T) {
	for name, own := range map[string]struct {
		css   string
		width int64
	}{
		"spacing": {`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }`, 320},
		"twice":   {`html { font-size: 200% !important }`, 640},
	} {
		for look, dsfr := range map[string]bool{"dsfr": true, "plain": false} {
			t.Run(name+" "+look, func(t *testing.T) {
				site, b := samples(t, dsfr), chromiumtest.Start(t, chromiumtest.Viewport(own.width, 900))
				for _, sample := range shapes {
					b.Open(site.URL + "/" + sample)
					// A constructed sheet is not the page's own: its policy has no say in it, as in a person's settings.
					chromiumtest.InPage[bool](b, "(s => (s.replaceSync(`"+own.css+"`), document.adoptedStyleSheets.push(s), true))(new CSSStyleSheet())")
					for _, cut := range chromiumtest.InPage[[]string](b, cutText) {
						t.Errorf("%s: cut: %s", sample, cut)
					}
					if wide := b.Overflowing(); wide != nil {
						t.Errorf("%s sticks out: %q", sample, wide)
					}
					b.Screenshot("site/" + name + "-" + look + "-" + sample)
				}
			})
		}
	}
}

// cutText names the texts that an element with hidden overflow cuts, or that leave their button.
const cutText = `(() => {
	const cut = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
	while (walker.nextNode()) {
		const text = walker.currentNode
		if (!text.textContent.trim() || !text.parentElement.checkVisibility({ visibilityProperty: true })) continue
		if (text.parentElement.closest(".fr-sr-only, .fr-skiplinks, .efp-trap, .efp-default, .efp-username")) continue
		const range = document.createRange()
		range.selectNodeContents(text)
		const drawn = range.getBoundingClientRect()
		for (let e = text.parentElement; e && e !== document.body; e = e.parentElement) {
			const box = e.getBoundingClientRect(), style = getComputedStyle(e)
			const hides = style.display !== "inline" && (style.overflowX !== "visible" || style.overflowY !== "visible" || e.matches("button, .fr-btn"))
			const out = drawn.right > box.right + 1 || drawn.left < box.left - 1 || drawn.bottom > box.bottom + 1 || drawn.top < box.top - 1
			if (hides && out) cut.push(text.textContent.trim().slice(0, 60) + " in " + e.outerHTML.slice(0, 80))
		}
	}
	return cut
})()`

// A high-contrast theme takes backgrounds and shadows away: what they drew has to be drawn by something else as well.
func TestForcedColours(t *testing.T) {
	for look, dsfr := range map[string]bool{"dsfr": true, "plain": false} {
		t.Run(look, func(t *testing.T) {
			site, b := samples(t, dsfr), chromiumtest.Start(t, chromiumtest.ForcedColours(), chromiumtest.Dark(), chromiumtest.ReducedMotion())
			for _, sample := range append(slices.Clone(shapes), "help") {
				b.Open(site.URL + "/" + sample)
				for _, lost := range chromiumtest.InPage[[]string](b, borderless) {
					t.Errorf("%s: nothing shows where it is: %s", sample, lost)
				}
				if n := chromiumtest.InPage[int](b, `document.getAnimations().length`); n != 0 {
					t.Errorf("%s: %d animations for who asked for none", sample, n)
				}
				b.Screenshot("site/forced-" + look + "-" + sample)
			}
		})
	}
}

// borderless names the fields and buttons without an edge.
const borderless = `[...document.querySelectorAll("main input:not([type=hidden]):not([type=checkbox]):not([tabindex='-1']), main .fr-btn, main .efp-picture .fr-input")].filter(e => {
	const s = getComputedStyle(e)
	const edge = (style, width) => style !== "none" && parseFloat(width) > 0
	return e.checkVisibility() && !edge(s.borderBottomStyle, s.borderBottomWidth) && !edge(s.outlineStyle, s.outlineWidth)
}).map(e => e.outerHTML.slice(0, 100))`
