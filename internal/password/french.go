package password

import (
	"cmp"
	"embed"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/trustelem/zxcvbn/match"
)

// french holds words.txt and names.txt where scripts/assets.mjs has put them.
//
//go:embed french
var french embed.FS

// Lengths of the words that are looked for, in bytes without accents.
const (
	shortestWord = 3
	longestWord  = 24
)

// nameRank is the rank of a name: their list is in the order of letters.
const nameRank = 1000

// wordList is words in one text, found by halving: a map of 65 000 strings holds three times as much memory.
type wordList struct {
	text   string
	sorted []listed
}

// listed is where a word stands in the text, and its rank.
type listed struct {
	at   uint32
	rank uint16
	size uint8
}

// newWordList lists the words of two texts, a line each; the rank of a name is nameRank, that of another word its line.
func newWordList(frequent, names string) *wordList {
	l := &wordList{text: frequent + "\n" + names}
	l.sorted = make([]listed, 0, strings.Count(l.text, "\n")+1)
	at, rank := 0, 0
	for line := range strings.Lines(l.text) {
		if rank++; at > len(frequent) {
			rank = nameRank
		}
		if size := len(strings.TrimSuffix(line, "\n")); size >= shortestWord && size <= longestWord {
			l.sorted = append(l.sorted, listed{at: uint32(at), rank: uint16(min(rank, math.MaxUint16)), size: uint8(size)})
		}
		at += len(line)
	}
	slices.SortFunc(l.sorted, func(a, b listed) int {
		return cmp.Or(strings.Compare(l.word(a), l.word(b)), cmp.Compare(a.rank, b.rank))
	})
	l.sorted = slices.CompactFunc(l.sorted, func(a, b listed) bool { return l.word(a) == l.word(b) })
	return l
}

func (l *wordList) word(e listed) string { return l.text[e.at : e.at+uint32(e.size)] }

// rank is 0 for what is no word.
func (l *wordList) rank(text string) int {
	i, found := slices.BinarySearchFunc(l.sorted, text, func(e listed, text string) int { return strings.Compare(l.word(e), text) })
	if !found {
		return 0
	}
	return int(l.sorted[i].rank)
}

// frenchWords are words and names without accents; made when the first password is judged.
var frenchWords = sync.OnceValue(func() *wordList {
	read := func(file string) string {
		text, err := french.ReadFile("french/" + file)
		if err != nil {
			return "" // HasFrenchWords says so
		}
		return ascii(strings.TrimSpace(string(text)))
	}
	return newWordList(read("words.txt"), read("names.txt"))
})

// HasFrenchWords tells that the program was built with the French words; without them guessable French passwords pass.
func HasFrenchWords() bool {
	_, err := french.Open("french/words.txt")
	return err == nil
}

// frenchMatches are the French words in a text.
func frenchMatches(text string) (found []*match.Match) {
	words, lower := frenchWords(), strings.ToLower(text)
	for i := range len(lower) {
		for j := i + shortestWord; j <= min(len(lower), i+longestWord); j++ {
			if rank := words.rank(lower[i:j]); rank > 0 {
				found = append(found, &match.Match{
					Pattern:        "dictionary",
					DictionaryName: "french",
					I:              i,
					J:              j - 1,
					Token:          text[i:j],
					MatchedWord:    lower[i:j],
					Rank:           rank,
				})
			}
		}
	}
	return found
}
