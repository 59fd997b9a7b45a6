package chromiumtest

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// Edit gives the focused field editing commands, as the keyboard's shortcuts do: selectAll, cut, copy, paste.
func (b *Browser) Edit(commands ...string) {
	b.t.Helper()
	for _, command := range commands {
		b.do(command, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
			_, err := cdp.Call(ctx, tab, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Commands: []string{command}})
			return err
		}))
	}
}
