package settings

import (
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"
	"time"
)

// Print writes every setting as a file would hold it, with what it is for and how else it can be set. A secret's value is never
// written, only whether there is one. The error is the writer's.
func Print(w io.Writer, s Settings) error {
	var text strings.Builder
	text.WriteString("# Settings of selfservice-ui, as they are in force. Flags win over variables, variables over the file.\n")
	text.WriteString("# A secret has no flag; its variable may end in _FILE and name a file that holds it.\n")
	text.WriteString("# Nothing is written '' in the file, EFP_…= as a variable, --…= as a flag.\n")
	value := reflect.ValueOf(s)
	for i, f := range fields() {
		fmt.Fprintf(&text, "\n# %s\n# %s", f.help, f.variable())
		if f.secret {
			fmt.Fprintf(&text, " · %s_FILE\n", f.variable())
		} else {
			fmt.Fprintf(&text, " · --%s · default: %q\n", f.flag(), f.def)
		}
		fmt.Fprintf(&text, "%s: %s\n", f.key, shown(f, value.Field(i)))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// Samples are the settings that still hold an address of this repository's examples, which reaches nobody.
func (s Settings) Samples() (keys []string) {
	value := reflect.ValueOf(s)
	for i, f := range fields() {
		if !f.secret && strings.Contains(fmt.Sprint(value.Field(i)), "example.test") {
			keys = append(keys, f.key)
		}
	}
	return keys
}

// Holes are the settings that a legal page waits for: empty, and no other page stands in its place.
func (s Settings) Holes() (keys []string) {
	value := reflect.ValueOf(s)
	said := make(map[string]string)
	for i, f := range fields() {
		said[f.key] = fmt.Sprint(value.Field(i))
	}
	for _, f := range fields() {
		if f.hole != "" && said[f.key] == "" && said[f.hole] == "" {
			keys = append(keys, f.key)
		}
	}
	return keys
}

// shown is a setting's value on one line.
func shown(f field, value reflect.Value) string {
	switch v := value.Interface().(type) {
	case string:
		if f.secret {
			return secretShown(len(v))
		}
		return fmt.Sprintf("%q", withoutUser(v))
	case []string:
		if f.secret {
			return secretShown(len(v))
		}
		if strings.Contains(strings.Join(v, ""), ",") { // a value's own comma
			quoted := make([]string, len(v))
			for i, one := range v {
				quoted[i] = fmt.Sprintf("%q", withoutUser(one))
			}
			return "[" + strings.Join(quoted, ", ") + "]"
		}
		return fmt.Sprintf("%q", withoutUser(strings.Join(v, ",")))
	case time.Time:
		if v.IsZero() {
			return `""`
		}
		return v.Format(time.RFC3339)
	default:
		return fmt.Sprint(v)
	}
}

var user = regexp.MustCompile(`//[^/@\s]*@`)

// withoutUser hides the user and the password that somebody wrote into an address.
func withoutUser(text string) string { return user.ReplaceAllString(text, "//(hidden)@") }

func secretShown(length int) string {
	if length == 0 {
		return `"" # not set`
	}
	return "(set)"
}
