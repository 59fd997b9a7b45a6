package profile

import (
	"regexp"
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

// damagedForms are what a spreadsheet makes of an identifier: 1,2E+15 of a long number, #### of one that is too wide, #N/A of a formula.
var damagedForms = regexp.MustCompile(`(?i)^([+-]?[0-9]+([.,][0-9]+)?E\+[0-9]+|[+-]?[0-9]+[.,][0-9]+E-?[0-9]+|#+|#[A-ZÉ/]+[0-9]?[!?]?)$`)

// damaged tells an identifier that is no longer what the store had: other people's would have become the same.
func damaged(id string) bool {
	last := id[len(id)-1]
	if id[0] != '#' && (last < '0' || last > '9' || !strings.ContainsAny(id, "eE")) {
		return false
	}
	return damagedForms.MatchString(id)
}

// misreadSigns stand where a letter was when a file is read in another encoding than its own: ¼uvre is Œuvre of ISO-8859-15, Andr‚ is André
// of CP850. No name has one beside a letter.
const misreadSigns = "¼½¾¤¦†‡‚ˆ‰¢£¥¬±¶√≈∆"

// misread tells a text that was read in a wrong encoding, here or before: one of misreadSigns beside a letter, or é as Ã©.
func misread(s string) bool {
	before := rune(0)
	for i, r := range s {
		if r < utf8.RuneSelf {
			before = r
			continue
		}
		after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
		switch {
		case strings.ContainsRune(misreadSigns, r) && (unicode.IsLetter(before) || unicode.IsLetter(after)):
			return true
		case (r == 'Ã' || r == 'Â') && strings.ContainsRune(twiceEncoded, after):
			return true
		}
		before = r
	}
	return false
}

// twiceEncoded are the second halves of French letters in UTF-8, read as Windows-1252.
const twiceEncoded = "©¨§ª«®¯´¹»¼¢€‰\u00a0"

// codes stand for letters in web pages (&eacute; and &#039;) and in mails (=C3=A9).
var codes = regexp.MustCompile(`&(#[0-9]{2,6}|#[xX][0-9a-fA-F]{2,6}|[a-zA-Z]{2,8});|=C[23]=[89AB][0-9A-F]`)

// escaped tells a text that was written for a web page or a mail and never turned back: somebody would be greeted as Zo&eacute;.
func escaped(s string) bool {
	return strings.ContainsAny(s, "&=") && codes.MatchString(s)
}
