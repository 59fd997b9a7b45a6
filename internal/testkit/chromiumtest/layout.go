package chromiumtest

import (
	"context"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Screenshots is the variable that asks for pictures (make pictures): they are for eyes, no test judges one, and drawing the
// five hundred of the site takes a minute.
const Screenshots = "EFP_SCREENSHOTS"

// Screenshot writes the whole page, not only what the window shows, to .build/screenshots/NAME.png and returns its path; ""
// where nobody asked for pictures.
func (b *Browser) Screenshot(name string) (path string) {
	b.t.Helper()
	if os.Getenv(Screenshots) == "" {
		return ""
	}
	path = b.artefact(filepath.Join("screenshots", name+".png"))
	// Letters drawn in a stand-in font make a picture that nobody sees.
	evaluate[bool](b, "waiting for fonts", `document.fonts.ready.then(() => true)`, chromedp.EvalAwaitPromise)
	b.do("screenshot", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		yes := true
		shot, err := cdp.Call(ctx, tab, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &yes, OptimizeForSpeed: &yes})
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		return os.WriteFile(path, shot.Data, 0o644)
	}))
	return path
}

// Overflowing names the elements that stick out of the window's right side and make the page scroll sideways (RGAA 10.11,
// WCAG 1.4.10). Nil when the page fits.
func (b *Browser) Overflowing() []string {
	b.t.Helper()
	return evaluate[[]string](b, "measuring", `(() => {
		const width = window.innerWidth
		if (document.documentElement.scrollWidth <= width) return null
		const wide = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > width + 0.5)
			.map(e => e.outerHTML.slice(0, 120))
		return ["the page is " + document.documentElement.scrollWidth + " px wide in a window of " + width, ...wide.slice(0, 8)]
	})()`)
}
