package browser

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
	"runtime/debug"
	"slices"
	"time"

	"github.com/gorilla/mux"

	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
)

type requestKey struct{}

// request is what the log line needs to know of a request: filled on the way, written at the end.
type request struct {
	id      string
	route   string
	address netip.Addr                         // of the client, once it is known
	hash    func(purpose, value string) string // keyed
}

// requestID is what a proxy may call a request.
var requestID = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)

// withRequestID names the request in the log and in the answer: what a person can read out to Assistance. A proxy of ours has named it
// already, so that one name leads through its log, ours and Kratos's; what a visitor calls it counts for nothing.
func (g *Guard) withRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &request{id: rand.Text()[:16], route: "none"}
		if given := r.Header.Get("X-Request-Id"); requestID.MatchString(given) && limit.FromProxy(r, g.TrustedProxies) {
			q.id = given
		}
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
				g.Errors.Fail(w, r, fmt.Errorf("panic: %T", cause))
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

// LogHandler adds the request id of the context to every log entry, and to those about what a client did the names of the client and of
// its network: a keyed hash each.
type LogHandler struct {
	slog.Handler
	Clear slog.Handler // the same entries with the network address in clear; nil: nowhere
}

// aboutClient are the messages of the entries that tell what a client did: limit, trap and captcha (package formguard), audit.
var aboutClient = []string{"limit", "trap", "captcha", "audit"}

// Handle adds the request id, and the client's names.
func (h LogHandler) Handle(ctx context.Context, record slog.Record) error {
	q, ok := ctx.Value(requestKey{}).(*request)
	if !ok {
		return h.Handler.Handle(ctx, record)
	}
	record.AddAttrs(slog.String("request", q.id))
	if !slices.Contains(aboutClient, record.Message) || !q.address.IsValid() || q.hash == nil {
		return h.Handler.Handle(ctx, record)
	}
	record.AddAttrs(slog.String("client", q.hash("log client", q.address.String())),
		slog.String("network", q.hash("log network", limit.Network(q.address).String())))
	var err error
	if h.Clear != nil {
		clear := record.Clone()
		clear.AddAttrs(slog.String("address", q.address.String()))
		err = h.Clear.Handle(ctx, clear)
	}
	return errors.Join(h.Handler.Handle(ctx, record), err)
}

// WithAttrs keeps the wrapper around.
func (h LogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.Handler = h.Handler.WithAttrs(attrs)
	if h.Clear != nil {
		h.Clear = h.Clear.WithAttrs(attrs)
	}
	return h
}

// WithGroup keeps the wrapper around.
func (h LogHandler) WithGroup(name string) slog.Handler {
	h.Handler = h.Handler.WithGroup(name)
	if h.Clear != nil {
		h.Clear = h.Clear.WithGroup(name)
	}
	return h
}
