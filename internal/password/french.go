package password

import (
	"embed"
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

// frenchWords are the ranks of words and names, without accents; made when the first password is judged.
var frenchWords = sync.OnceValue(func() map[string]int {
	ranks := make(map[string]int, 75_000)
	add := func(file string, rank func(line int) int) {
		text, err := french.ReadFile("french/" + file)
		if err != nil {
			return // HasFrenchWords says so
		}
		for line, word := range strings.Split(strings.TrimSpace(string(text)), "\n") {
			word = ascii([]rune(word))
			if before := ranks[word]; len(word) >= shortestWord && len(word) <= longestWord && (before == 0 || rank(line) < before) {
				ranks[word] = rank(line)
			}
		}
	}
	add("words.txt", func(line int) int { return line + 1 })
	add("names.txt", func(int) int { return nameRank })
	return ranks
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
			if rank := words[lower[i:j]]; rank > 0 {
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
