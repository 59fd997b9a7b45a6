package browser

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gorilla/mux"

	"efpconnect.example/internal/metrics"
)

type requestKey struct{}

// request is what the log line needs to know of a request: filled on the way, written at the end.
type request struct {
	id    string
	route string
}

// withRequestID names the request in the log and in the answer: what a person can read out to Assistance.
func withRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &request{id: rand.Text()[:16], route: "none"}
		w.Header().Set("X-Request-Id", q.id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, q)))
	})
}

// NoteRoute is the router's middleware that notes the route's template. The path itself is never logged: the mail's link
// is in it.
func NoteRoute(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if q, ok := r.Context().Value(requestKey{}).(*request); ok {
			if template, err := mux.CurrentRoute(r).GetPathTemplate(); err == nil {
				q.route = template
			}
		}
		next.ServeHTTP(w, r)
	})
}

// logged writes one line a request: method, route, status, time. Nothing about the person.
func (g *Guard) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		answer := &metrics.Answer{ResponseWriter: w}
		next.ServeHTTP(answer, r)
		status := answer.Status(r)
		q, _ := r.Context().Value(requestKey{}).(*request)
		if g.Observe != nil {
			g.Observe(q.route, status, time.Since(started))
		}
		g.Log.InfoContext(r.Context(), "request", "method", methodName(r.Method), "route", q.route, "status", status,
			"ms", time.Since(started).Milliseconds())
	})
}

// recovered turns a panic into the ordinary error page, and its stack into a log entry.
func (g *Guard) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if cause := recover(); cause != nil && cause != http.ErrAbortHandler {
				g.Log.ErrorContext(r.Context(), "panic", "cause", fmt.Sprintf("%T", cause), "stack", string(debug.Stack()))
				g.Door.Fail(w, r, fmt.Errorf("panic: %T", cause))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// methodName keeps what a client invents out of the log.
func methodName(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return method
	}
	return "other"
}

// LogHandler adds the request id of the context to every log entry.
type LogHandler struct{ slog.Handler }

// Handle adds the request id.
func (h LogHandler) Handle(ctx context.Context, record slog.Record) error {
	if q, ok := ctx.Value(requestKey{}).(*request); ok {
		record.AddAttrs(slog.String("request", q.id))
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs keeps the wrapper around.
func (h LogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return LogHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the wrapper around.
func (h LogHandler) WithGroup(name string) slog.Handler { return LogHandler{h.Handler.WithGroup(name)} }
