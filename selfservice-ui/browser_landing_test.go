package ui_test

import (
	"testing"

	"efpconnect.example/internal/testkit/chromiumtest"
)

// A link of the error summary lands where what to type can be read: the field with its label, the security code with its picture;
// and in a window too low for both, at the field.
func TestErrorLinksLandInSight(t *testing.T) {
	for look, dsfr := range map[string]bool{"dsfr": true, "plain": false} {
		site, b := samples(t, dsfr), chromiumtest.Start(t)
		for name, height := range map[string]int64{"phone": 640, "zoomed": 256} { // 1280 by 1024 at 400 %
			b.Look(chromiumtest.Viewport(320, height))
			for _, sample := range []string{"login-empty", "login-captcha-wrong", "address-empty", "address-captcha-empty-or-proof", "code-wrong", "password-empty"} {
				b.Open(site.URL + "/" + sample)
				for _, cut := range chromiumtest.InPage[[]string](b, cutOffAfterLinks(height)) {
					t.Errorf("%s %s %s: %s", look, name, sample, cut)
				}
				b.Screenshot("site/landing-" + look + "-" + name + "-" + sample)
			}
		}
	}
}

// cutOffAfterLinks presses each link of the summary and names what is then out of the window.
func cutOffAfterLinks(height int64) string {
	label := map[bool]string{true: `target.closest(".efp-security")?.querySelector("img") ?? target.labels[0]`, false: "target"}[height > 400]
	return `[...document.querySelectorAll("#problems a[href^='#']")].flatMap(link => {
	link.click()
	const target = document.querySelector(link.hash), first = ` + label + `
	const top = first.getBoundingClientRect().top, bottom = target.getBoundingClientRect().bottom
	return top < 0 || bottom > innerHeight ? [link.hash + " from " + top + " to " + bottom + " in " + innerHeight] : []
})`
}
