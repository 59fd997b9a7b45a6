package deployment

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Redacted stands where a secret was.
const Redacted = "(secret)"

// secretKey tells by its name a key whose value nobody may read.
var secretKey = regexp.MustCompile(`(?i)^(dsn|connection_uri|.*password|.*secret|.*secrets|.*token|.*api_key|.*private_key|hook_key|value|authorization|pepper)$`)

// Redactor replaces secrets in any text: those of the documents it was made from, whole and in part.
type Redactor struct{ replacer *strings.Replacer }

// NewRedactor collects the secrets of documents for Kratos. A document that is no YAML has none that could be known.
func NewRedactor(documents ...[]byte) Redactor {
	var found []string
	for _, document := range documents {
		var node map[string]any
		if yaml.Unmarshal(document, &node) == nil {
			found = append(found, collect("", node)...)
		}
	}
	// The longest first: a password is also part of its address.
	slices.SortFunc(found, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	pairs := make([]string, 0, 2*len(found))
	for _, secret := range slices.Compact(found) {
		if len(secret) >= 4 { // shorter ones would redact half the language
			pairs = append(pairs, secret, Redacted)
		}
	}
	return Redactor{strings.NewReplacer(pairs...)}
}

// Text is the text without secrets.
func (r Redactor) Text(text string) string { return r.replacer.Replace(text) }

// collect returns every secret under a node. What stands under `secrets` is one, whatever its own key.
func collect(key string, node any) (found []string) {
	switch n := node.(type) {
	case map[string]any:
		for name, below := range n {
			if key == "secrets" {
				name = "secret"
			}
			found = append(found, collect(name, below)...)
		}
	case []any:
		for _, below := range n {
			found = append(found, collect(key, below)...)
		}
	case string:
		if secretKey.MatchString(key) {
			found = append(found, parts(n)...)
		}
	}
	return found
}

// parts are a secret and, of an address, what in it lets one in: as it is written and as it is meant.
func parts(secret string) []string {
	found := []string{secret}
	u, err := url.Parse(secret)
	if err != nil || u.User == nil {
		return found
	}
	if password, ok := u.User.Password(); ok {
		_, written, _ := strings.Cut(u.User.String(), ":")
		found = append(found, u.User.String(), password, written)
	}
	return found
}
