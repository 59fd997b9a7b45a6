package chromiumtest

import (
	_ "embed"
	"strings"

	"github.com/chromedp/chromedp"
)

// findJS is a function of a target that returns the list of elements so named.
//
//go:embed find.js
var findJS string

// expression is JavaScript that gives the one element of a target.
func expression(target string) string {
	return "(" + strings.TrimSpace(findJS) + ")(" + quoted(target) + ")[0]"
}

func pointer(target string) chromedp.JSPath { return chromedp.JSPath(expression(target)) }

// mustFind waits for a target, and refuses one that two elements share: a person could not tell them apart either.
func (b *Browser) mustFind(target string) {
	b.t.Helper()
	list := "(" + strings.TrimSpace(findJS) + ")(" + quoted(target) + ")"
	b.until("nothing on the page is called "+target, list+".length > 0")
	if n := evaluate[int](b, "looking for "+target, list+".length"); n > 1 {
		b.fatal("%d elements are called %q: give a selector", n, target)
	}
}
