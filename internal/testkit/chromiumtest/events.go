package chromiumtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// events is what the browser itself reported, page after page. It does not rest on a script in the page, so it also holds
// where scripts are off, and for a form that may not be sent.
type events struct {
	mu       sync.Mutex
	refused  []string
	problems []string
	requests []Request
	open     map[network.RequestID]string
}

// Request is one answer that the browser took in, in order of completion.
type Request struct {
	URL   string
	Bytes int // as transferred: headers and compressed body; 0 out of the cache
}

// see is called by the loop that reads the browser's messages: it must be quick, and may not send a command.
func (e *events) see(event any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch event := event.(type) {
	case *audits.EventIssueAdded:
		if d := event.Issue.Details.ContentSecurityPolicyIssueDetails; d != nil {
			e.refused = append(e.refused, refusal(d))
		}
	case *log.EventEntryAdded:
		if event.Entry.Level == log.EntryLevelError {
			e.problems = append(e.problems, fmt.Sprintf("%s: %s %s", event.Entry.Source, event.Entry.Text, event.Entry.URL))
		}
	case *runtime.EventConsoleAPICalled:
		if event.Type == runtime.ConsoleAPICalledTypeError {
			e.problems = append(e.problems, "console.error: "+said(event.Args))
		}
	case *runtime.EventExceptionThrown:
		e.problems = append(e.problems, "exception: "+thrown(event.ExceptionDetails))
	case *network.EventRequestWillBeSent:
		if e.open == nil {
			e.open = map[network.RequestID]string{}
		}
		e.open[event.RequestID] = event.Request.URL
	case *network.EventLoadingFinished:
		if url := e.open[event.RequestID]; strings.HasPrefix(url, "http") { // not data:
			e.requests = append(e.requests, Request{URL: url, Bytes: int(event.EncodedDataLength)})
		}
		delete(e.open, event.RequestID)
	}
}

func refusal(d *audits.ContentSecurityPolicyIssueDetails) string {
	text := d.ViolatedDirective
	if d.BlockedURL != "" {
		text += " refused " + d.BlockedURL
	} else {
		text += " refused " + string(d.ContentSecurityPolicyViolationType)
	}
	if at := d.SourceCodeLocation; at != nil {
		text += fmt.Sprintf(" (%s:%d)", at.URL, at.LineNumber)
	}
	return text
}

func said(args []*runtime.RemoteObject) (text string) {
	for _, arg := range args {
		text += string(arg.Value) + arg.Description + " "
	}
	return text
}

func thrown(d *runtime.ExceptionDetails) string {
	if d.Exception != nil {
		return d.Text + " " + d.Exception.Description
	}
	return d.Text
}

// Refused is what a Content-Security-Policy refused since Start or Forget: nothing, on a page that is right.
func (b *Browser) Refused() []string { return collected(b, &b.events.refused) }

// Problems is what went to the console as an error since Start or Forget: exceptions, files that are not there (an answer of
// 400 and above counts, also the one a test provokes), what a policy refused.
func (b *Browser) Problems() []string { return collected(b, &b.events.problems) }

// Requests is what was loaded since Start or Forget. Only answers that are complete count.
func (b *Browser) Requests() []Request { return collected(b, &b.events.requests) }

// Forget empties what Refused, Problems and Requests tell.
func (b *Browser) Forget() {
	b.settle()
	b.events.mu.Lock()
	defer b.events.mu.Unlock()
	b.events.refused, b.events.problems, b.events.requests = nil, nil, nil
}

func collected[T any](b *Browser, list *[]T) []T {
	b.t.Helper()
	b.settle()
	b.events.mu.Lock()
	defer b.events.mu.Unlock()
	return slices.Clone(*list)
}

// settle asks the browser for something twice. Its messages come in order: the answer to a question that was put after the
// cause comes after the report of it.
func (b *Browser) settle() {
	b.t.Helper()
	for range 2 {
		evaluate[bool](b, "waiting for the browser's reports", `document.documentElement.getBoundingClientRect().width >= 0`)
	}
}
