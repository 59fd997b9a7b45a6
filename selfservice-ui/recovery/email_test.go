package recovery

import (
	"net/mail"
	"strings"
	"testing"
	"unicode"
)

func TestAddressFault(t *testing.T) {
	const malformed = "address.malformed"
	local := strings.Repeat("a", maxLocal)
	labels := strings.Repeat("b23456789.", 18) // 180 bytes of domain
	for _, c := range []struct{ why, typed, want string }{
		{"an ordinary one", "camille.serve@example.test", ""},
		{"a tag", "camille+efp@example.test", ""},
		{"an apostrophe is allowed before the @", "o'neill@example.test", ""},
		{"capitals: Kratos folds them itself", "Camille.SERVE@Example.TEST", ""},
		{"a name in its own script, as Kratos takes it", "camille@xn--exemple-cva.test", ""},
		{"an accent before the @", "hélène@example.test", ""},
		{"a company's sub-domain with digits", "a@mail2.3m.example.test", ""},
		{"nothing typed", "", "address.empty"},
		{"no @", "camille.serve", malformed},
		{"nothing before it", "@example.test", malformed},
		{"nothing after it", "camille@", malformed},
		{"two of them", "a@b@example.test", malformed},
		{"no dot: nobody has a mailbox on a top level", "camille@localhost", malformed},
		{"a dot at the end, the most common typo", "camille@example.test.", malformed},
		{"two dots", "camille@example..test", malformed},
		{"a comma for a dot", "camille@example,test", malformed},
		{"a comma and a second address: Kratos's mail would go to both", "a@example.test,b@example.test", malformed},
		{"a space inside", "camille serve@example.test", malformed},
		{"a no-break space, as copied from a page", "camille@example.test\u00a0", malformed},
		{"a name around it: what programs copy", "Camille <camille@example.test>", malformed},
		{"mailto: what links copy", "mailto:camille@example.test", malformed},
		{"quotes", `"camille serve"@example.test`, malformed},
		{"a comment", "camille(efp)@example.test", malformed},
		{"an address of a machine", "camille@[127.0.0.1]", malformed},
		{"a line break would end a mail's header", "camille@example.test\r\nBcc: x@example.test", malformed},
		{"a NUL", "camille\x00@example.test", malformed},
		{"no UTF-8", "camille\xff@example.test", malformed},
		{"a label that begins with a dash", "camille@-example.test", malformed},
		{"an underscore is in no host name", "camille@my_example.test", malformed},
		{"a domain with an accent: programs send xn--", "camille@éxample.test", malformed},
		{"64 bytes before the @, the most there may be", local + "@example.test", ""},
		{"65", local + "a@example.test", malformed},
		{"a long one that is right", local + "@" + labels + "fr", ""},
		{"255 bytes", strings.Repeat("a", maxAddress-12) + "@example.test", "address.too_long"},
		{"a page of text", strings.Repeat("a", 1<<16), "address.too_long"},
	} {
		if got := addressFault(c.typed); got != c.want {
			t.Errorf("%s: %q gives %q, want %q", c.why, c.typed, got, c.want)
		}
	}
}

// What passes here must pass Kratos's schema too ("format": "email" of ory/jsonschema, as isEmail below): what Kratos
// refuses is answered by a silence that nobody can explain to the person.
func FuzzAddressFault(f *testing.F) {
	for _, seed := range []string{"a@example.test", "a@b", "\"a b\"@example.test", "a@example.test ", "é@example.test", "a@exa_mple.test", "<a@example.test>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		if addressFault(typed) != "" {
			return
		}
		if !isEmail(typed) {
			t.Errorf("%q passes here and not at Kratos", typed)
		}
		if strings.Count(typed, "@") != 1 || strings.ContainsFunc(typed, func(c rune) bool { return unicode.IsControl(c) || unicode.IsSpace(c) || c == unicode.ReplacementChar }) {
			t.Errorf("%q passes", typed)
		}
	})
}

// isEmail is Kratos's own rule, written down from its documentation: 254 bytes, 64 of them before the last @, a host name
// after it, and RFC 5322.
func isEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if len(s) > 254 || at < 0 || at > 64 {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s[at+1:], "."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	_, err := mail.ParseAddress(s)
	return err == nil
}
