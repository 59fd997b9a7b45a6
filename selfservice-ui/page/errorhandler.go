package page

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"efpconnect.example/selfservice-ui/sitepath"
)

// A Handler answers a request or says why it could not: an ErrorHandler turns the error into a page.
type Handler func(w http.ResponseWriter, r *http.Request) error

// A Message is an outcome that is a page of its own: one clear sentence and what the person can do now. It is an error so that any
// depth of a step can return it.
type Message struct {
	Status  int      // HTTP status
	Heading string   // word key of the h1
	Text    string   // word key of the sentence
	Args    []any    // pairs for the sentence's {placeholders}
	Actions []Action // what the person can do now, the best first
	Cause   error    // for the log alone

	RetryAfter time.Duration // when trying again makes sense, for programs
	Incident   string        // what Assistance finds the request by; "" where nothing has gone wrong
}

// An Action leads on from a message.
type Action struct {
	Label string // word key
	URL   string
}

func (m *Message) Error() string {
	if m.Cause != nil {
		return m.Text + ": " + m.Cause.Error()
	}
	return m.Text
}

// failed tells what went wrong from where a flow merely stands (409, 410): the page then has its number, and what Assistance finds it by.
func (m *Message) failed() bool {
	return m.Status >= http.StatusBadRequest && m.Status != http.StatusConflict && m.Status != http.StatusGone
}

// page is the message as a page.
func (m *Message) page() Page {
	return Page{Template: "message", Status: m.Status, Heading: m.Heading, Title: cmp.Or(ways[m.Heading].title, m.Heading), View: m}
}

// Unwrap gives the cause.
func (m *Message) Unwrap() error { return m.Cause }

// ErrorHandler is the one place that makes a page of an error.
type ErrorHandler struct {
	Pages *Renderer
	Log   *slog.Logger
	// Unavailable are the errors which say that something the site needs does not answer now: their page offers to try again.
	Unavailable []error
}

// Handle makes a Handler an http.Handler.
func (d *ErrorHandler) Handle(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			d.Fail(w, r, err)
		}
	})
}

// Fail logs the precise cause and shows the fitting page. A browser that has gone away is neither logged as a failure
// nor answered.
func (d *ErrorHandler) Fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return
	}
	m := d.messageFor(err)
	level := slog.LevelInfo
	if m.Status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	d.Log.Log(r.Context(), level, "page", "status", m.Status, "message", m.Text, "cause", causeText(m))
	if m.Status == http.StatusServiceUnavailable || m.Status == http.StatusTooManyRequests {
		wait := max(m.RetryAfter, 10*time.Second)
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	if m.Status == http.StatusTooManyRequests && r.Form == nil && r.ContentLength != 0 {
		w.Header().Set("Connection", "close") // or net/http reads the form before it answers
	}
	shown := *m
	shown.Actions = waysFrom(r.URL, m)
	if m.failed() {
		shown.Incident = w.Header().Get("X-Request-Id")
	}
	m = &shown
	if err := d.Pages.Write(w, r, m.page()); err != nil {
		d.Log.ErrorContext(r.Context(), "page: the error page itself failed", "cause", err)
		http.Error(w, lastResort, http.StatusInternalServerError)
	}
}

// waysFrom are the ways that fit where the person was: trying again first, where that helps, and no new code for who logs in. Every
// form's address also shows its step, as far as it came. A second button to the same page would be one too many.
func waysFrom(at *url.URL, m *Message) []Action {
	ways := slices.Clone(m.Actions)
	if strings.HasPrefix(at.Path, sitepath.Login) {
		ways = slices.DeleteFunc(ways, func(a Action) bool { return a.Label == "way.reset" || a.Label == "way.first" })
	}
	if m.Status >= http.StatusInternalServerError || m.Status == http.StatusRequestEntityTooLarge {
		retry := Action{Label: "way.retry", URL: at.EscapedPath()}
		ways = append([]Action{retry}, slices.DeleteFunc(ways, func(a Action) bool { return a.URL == retry.URL })...)
	}
	return ways
}

// lastResort needs no template: it is sent when even the error page cannot be made.
const lastResort = "Le service rencontre une difficulté. Réessayez dans quelques minutes."

func causeText(m *Message) string {
	if m.Cause == nil {
		return ""
	}
	return m.Cause.Error()
}

// messageFor decides what a person sees of an error. What nobody foresaw is a 500 that says nothing of its cause.
func (d *ErrorHandler) messageFor(err error) *Message {
	var m *Message
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &m):
		return m
	case errors.As(err, &tooLarge):
		return &Message{Status: http.StatusRequestEntityTooLarge, Heading: "error.heading", Text: "error.too_large", Actions: again, Cause: err}
	case d.isUnavailable(err):
		return &Message{Status: http.StatusServiceUnavailable, Heading: "error.unavailable_heading", Text: "error.unavailable", Actions: again, Cause: err}
	}
	return &Message{Status: http.StatusInternalServerError, Heading: "error.heading", Text: "error.unexpected", Actions: again, Cause: err}
}

// isUnavailable tells whether trying again in a while makes sense.
func (d *ErrorHandler) isUnavailable(err error) bool {
	return errors.Is(err, ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) ||
		slices.ContainsFunc(d.Unavailable, func(kind error) bool { return errors.Is(err, kind) })
}

// BadForm is the answer to a body that is too large or no form at all. Its cause is named, not quoted: Go's own error holds
// a piece of what was sent, or the client's address.
func BadForm(err error, actions ...Action) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	cause := errNoForm
	var fault net.Error
	if errors.As(err, &fault) || errors.Is(err, io.ErrUnexpectedEOF) {
		cause = errFormCut
	}
	return &Message{Status: http.StatusBadRequest, Heading: "error.heading", Text: "error.bad_form", Actions: actions, Cause: cause}
}

// ErrUnavailable is wrapped by an error that asks for the page « le service est indisponible » by itself.
var ErrUnavailable = errors.New("page: something the site needs does not answer")

var (
	errNoForm  = errors.New("page: the body is no form")
	errFormCut = errors.New("page: the body did not come to its end")
)

var again = []Action{{Label: "way.login", URL: sitepath.Login}, {Label: "way.reset", URL: sitepath.Reset}}
