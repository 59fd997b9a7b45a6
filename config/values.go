package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ErrMissingValue is returned when a ${name} has no value: nothing is rendered half filled.
var ErrMissingValue = errors.New("no value")

var (
	knownValues = []string{SiteURL, HookURL, HookKey, MountDir, DSN, SMTPURI, CookieSecret, CipherSecret}
	placeholder = regexp.MustCompile(`\$\{([^}]*)\}`)
)

// fill replaces every ${name} in the document's strings, in lists too, where koanf's own paths do not reach. What a value
// holds is not looked at again, so a "${" in a password stays what it is. All names without a value are reported at once.
func fill(document map[string]any, values map[string]string) (map[string]any, error) {
	var problems []error
	for name := range values {
		if !slices.Contains(knownValues, "values."+name) {
			problems = append(problems, fmt.Errorf("values.%s is not a value that kratos.yml uses", name))
		}
	}
	missing := map[string]bool{}
	filled := eachString(document, func(s string) string {
		return placeholder.ReplaceAllStringFunc(s, func(p string) string {
			name := strings.TrimSuffix(strings.TrimPrefix(p, "${"), "}")
			if values[name] == "" {
				missing[name] = true
			}
			return values[name]
		})
	})
	for name := range missing {
		problems = append(problems, fmt.Errorf("%w for values.%s", ErrMissingValue, name))
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return filled.(map[string]any), errors.Join(problems...)
}

// eachString rebuilds a document with f applied to its strings; keys stay as they are.
func eachString(node any, f func(string) string) any {
	switch n := node.(type) {
	case string:
		return f(n)
	case []any:
		out := make([]any, len(n))
		for i, v := range n {
			out[i] = eachString(v, f)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(n))
		for k, v := range n {
			out[k] = eachString(v, f)
		}
		return out
	default:
		return node
	}
}
