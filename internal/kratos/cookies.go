package kratos

import (
	"encoding/base64"
	"net"
	"net/http"
	"regexp"
	"strings"
)

// mostSessions is how many cookies of Kratos's name are looked at: one for each
// domain that a browser may hold one for. More are somebody's attempt to have
// Kratos asked many times.
const mostSessions = 4

// Sessions are the cookies among a browser's that may be Kratos's: of its name,
// once each, and of the form that it writes. What anybody can tell from Kratos's
// own is not worth a question to it.
func (c *Client) Sessions(cookies []*http.Cookie) []*http.Cookie {
	var list []*http.Cookie
	seen := map[string]bool{}
	for _, cookie := range named(cookies, c.sessionCookie) {
		if len(list) == mostSessions {
			break
		}
		if !seen[cookie.Value] && written(cookie.Value) {
			list = append(list, cookie)
		}
		seen[cookie.Value] = true
	}
	return list
}

// The least and the most that Kratos's cookie holds, in bytes: a date and a
// signature of 32 bytes on one side, what browsers keep on the other.
const (
	leastCookie = 64
	mostCookie  = 4096
)

// dated is how a cookie of gorilla/securecookie begins once decoded: the Unix second at which it was written.
var dated = regexp.MustCompile(`^[0-9]{10,11}\|`)

// written tells whether a value has the form that Kratos writes: gorilla/securecookie's, in URL-safe base64.
func written(value string) bool {
	if len(value) < leastCookie || len(value) > mostCookie {
		return false
	}
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(value, "="))
	return err == nil && dated.Match(text)
}

// ExpireSessions makes a browser forget every cookie of Kratos's name that it
// can hold for a host: the host's own, and one for each domain above it. Which
// of them Kratos writes is its configuration's affair; a browser passes over
// those that it would not take.
func (c *Client) ExpireSessions(host string, secure bool) []*http.Cookie {
	domains := []string{""}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if net.ParseIP(strings.Trim(host, "[]")) == nil {
		for domain := host; strings.Contains(domain, "."); _, domain, _ = strings.Cut(domain, ".") {
			domains = append(domains, domain)
		}
	}
	list := make([]*http.Cookie, 0, len(domains))
	for _, domain := range domains {
		list = append(list, &http.Cookie{
			Name:     c.sessionCookie,
			Path:     "/",
			Domain:   domain,
			MaxAge:   -1,
			Secure:   secure,
			HttpOnly: true,
			SameSite: http.SameSiteLaxMode,
		})
	}
	return list
}
