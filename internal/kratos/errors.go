package kratos

import "errors"

// Why Kratos decided nothing. Test with errors.Is; the *Error beneath (errors.As)
// says which call, which status and which of Kratos's ids.
var (
	// ErrUnavailable: down, slow, cut in the middle, 5xx or 429. Trying later may
	// help. A POST may nevertheless have taken effect.
	ErrUnavailable = errors.New("kratos unavailable")
	// ErrUnexpected: an answer this package does not know. Trying again will not help.
	ErrUnexpected = errors.New("unexpected answer from kratos")
)

// Error is a call that came to no outcome. It holds nothing that came from or
// belongs to a person.
type Error struct {
	Kind       error   // ErrUnavailable or ErrUnexpected
	Method     string  // HTTP method
	Route      string  // path without query
	Status     int     // 0: no answer
	ID         string  // Kratos's error.id
	MessageIDs []int64 // ids of the flow's UI messages
	Cause      error   // for errors.Is (context.Canceled); its text is not shown
}

func (e *Error) Error() string { return e.Kind.Error() }

// Unwrap gives the kind and the cause to errors.Is and errors.As.
func (e *Error) Unwrap() []error { return []error{e.Kind, e.Cause} }
