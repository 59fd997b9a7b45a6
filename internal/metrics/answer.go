package metrics

import "net/http"

// StatusGone is noted where a client left before it was told anything: nothing was refused, and nothing went well. The number is
// nginx's; no client ever sees it.
const StatusGone = 499

// Answer notes what a client is told.
type Answer struct {
	http.ResponseWriter
	status int // 0 until something is said
}

// WriteHeader notes the first status: what follows it no client hears.
func (a *Answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *Answer) Write(body []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(body)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *Answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Status is what the client of the request was told, once its handler has returned.
func (a *Answer) Status(r *http.Request) int {
	switch {
	case a.status != 0:
		return a.status
	case r.Context().Err() != nil:
		return StatusGone
	}
	return http.StatusOK // net/http says it for a handler that says nothing
}
