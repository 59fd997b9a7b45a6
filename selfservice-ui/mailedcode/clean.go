package mailedcode

import (
	"strings"
	"unicode"

	"efpconnect.example/internal/email"
)

// Clean is the six digits without what people copy along, or the word key of what is wrong: Kratos counts a try for anything
// it is given.
func Clean(typed string) (code, key string) {
	code = strings.Map(func(r rune) rune {
		if aroundDigits(r) {
			return -1
		}
		return asciiDigit(r)
	}, typed)
	switch {
	case code == "":
		return "", "code.empty"
	case strings.Trim(code, "0123456789") != "":
		return "", "code.letters"
	case len(code) != 6:
		return "", "code.length"
	}
	return code, ""
}

// aroundDigits tells what stands between and around digits in a mail or a table: any space, line end, dash, dot or invisible mark.
func aroundDigits(r rune) bool {
	switch r {
	case '.', '\u2212', '\u2043', '\u02d7', '\u2800': // the minus sign and the hyphen of lists are no dashes to Unicode
		return true
	}
	return unicode.IsSpace(r) || unicode.In(r, unicode.Z, unicode.Pd) || email.Invisible(r)
}

// asciiDigit is the digit that another keyboard writes in its own way: full-width, Arabic, Persian.
func asciiDigit(r rune) rune {
	for _, zero := range []rune{'\uff10', '\u0660', '\u06f0'} {
		if r >= zero && r <= zero+9 {
			return '0' + r - zero
		}
	}
	return r
}
