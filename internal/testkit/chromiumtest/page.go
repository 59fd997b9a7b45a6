package chromiumtest

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Open goes to an address and returns the status of the page, after redirections.
func (b *Browser) Open(url string) (status int) {
	b.t.Helper()
	return b.loading("opening "+url, chromedp.Navigate(url))
}

// Submit clicks and waits for the page that comes of it. target is as for Click.
func (b *Browser) Submit(target string) (status int) {
	b.t.Helper()
	b.mustFind(target)
	return b.loading("submitting "+target, chromedp.Click(pointer(target), chromedp.NodeVisible))
}

// SubmitByEnter presses Enter where the focus is and waits for the page that comes of it.
func (b *Browser) SubmitByEnter() (status int) {
	b.t.Helper()
	return b.loading("pressing Enter", chromedp.KeyEvent(kb.Enter))
}

// Back is the browser's own button, to another document. One out of the history's cache never loads, so chromedp's own
// NavigateBack would wait for ever.
func (b *Browser) Back() { b.t.Helper(); b.travel("back") }

// Forward is the browser's own button, after Back.
func (b *Browser) Forward() { b.t.Helper(); b.travel("forward") }

func (b *Browser) travel(way string) {
	b.t.Helper()
	step := chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := chromedp.Evaluate[chromedp.Void](`history.`+way+`()`)(ctx, tab)
		if err != nil && strings.Contains(err.Error(), "navigated or closed") {
			return nil // the page that was asked has gone already, as it was to
		}
		return err
	})
	b.do("going "+way, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := chromedp.WaitEvent(page.FrameNavigated, nil, step)(ctx, tab)
		return err
	}))
	b.until("the page never came", `document.readyState === "complete"`)
}

// Reload is the browser's own button.
func (b *Browser) Reload() (status int) {
	b.t.Helper()
	return b.loading("reloading", chromedp.Reload())
}

func (b *Browser) loading(what string, step chromedp.Action[chromedp.Void]) int {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	response, err := chromedp.RunResponse(ctx, step)
	if err != nil {
		b.fatal("%s: %v", what, err)
	}
	if response == nil {
		return 0 // a page out of the history's cache
	}
	return int(response.Status)
}

// Click clicks with the mouse on a link, button, field or label: its visible name, or a CSS selector that begins with one
// of # . [ . It does not wait for a page: see Submit.
func (b *Browser) Click(target string) {
	b.t.Helper()
	b.mustFind(target)
	b.do("clicking "+target, chromedp.Click(pointer(target), chromedp.NodeVisible))
}

// Fill replaces what a field holds by typing, key after key. target is as for Click; a field's name is its label.
func (b *Browser) Fill(target, text string) {
	b.t.Helper()
	b.mustFind(target)
	b.do("filling "+target, chromedp.Focus(pointer(target)), chromedp.Func(selectAll))
	b.do("filling "+target, chromedp.KeyEvent(kb.Delete))
	b.Type(text)
}

func selectAll(ctx context.Context, tab *chromedp.Target) error {
	_, err := chromedp.Evaluate[chromedp.Void](`document.activeElement.select && document.activeElement.select()`)(ctx, tab)
	return err
}

// Type sends text to what has the focus.
func (b *Browser) Type(text string) {
	b.t.Helper()
	b.do("typing", chromedp.KeyEvent(text))
}

// Press presses one key: Tab, Shift+Tab, Enter, Space, Escape, Backspace, ArrowLeft, ArrowRight, ArrowUp, ArrowDown.
func (b *Browser) Press(key string) {
	b.t.Helper()
	name, shifted := strings.CutPrefix(key, "Shift+")
	code, known := map[string]string{
		"Tab": kb.Tab, "Enter": kb.Enter, "Space": " ", "Escape": kb.Escape, "Backspace": kb.Backspace,
		"ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight, "ArrowUp": kb.ArrowUp, "ArrowDown": kb.ArrowDown,
	}[name]
	if !known {
		b.t.Fatalf("no key %q", key)
	}
	var options []chromedp.KeyOption
	if shifted {
		options = append(options, chromedp.KeyModifiers(chromedp.ModifierShift))
	}
	b.do("pressing "+key, chromedp.KeyEvent(code, options...))
}

// URL is the address shown.
func (b *Browser) URL() string {
	b.t.Helper()
	return evaluate[string](b, "the address", `location.href`)
}

// Title is the title of the tab.
func (b *Browser) Title() string {
	b.t.Helper()
	return evaluate[string](b, "the title", `document.title`)
}

// Text is what is written inside the first element of a selector, as shown: hidden parts are not in it, and no-break spaces
// stay what they are.
func (b *Browser) Text(selector string) string {
	b.t.Helper()
	return evaluate[string](b, "text of "+selector, `(() => {
		const e = document.querySelector(`+quoted(selector)+`)
		if (!e) throw new Error("no such element")
		return e.innerText
	})()`)
}

// Value is what a field holds. target is as for Click.
func (b *Browser) Value(target string) string {
	b.t.Helper()
	b.mustFind(target)
	return evaluate[string](b, "value of "+target, expression(target)+`.value`)
}

// Count is how many elements of a selector the page has.
func (b *Browser) Count(selector string) int {
	b.t.Helper()
	return evaluate[int](b, "counting "+selector, `document.querySelectorAll(`+quoted(selector)+`).length`)
}

// See waits until the page shows a text; every kind of space counts as one.
func (b *Browser) See(text string) {
	b.t.Helper()
	b.until("the page never showed "+text, `document.body !== null && document.body.innerText.replace(/[\s\u00a0\u202f]+/g, " ")
		.includes(`+quoted(strings.Join(strings.Fields(text), " "))+`)`)
}

// Until waits for a condition in JavaScript.
func (b *Browser) Until(condition string) {
	b.t.Helper()
	b.until("never true: "+condition, condition)
}

// until asks again and again from outside: a timer inside the page does not run where scripts are off.
func (b *Browser) until(failure, condition string) {
	b.t.Helper()
	b.within(failure, func() bool {
		// An error is a page that is just going away.
		yes, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("!!("+condition+")"))
		return err == nil && yes
	})
}

// Within waits for what a test can only ask from outside the page, for instance that a report has come. what names it in the
// failure.
func (b *Browser) Within(what string, condition func() bool) {
	b.t.Helper()
	b.within("not within "+patience.String()+": "+what, condition)
}

func (b *Browser) within(failure string, condition func() bool) {
	b.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); time.Now().Before(end); <-tick.C {
		if condition() {
			return
		}
	}
	b.fatal("%s", failure)
}

func quoted(text string) string {
	encoded, _ := json.Marshal(text) // a string always encodes
	return string(encoded)
}
