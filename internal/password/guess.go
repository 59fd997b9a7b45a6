package password

import (
	"strings"
	"unicode"

	"github.com/trustelem/zxcvbn/frequency"
	"github.com/trustelem/zxcvbn/match"
	"github.com/trustelem/zxcvbn/matching"
	"golang.org/x/text/unicode/norm"
)

// Guessable tells that so few guesses find a password as Policy.MinGuesses forbids. names are what an attacker tries first: the
// service's, the ministry's, the parts of the person's address.
//
// zxcvbn estimates; it knows English. A password is therefore read in several ways (plain, letters for signs, keys of a French keyboard,
// backwards), with French words added, and the weakest reading counts. Beyond window characters both ends are judged, and one that is
// hard to guess is enough: the cost is bounded, and a longer password is never the weaker one.
func (p Policy) Guessable(pw string, names []string) bool {
	runes := []rune(norm.NFC.String(pw))
	if len(runes) <= window {
		return guesses(runes, names) < p.MinGuesses
	}
	return guesses(runes[:window], names) < p.MinGuesses && guesses(runes[len(runes)-window:], names) < p.MinGuesses
}

// window is how many characters the estimator looks at, whose work grows faster than the length.
const window = 40

// guesses is the estimate of the weakest reading.
func guesses(runes []rune, names []string) float64 {
	plain := ascii(string(runes))
	keys, reversed := ascii(string(keysOfAzerty(runes))), backwards(plain)
	least := estimate(plain, plain, names)
	for _, other := range []struct {
		text, typed string
		cost        float64 // what an attacker tries in addition to read so
	}{
		{lettersForSigns(plain), plain, 4},
		{keys, keys, 2},
		{reversed, reversed, 2},
	} {
		if other.text != plain {
			least = min(least, other.cost*estimate(other.text, other.typed, names))
		}
	}
	return least
}

// estimate is how hard a text is for who knows the words, walks, dates and repetitions in it. typed is what its rests are judged by.
func estimate(text, typed string, names []string) float64 {
	matches := append(matching.Omnimatch(text, names), frenchMatches(text)...)
	return weakest(text, typed, append(matches, years(text)...))
}

// The matchers have made tables of their own of the lists, which hold memory that nobody reads again.
func init() { clear(frequency.FrequencyLists) }

// ascii writes one byte a character, since zxcvbn counts bytes: letters lose their accents, and what is left becomes a byte that no
// word has.
func ascii(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r >= 0x80 }) {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range norm.NFD.String(text) {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		case r == 'œ':
			b.WriteString("oe")
		case r == 'æ':
			b.WriteString("ae")
		case r == '’':
			b.WriteByte('\'')
		default:
			b.WriteByte(1 + byte(r*7%31))
		}
	}
	return b.String()
}

var letterOf = map[byte]byte{'@': 'a', '4': 'a', '0': 'o', '1': 'i', '3': 'e', '$': 's', '5': 's', '7': 't', '!': 'i', '8': 'b', '9': 'g'}

// lettersForSigns undoes M0td3p@sse: a sign or a single digit beside a letter is the letter it looks like. Numbers stay numbers.
func lettersForSigns(text string) string {
	out := []byte(text)
	for i, c := range out {
		letter, ok := letterOf[c]
		before, after := i > 0 && isLetter(out[i-1]), i+1 < len(out) && isLetter(text[i+1])
		number := isDigit(c) && (i > 0 && isDigit(text[i-1]) || i+1 < len(out) && isDigit(text[i+1]))
		if ok && (!number && (after || before && c != '!') || before && yearAt(text, i+1)) {
			out[i] = letter
		}
	}
	return string(out)
}

// yearAt tells that exactly four digits stand there: in entr3pris32026 the 3 before them is a letter.
func yearAt(text string, i int) bool {
	n := i
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	return n-i == 4
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

var azerty = []rune(`azqwmAZQWM&é"'(-è_çà)`)
var qwerty = []rune(`qwaz;QWAZ:1234567890-`)

// keysOfAzerty writes what the same keys give on the keyboard that zxcvbn knows.
func keysOfAzerty(runes []rune) []rune {
	out := make([]rune, len(runes))
	for i, r := range runes {
		out[i] = r
		for k, a := range azerty {
			if r == a {
				out[i] = qwerty[k]
			}
		}
	}
	return out
}

func backwards(text string) string {
	out := []byte(text)
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return string(out)
}

// years are those that zxcvbn's list of 2012 does not have.
func years(text string) (found []*match.Match) {
	for i := 0; i+4 <= len(text); i++ {
		if t := text[i : i+4]; (t[:3] == "202" || t[:3] == "203") && isDigit(t[3]) {
			found = append(found, &match.Match{Pattern: "regex", RegexName: "recent_year", Token: t, I: i, J: i + 3})
		}
	}
	return found
}

// Names are the words of texts that an attacker tries first: each, and those of one text together.
func Names(texts ...string) []string {
	var names []string
	for _, text := range texts {
		words := strings.FieldsFunc(strings.ToLower(ascii(text)), func(r rune) bool { return !isLetter(byte(r)) && !isDigit(byte(r)) })
		for _, word := range append(words, strings.Join(words, "")) {
			if len(word) >= shortestWord && len(names) < mostNames {
				names = append(names, word)
			}
		}
	}
	return names
}

// mostNames bounds them: each takes part in the estimate.
const mostNames = 60
