package kratos

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

// Why Kratos decided nothing. Test with errors.Is; the *Error beneath (errors.As)
// says which call, which status and which of Kratos's ids.
var (
	// ErrUnavailable: down, slow, cut in the middle, 5xx or 429. Trying later may
	// help. A POST may nevertheless have taken effect.
	ErrUnavailable = errors.New("kratos unavailable")
	// ErrUnexpected: an answer this package does not know. Trying again will not help.
	ErrUnexpected = errors.New("unexpected answer from kratos")
	// ErrMailFailed, an ErrUnexpected: Kratos could not write the mail. It writes one for addresses with an account only, so
	// nobody but the log may learn of it.
	ErrMailFailed = fmt.Errorf("%w: it could not write the mail", ErrUnexpected)
)

// Error is a call that came to no outcome. Its text holds nothing that came from
// a person or belongs to one: it may be logged.
type Error struct {
	Kind       error   // ErrUnavailable or ErrUnexpected
	Method     string  // HTTP method
	Route      string  // Kratos's path, without query
	Status     int     // 0: no answer
	ID         string  // Kratos's error.id, when it is an identifier
	MessageIDs []int64 // ids of the flow's messages
	cause      error   // for errors.Is and As: its text is not ours, and may quote what came over the wire
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v: %s %s:", e.Kind, e.Method, e.Route)
	if e.Status != 0 {
		fmt.Fprintf(&b, " status %d", e.Status)
	}
	if e.Status == 0 || e.cause != nil {
		fmt.Fprintf(&b, " %s", causeText(e.cause))
	}
	if e.ID != "" {
		fmt.Fprintf(&b, ", error %s", e.ID)
	}
	if len(e.MessageIDs) > 0 {
		fmt.Fprintf(&b, ", messages %v", e.MessageIDs)
	}
	return b.String()
}

// Unwrap gives the kind and, when there is one, the cause.
func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.cause}
}

// noAnswer is the error of a call that got no whole answer.
func (c call) noAnswer(err error) *Error {
	kind := ErrUnavailable
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		kind = ErrUnexpected
	}
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err // keep the cause, lose the URL
	}
	return &Error{Kind: kind, Method: c.method, Route: c.route, cause: err}
}

// causeText names a cause without quoting it.
func causeText(err error) string {
	var errno syscall.Errno
	var netErr net.Error
	tooLong, dns := (*http.MaxBytesError)(nil), (*net.DNSError)(nil)
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled by the caller"
	case errors.As(err, &tooLong):
		return "answer too long"
	case errors.As(err, &dns):
		return "no such host"
	case errors.As(err, &errno):
		return errno.Error() // "connection refused"
	case errors.As(err, &netErr) && netErr.Timeout():
		return "timed out"
	default:
		return "no whole answer"
	}
}
