package page

import (
	"errors"
	"net/http"

	"efpconnect.example/internal/kratos"
)

// Samples is every page the ErrorHandler makes by itself.
func Samples() []Sample {
	return []Sample{
		MessageSample("error-unexpected", messageFor(errors.New("anything"))),
		MessageSample("error-unavailable", messageFor(kratos.ErrUnavailable)),
		MessageSample("error-bad-form", BadForm(errors.New("anything"), again...).(*Message)),
		MessageSample("error-too-large", messageFor(&http.MaxBytesError{})),
	}
}
