// Package browser is what every request meets before it reaches a page: a request id, the security headers, the Host and
// same-origin checks, a bound on the body, a time limit, the language, one log line.
//
// Only the server assembles it. It decides nothing about a page: refusals go through the error handler like every error.
package browser

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"efpconnect.example/selfservice-ui/page"
)

// Guard is what an administrator decides about every request.
type Guard struct {
	PublicURL *url.URL // the site's address as browsers know it: its host is the only Host answered
	FormTo    []string // origins a form's answer may redirect to (CSP form-action also governs redirects)
	// TrustedProxies are our own: what they say of a client in X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	Timeout        time.Duration // longest life of a request
	MaxBody        int64         // bytes a form may have
	Languages      []string      // languages offered
	Log            *slog.Logger
	Errors         *page.ErrorHandler
	// Hash names a client in the log; package seal makes it.
	Hash func(purpose, value string) string
	// Observe is told of each request at its end: its route's template, never its path. Nil: nobody.
	Observe func(route string, status int, took time.Duration)
}

// Wrap puts the guard around the site's routes.
func (g *Guard) Wrap(routes http.Handler) http.Handler {
	h := g.limits(g.client(routes))
	h = visited(g.sameOrigin(h))
	h = g.host(h)
	h = g.headers(h)
	h = page.WithLanguage(g.Languages, h)
	h = g.recovered(h)
	h = g.logged(h)
	return g.withRequestID(h)
}

// Secure reports whether the site is served on https, so that cookies are Secure and __Host-.
func (g *Guard) Secure() bool { return g.PublicURL.Scheme == "https" }
