package browser

import (
	"context"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ReturnTo is the list of origins (scheme, host, port) that a person may be sent to after a login. Kratos checks the
// same list again.
type ReturnTo []string

// maxReturnTo bounds the address, in bytes: a service that is asked by OpenID Connect needs some 1 400.
const maxReturnTo = 2000

// maxCarried bounds it where it is sealed in a cookie and in the mail's link: a letter that an address may not
// hold is three times as long there, and a quotation mark twice.
const maxCarried = 1024

// notASCII is what a host of the list never has, and what EqualFold would take for some of its letters (ſ for s).
func notASCII(r rune) bool { return r > unicode.MaxASCII }

// Allowed gives the address back when it is an absolute one on an allowed origin, else "".
func (list ReturnTo) Allowed(raw string) string {
	to, _ := list.judge(raw)
	return to
}

// Carried is Allowed for what goes through a reset: "" for an address that is too long for it.
func (list ReturnTo) Carried(raw string) string {
	if to := list.Allowed(raw); len(strconv.Quote(to)) <= maxCarried {
		return to
	}
	return ""
}

// Note logs an address that was asked for and is not kept: whoever set up the service finds out why people do not come back to it.
// Nothing of the address is logged.
func (list ReturnTo) Note(ctx context.Context, log *slog.Logger, raw, kept string) {
	if raw == "" || kept != "" {
		return
	}
	_, cause := list.judge(raw)
	if cause == "" {
		cause = "too long for a reset"
	}
	log.InfoContext(ctx, "return_to dropped", "cause", cause, "bytes", len(raw))
}

func (list ReturnTo) judge(raw string) (to, cause string) {
	if raw == "" || !utf8.ValidString(raw) || strings.ContainsAny(raw, "\\\t\r\n") {
		return "", "no address"
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.Opaque != "" || strings.ContainsFunc(u.Host, notASCII) {
		return "", "no address"
	}
	if to = u.String(); len(to) > maxReturnTo {
		return "", "too long"
	}
	for _, origin := range list {
		if strings.EqualFold(u.Scheme+"://"+u.Host, origin) {
			return to, ""
		}
	}
	return "", "not an origin of the setting return_to"
}

// Carry is a path of this site with the address that Allowed gave back; the path alone for "".
func Carry(path, to string) string {
	if to == "" {
		return path
	}
	return path + "?" + url.Values{"return_to": {to}}.Encode()
}
