package browser

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ReturnTo is the list of origins (scheme, host, port) that a person may be sent to after a login. Kratos checks the
// same list again.
type ReturnTo []string

// maxReturnTo bounds the address, in bytes, as it is sealed in a cookie and in the mail's link: a letter that an address may not
// hold is three times as long there, and a quotation mark twice.
const maxReturnTo = 1024

// notASCII is what a host of the list never has, and what EqualFold would take for some of its letters (ſ for s).
func notASCII(r rune) bool { return r > unicode.MaxASCII }

// Allowed gives the address back when it is an absolute one on an allowed origin, else "".
func (list ReturnTo) Allowed(raw string) string {
	if raw == "" || !utf8.ValidString(raw) || strings.ContainsAny(raw, "\\\t\r\n") {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.Opaque != "" || strings.ContainsFunc(u.Host, notASCII) {
		return ""
	}
	to := u.String()
	if len(strconv.Quote(to)) > maxReturnTo {
		return ""
	}
	for _, origin := range list {
		if strings.EqualFold(u.Scheme+"://"+u.Host, origin) {
			return to
		}
	}
	return ""
}

// Carry is a path of this site with the address that Allowed gave back; the path alone for "".
func Carry(path, to string) string {
	if to == "" {
		return path
	}
	return path + "?" + url.Values{"return_to": {to}}.Encode()
}
