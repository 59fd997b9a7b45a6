package profile

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// maxFieldBytes is what any field may hold: ten times the longest that the schema allows.
const maxFieldBytes = 2000

// clean drops spaces around a value (no-break ones too), makes runs inside one space, and puts it in Unicode form C.
func clean(s string) string {
	if isPlain(s) {
		return strings.TrimSpace(s)
	}
	s = norm.NFC.String(s)
	var b strings.Builder
	space := false
	for _, r := range s {
		// A space, a zero-width space or a byte order mark that an office program left. Not tabs and line ends: inside a
		// value they are a fault that somebody should see.
		if unicode.Is(unicode.Zs, r) || r == '\u200b' || r == '\ufeff' {
			space = true
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// isPlain tells ASCII without a run of spaces: most values, left as they are.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || (s[i] == ' ' && i > 0 && s[i-1] == ' ') {
			return false
		}
	}
	return true
}

// invisible tells control characters, and marks that change how the text around them reads (direction overrides): neither
// belongs in a name, and both end up in mails.
func invisible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || r == utf8.RuneError
	})
}

// fold is how words are compared: without case, spaces and dots ("M." is "m", "Mme " is "mme").
func fold(s string) string {
	return strings.ToLower(foldedAway.Replace(clean(s)))
}

var foldedAway = strings.NewReplacer(" ", "", ".", "")

// setCase applies a trait's case.
func setCase(s, how string) string {
	switch how {
	case "lower":
		return strings.ToLower(s)
	case "upper":
		return strings.ToUpper(s)
	case "title":
		// Only what is written in one case throughout: "McGregor" and "d’Artagnan" know better.
		if s == strings.ToUpper(s) || s == strings.ToLower(s) {
			return cases.Title(language.French).String(s)
		}
	}
	return s
}
