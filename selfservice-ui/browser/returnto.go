package browser

import (
	"net/url"
	"strings"
	"unicode"
)

// ReturnTo is the list of origins (scheme, host, port) that a person may be sent to after a login. Kratos checks the
// same list again.
type ReturnTo []string

// maxReturnTo bounds the address so that it fits in a sealed cookie and in the mail's link.
const maxReturnTo = 1024

// notASCII is what a host of the list never has, and what EqualFold would take for some of its letters (ſ for s).
func notASCII(r rune) bool { return r > unicode.MaxASCII }

// Allowed gives the address back when it is an absolute one on an allowed origin, else "".
func (list ReturnTo) Allowed(raw string) string {
	if raw == "" || len(raw) > maxReturnTo || strings.ContainsAny(raw, "\\\t\r\n") {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.Opaque != "" || strings.ContainsFunc(u.Host, notASCII) {
		return ""
	}
	for _, origin := range list {
		if strings.EqualFold(u.Scheme+"://"+u.Host, origin) {
			return u.String()
		}
	}
	return ""
}
