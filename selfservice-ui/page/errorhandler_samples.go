package page

import (
	"errors"
	"net/http"
)

// Samples is every page the ErrorHandler makes by itself.
func Samples() []Sample {
	return []Sample{
		MessageSample("error-unexpected", (&ErrorHandler{}).messageFor(errors.New("anything"))),
		MessageSample("error-unavailable", (&ErrorHandler{}).messageFor(ErrUnavailable)),
		MessageSample("error-bad-form", BadForm(errors.New("anything"), again...).(*Message)),
		MessageSample("error-too-large", (&ErrorHandler{}).messageFor(&http.MaxBytesError{})),
	}
}
