package chromiumtest

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Option is what the person, or the person's machine, asked for.
type Option func(*look)

type look struct {
	width, height       int64
	dark, still, forced bool
	noScript            bool
}

// Viewport is the size of the page's window, in CSS pixels. 320 wide is RGAA 10.11's narrow screen.
func Viewport(width, height int64) Option {
	return func(l *look) { l.width, l.height = width, height }
}

// Dark answers prefers-color-scheme: dark.
func Dark() Option { return func(l *look) { l.dark = true } }

// Light answers prefers-color-scheme: light, what a new browser says.
func Light() Option { return func(l *look) { l.dark = false } }

// ReducedMotion answers prefers-reduced-motion (RGAA 13.8).
func ReducedMotion() Option { return func(l *look) { l.still = true } }

// ForcedColours is a system's high-contrast theme, where backgrounds and shadows vanish.
func ForcedColours() Option { return func(l *look) { l.forced = true } }

// OwnColours takes ForcedColours back.
func OwnColours() Option { return func(l *look) { l.forced = false } }

// WithoutJavaScript keeps the page's scripts from running, from the next Open on.
func WithoutJavaScript() Option { return func(l *look) { l.noScript = true } }

// Look changes what was asked for, also on an open page: one visit can be looked at light and dark, wide and narrow.
func (b *Browser) Look(options ...Option) {
	b.t.Helper()
	for _, option := range options {
		option(&b.look)
	}
	b.do("setting the look",
		chromedp.EmulateViewport(b.look.width, b.look.height),
		chromedp.Func(b.look.media),
		scripts(!b.look.noScript))
}

func (l look) media(ctx context.Context, tab *chromedp.Target) error {
	_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: either(l.dark, "dark", "light")},
		{Name: "prefers-reduced-motion", Value: either(l.still, "reduce", "no-preference")},
		{Name: "forced-colors", Value: either(l.forced, "active", "none")},
	}})
	return err
}

func scripts(on bool) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	})
}

func either(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}
