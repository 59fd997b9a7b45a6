// Package chromiumtest drives a real Chromium in tests: what a person sees and types, what a screen reader gets, what the
// Content-Security-Policy refused. Only tests may import it. It knows nothing of our pages.
//
// A method that cannot do its work ends the test: a journey reads as a list of steps, without an error after each.
//
//	b := chromiumtest.Start(t, chromiumtest.Viewport(320, 640), chromiumtest.Dark())
//	b.Open(site.URL + "/recovery")
//	b.Fill("Adresse électronique", "claire@example.org")
//	b.Submit("Continuer")
package chromiumtest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"

	"efpconnect.example/internal/testkit/kratostest"
)

// patience bounds one step. It is long because a machine of two cores may run several browsers and a Kratos; a step that
// works ends as soon as it has worked.
const patience = 30 * time.Second

// Browser is one Chromium process with one tab and an empty profile: no cookie, no cache, no history.
type Browser struct {
	t      testing.TB
	ctx    context.Context // a chromedp context: it carries the tab, which is how that library works
	look   look
	events events
}

// Start starts a Chromium that ends with the test. Without one the test is skipped, or fails under EFP_STRICT=1.
func Start(t testing.TB, options ...Option) *Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser is too slow for -short")
	}
	path := find()
	if path == "" {
		kratostest.Missing(t, "Chromium (on Debian: apt-get install chromium)")
	}
	b := &Browser{t: t, look: look{width: 1280, height: 900}}
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.UserDataDir(profile(t)),
		chromedp.NoSandbox, // the machine of a test is often a container, and its user root
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "fr-FR"),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), flags...)
	t.Cleanup(stop)
	b.ctx, stop = chromedp.NewContext(allocator, chromedp.WithListener(b.events.see), chromedp.WithErrorf(t.Logf))
	t.Cleanup(func() {
		closing, give := context.WithTimeout(b.ctx, 10*time.Second)
		defer give()
		_ = chromedp.Cancel(closing) // ends the process before the profile's folder goes
		stop()
	})
	// The browser lives as long as the context of the first call: that one takes no time limit.
	if err := chromedp.Do(b.ctx, chromedp.Func(enableAudits)); err != nil {
		t.Fatalf("starting %s: %v", filepath.Base(path), err)
	}
	b.Look(options...)
	return b
}

// Context is the tab for chromedp's own actions, where this package has no word for what a test needs.
func (b *Browser) Context() context.Context { return b.ctx }

func enableAudits(ctx context.Context, tab *chromedp.Target) error {
	_, err := cdp.Call(ctx, tab, audits.Enable, cdp.Empty{})
	return err
}

// do runs steps, bounded; what names them in the failure.
func (b *Browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.fatal("%s: %v", what, err)
	}
}

// InPage gives the value of a JavaScript expression, for what the kit has no word for.
func InPage[T any](b *Browser, expression string) T {
	b.t.Helper()
	return evaluate[T](b, expression, expression)
}

// evaluate runs an expression in the page. The protocol does it beside the page's Content-Security-Policy, and also where
// scripts are off.
func evaluate[T any](b *Browser, what, expression string, options ...chromedp.EvaluateOption) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, options...))
	if err != nil {
		b.fatal("%s: %v", what, err)
	}
	return value
}

// fatal adds where the browser was and what was written there: most failures explain themselves with that.
func (b *Browser) fatal(format string, values ...any) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	const here = `location.href + "\n" + (document.body ? document.body.innerText.replace(/\n{2,}/g, "\n").slice(0, 1500) : "")`
	if page, err := chromedp.Run(ctx, chromedp.Evaluate[string](here)); err == nil {
		b.t.Logf("the browser shows %s", page)
	}
	b.t.Fatalf(format, values...)
}

func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// profile is a new folder. t.TempDir fails a test whose folder is written to while it is removed, and Chromium's
// children write for a moment after its end; so this one is removed as far as it goes.
func profile(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "chromiumtest-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
