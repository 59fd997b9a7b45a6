package password

import (
	"math"

	"github.com/trustelem/zxcvbn/match"
	"github.com/trustelem/zxcvbn/scoring"
)

// weakest is the least product of guesses that parts of a text give which cover it: matches, and between them rests that no match
// explains. As in zxcvbn, so many parts can stand in so many orders (a factorial), and no two rests meet. Two things differ: there is no
// additive term, which would make three weak parts as hard as chance; and a rest may count more than ten a character, see restGuesses.
// A rest is judged as it was typed: a digit that was read as a letter and made no word is a digit again.
func weakest(text, typed string, matches []*match.Match) float64 {
	ends := make([][]*match.Match, len(text)+1)
	for _, m := range matches {
		if 0 <= m.I && m.I <= m.J && m.J < len(text) {
			ends[m.J+1] = append(ends[m.J+1], m)
		}
	}
	if text == "" {
		return 1
	}
	least, orders := math.Inf(1), 1.0
	covers := newCover(len(text))
	covers.explained[0] = 1
	for parts := 1; parts <= len(text); parts++ {
		covers = covers.onePartMore(text, typed, ends)
		orders *= float64(parts)
		least = min(least, orders*min(covers.explained[len(text)], covers.rest[len(text)]))
	}
	return least
}

// cover holds the least product of guesses for each length of the text's beginning, in a given number of parts: where the last part is
// a match, and where it is a rest.
type cover struct{ explained, rest []float64 }

func newCover(n int) cover {
	c := cover{explained: make([]float64, n+1), rest: make([]float64, n+1)}
	for i := range c.explained {
		c.explained[i], c.rest[i] = math.Inf(1), math.Inf(1)
	}
	return c
}

func (c cover) onePartMore(text, typed string, ends [][]*match.Match) cover {
	next := newCover(len(text))
	for end := 1; end <= len(text); end++ {
		for _, m := range ends[end] {
			before := min(c.explained[m.I], c.rest[m.I])
			next.explained[end] = min(next.explained[end], before*scoring.EstimateGuesses(m, text))
		}
		for begin := range end {
			if before := c.explained[begin]; !math.IsInf(before, 1) {
				next.rest[end] = min(next.rest[end], before*restGuesses(typed[begin:end]))
			}
		}
	}
	return next
}

// restGuesses counts what an attacker tries for a part that no match explains. What people add to a word counts zxcvbn's ten a
// character: digits and signs, or letters as a word is written. From the first letter to the last, where digits or capitals stand in
// between, nobody's habit is seen, and each character is one of all that its kinds have.
func restGuesses(rest string) float64 {
	first, last := 0, len(rest)
	for first < last && !isLetter(rest[first]) {
		first++
	}
	for first < last && !isLetter(rest[last-1]) {
		last--
	}
	guesses := math.Pow(scoring.BruteforceCardinality, float64(len(rest)))
	if core := rest[first:last]; !writtenAsAWord(core) {
		guesses *= math.Pow(alphabet(core)/scoring.BruteforceCardinality, float64(len(core)))
	}
	// One more than the least that a match counts, which is then preferred.
	if len(rest) == 1 {
		return max(guesses, scoring.MinSubmatchGuessesSingleChar+1)
	}
	return max(guesses, scoring.MinSubmatchGuessesMultiChar+1)
}

// writtenAsAWord tells that a text is of letters alone, all of one case but perhaps the first.
func writtenAsAWord(text string) bool {
	capitals := 0
	for i := range len(text) {
		if !isLetter(text[i]) {
			return false
		}
		if isCapital(text[i]) {
			capitals++
		}
	}
	return capitals == 0 || capitals == len(text) || capitals == 1 && isCapital(text[0])
}

// alphabet is how many characters there are of the kinds that a text has.
func alphabet(text string) (size float64) {
	var small, capital, digit, sign float64
	for i := range len(text) {
		switch c := text[i]; {
		case isCapital(c):
			capital = 26
		case isLetter(c):
			small = 26
		case isDigit(c):
			digit = 10
		default:
			sign = 33
		}
	}
	return small + capital + digit + sign
}

func isCapital(c byte) bool { return c >= 'A' && c <= 'Z' }
