package kratos

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
)

// maxBody bounds what is read of one answer. Kratos's longest, a settings flow, has some 10 kB.
const maxBody = 1 << 20

// maxUserAgent is the width of Kratos's column in characters. PostgreSQL refuses
// a longer one, and with it the whole login.
const maxUserAgent = 512

// Visitor is the person's browser as the site saw it. Kratos writes it to its
// audit trail and session list.
type Visitor struct {
	Address   string // IP address without port
	UserAgent string
	Request   string // id of the request, as the proxy and the site log it
}

type visitorKey struct{}

// WithVisitor makes the Client's calls under ctx pass v on to Kratos, as
// True-Client-Ip, X-Forwarded-For, User-Agent and X-Request-Id. What is not an IP address or
// does not fit a header is left out.
func WithVisitor(ctx context.Context, v Visitor) context.Context {
	clean := Visitor{UserAgent: headerText(v.UserAgent), Request: headerText(v.Request)}
	if address, err := netip.ParseAddr(v.Address); err == nil {
		clean.Address = address.WithZone("").String()
	}
	return context.WithValue(ctx, visitorKey{}, clean)
}

// headerText keeps the printable ASCII of a text, at most maxUserAgent of it.
func headerText(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), maxUserAgent)]
}

// transport adds to the generated client what it lacks: the visitor's headers
// and a bound on the answer.
type transport struct{ base http.RoundTripper }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if v, ok := r.Context().Value(visitorKey{}).(Visitor); ok {
		r = r.Clone(r.Context())
		setHeader(r.Header, "True-Client-Ip", v.Address)
		setHeader(r.Header, "X-Forwarded-For", v.Address)
		setHeader(r.Header, "User-Agent", v.UserAgent)
		setHeader(r.Header, "X-Request-Id", v.Request)
	}
	resp, err := t.base.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxBody)
	}
	return resp, err
}

func setHeader(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}
