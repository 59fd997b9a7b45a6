// Package redact tells by its key, and never by its text, what of a document for Kratos nobody may read. A secret that happens to be a
// word (an SMTP password `test`) must not be replaced where the word stands for itself: that would tell it.
package redact

import (
	"net/url"
	"regexp"
	"strings"
)

// Mark stands where a secret was.
const Mark = "(secret)"

// secretKey are names whose value nobody may read.
var secretKey = regexp.MustCompile(`(?i)^(dsn|connection_uri|.*password|.*secret|.*token|.*api_?key|.*private_key|hook_key|authorization|cookie_secret|cipher_secret|pepper)$`)

// underSecrets are sections in which each value is one.
var underSecrets = regexp.MustCompile(`(^|\.)(secrets|auth\.config\.(value|password|user))(\.|\[|$)`)

var index = regexp.MustCompile(`\[\d*\]$`)

// Secret tells whether nobody may read what stands at a path: secrets.cookie[0], courier.smtp.connection_uri.
func Secret(path string) bool {
	name := index.ReplaceAllString(path[strings.LastIndexByte(path, '.')+1:], "")
	return secretKey.MatchString(name) || underSecrets.MatchString(path)
}

// Text is what may be shown of a value at a path. Of an address, what lets one in is left out.
func Text(path, value string) string {
	if Secret(path) && value != "" {
		return Mark
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" {
		return value
	}
	query := u.Query()
	hidden := false
	for name := range query {
		if secretKey.MatchString(name) {
			query[name], hidden = []string{Mark}, true
		}
	}
	if u.User == nil && !hidden {
		return value
	}
	if hidden {
		u.RawQuery, _ = url.QueryUnescape(query.Encode())
	}
	user := u.User != nil
	u.User = nil
	if !user {
		return u.String()
	}
	return strings.Replace(u.String(), "://", "://"+Mark+"@", 1)
}
