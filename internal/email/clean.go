package email

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Invisible tells a character that nobody sees where it stands: zero width, direction marks, soft hyphens, byte order marks,
// variation selectors, fillers. Unicode's Default_Ignorable_Code_Point, from the tables that Go has of it. A copy brings them along.
func Invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) &&
		!unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// blank tells what looks like a space, the control characters that move a line among them.
func blank(r rune) bool { return unicode.IsSpace(r) || r == '\u2800' }

// outside tells what is in no address: control characters, and what is no text.
func outside(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError || blank(r) }

// keyboard are the signs of the keyboard for those that programs put in their place while one types, or that look the same.
var keyboard = strings.NewReplacer(
	"\u2018", "'", "\u2019", "'", "\u201a", "'", "\u201b", "'", "\u2032", "'", "\u00b4", "'",
	"\u02b9", "'", "\u02bb", "'", "\u02bc", "'", "\u02bd", "'", "\ua78c", "'", "\uff07", "'",
	"\u2010", "-", "\u2011", "-", "\u2012", "-", "\u2013", "-", "\u2212", "-", "\ufe63", "-", "\uff0d", "-",
)

// clean is the text that a person sees, in the signs that the keyboard has. The part before the last @ is left in the form that it was
// typed in: NFC makes an ASCII letter of the Kelvin sign, and localFault has not judged yet.
func clean(typed string) string {
	text := typed
	if strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
		text = strings.Map(func(r rune) rune {
			if Invisible(r) {
				return -1
			}
			return r
		}, text)
		text = keyboard.Replace(text)
		at := strings.LastIndexByte(text, '@') + 1
		text = text[:at] + norm.NFC.String(text[at:])
	}
	return strings.TrimFunc(text, blank)
}
