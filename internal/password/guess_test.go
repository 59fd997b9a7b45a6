package password_test

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"

	"efpconnect.example/internal/password"
	"efpconnect.example/internal/testkit/kratostest"
)

// wantFrench leaves a test that needs what scripts/assets.mjs fetches.
func wantFrench(t testing.TB) {
	t.Helper()
	if !password.HasFrenchWords() {
		kratostest.Missing(t, "the French words (make assets)")
	}
}

var (
	variantWords = strings.Fields(`bretagne marseille toulouse formation entreprise vacances printemps chocolat bonjour famille montagne
		guitare cheval papillon liberte travail ministere juliette mathilde guillaume alexandre nicolas isabelle veronique christophe
		football voiture maison soleil jardin fromage bouteille secret bordeaux normandie professeur emploi apprenti stagiaire
		dupont lefebvre durand bernard moreau laurent garcia martinez bienvenue connexion motdepasse identifiant administrateur`)
	signs = []string{"!", "?", "*", "$", "#", "@", ".", "-", "_", "+", "!!"}
	walks = strings.Fields(`azertyuiop qsdfghjklm wxcvbn qwertyuiop asdfghjkl zxcvbnm azertyqsdf aqwzsxedc 1qaz2wsx azeqsdwxc poiuytreza`)
)

// variant makes what people make of a word to pass the policy.
func variant(r *rand.Rand) string {
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	capital := func(w string) string { return strings.ToUpper(w[:1]) + w[1:] }
	number := func(most int) string { return string(rune('0'+r.IntN(most))) + string(rune('0'+r.IntN(10))) }
	year := []string{"19", "20"}[r.IntN(2)]
	if year += number(10); year > "2031" {
		year = "2026"
	}
	word := pick(variantWords)
	switch r.IntN(9) {
	case 0:
		return capital(word) + year + pick(signs)
	case 1:
		return pick(signs) + capital(word) + year
	case 2:
		return capital(word) + pick(signs) + year
	case 3:
		return strings.ToUpper(word) + year + pick(signs)
	case 4:
		return strings.NewReplacer("a", "@", "o", "0", "e", "3").Replace(capital(word)) + year + pick(signs)
	case 5:
		return capital(pick(walks)) + []string{"1", "12", "123", "1234", year}[r.IntN(5)] + pick(signs)
	case 6:
		return number(3) + "/" + "0" + string(rune('1'+r.IntN(9))) + "/" + year + capital(word[:min(5, len(word))])
	case 7:
		return capital(word) + capital(word) + string(rune('0'+r.IntN(10))) + pick(signs)
	}
	return capital(word) + number(10) + pick(signs) + pick(signs)
}

// most makes so many passwords that pass the list of criteria, and counts those that are refused.
func most(all int, make func() string) (refused int, kept []string) {
	p := password.Default()
	for n := 0; n < all; {
		pw := make()
		if !p.Check(pw).OK {
			continue
		}
		n++
		if p.Guessable(pw, nil) {
			refused++
		} else if len(kept) < 20 {
			kept = append(kept, pw)
		}
	}
	return refused, kept
}

func TestVariantsAreRefused(t *testing.T) {
	wantFrench(t)
	r := rand.New(rand.NewPCG(20261130, 5))
	refused, kept := most(1000, func() string { return variant(r) })
	t.Logf("%d of 1 000 variants are refused; taken: %q", refused, kept)
	if refused < 950 {
		t.Errorf("%d of 1 000 variants are refused, want 950", refused)
	}
}

var alphabets = []struct{ name, letters string }{
	{"letters, digits, signs", "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!#$%*+-?@_"},
	{"letters and digits", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"},
	{"with accents", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789éèàç€"},
}

// drawn is twelve signs at random.
func drawn(r *rand.Rand, alphabet string) string {
	letters, pw := []rune(alphabet), make([]rune, 12)
	for i := range pw {
		pw[i] = letters[r.IntN(len(letters))]
	}
	return string(pw)
}

func TestRandomPasswordsPass(t *testing.T) {
	r := rand.New(rand.NewPCG(20261130, 6))
	for _, c := range alphabets {
		if refused, _ := most(1000, func() string { return drawn(r, c.letters) }); refused > 0 {
			t.Errorf("%s: %d of 1 000 random passwords of 12 signs are refused", c.name, refused)
		}
	}
}

// BenchmarkRandomPasswords draws afresh each time. By chance a password is words altogether: « v1R6iNA6p4ém » was, one of 60 000.
func BenchmarkRandomPasswords(b *testing.B) {
	wantFrench(b)
	r := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	for b.Loop() {
		refused := 0
		for _, c := range alphabets {
			more, _ := most(20_000, func() string { return drawn(r, c.letters) })
			refused += more
		}
		b.ReportMetric(float64(refused), "refused-of-60000")
		if refused > 6 {
			b.Errorf("%d of 60 000 random passwords of 12 signs are refused, the bar is one of 10 000", refused)
		}
	}
	b.ReportMetric(0, "ns/op") // a whole measurement: says nothing
}

// A word that chance has put between random signs refuses no password; what people put beside a word saves none.
func TestChanceWords(t *testing.T) {
	wantFrench(t)
	for pw, want := range map[string]bool{
		"x#l1nDA7Kq?v": false, "q5we3tbLueZ7": false, "7Kx2Lune9qV4": false, "vJ4amour#8Qz": false, "Paris9xK2vQ7": false, "K2vQ7x1234zB": false,
		"Motdepasse12!": true, "12Motdepasse!?": true, "Soleil12345!": true, "!!Bretagne26": true, "Marseille2026ab": true, "AZERTYuiop12": true,
		"20261130Mars": true,
	} {
		if got := password.Default().Guessable(pw, nil); got != want {
			t.Errorf("%s: %v", pw, got)
		}
	}
}

func TestPhrasesPass(t *testing.T) {
	wantFrench(t)
	text, err := os.ReadFile("french/words.txt")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, word := range strings.Fields(string(text)) {
		if n := len([]rune(word)); n >= 4 && n <= 9 && !strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) && len(list) < 7776 {
			list = append(list, word)
		}
	}
	r := rand.New(rand.NewPCG(20261130, 7))
	refused, _ := most(1000, func() string {
		words := make([]string, 4)
		for i := range words {
			words[i] = list[r.IntN(len(list))]
		}
		words[0] = strings.ToUpper(words[0][:1]) + words[0][1:]
		return strings.Join(words, " ")
	})
	t.Logf("%d of 1 000 phrases are refused", refused)
	if refused > 10 {
		t.Errorf("%d of 1 000 phrases of four words are refused", refused)
	}
}

func TestGuessable(t *testing.T) {
	wantFrench(t)
	p, names := password.Default(), password.Names("EFP Connect", "Ministère du Travail", "camille.serve@mairie-exemple.test")
	for pw, want := range map[string]bool{
		"Motdepasse2026!": true, "Password1234": true, "Azertyuiop1234!": true, "M0td3p@sse2026": true, "EfpConnect2026!": true,
		"Ministere-2026!": true, "Camille-Serve-1!": true, "Mairie-Exemple1": true, "!6202essapedtoM": true, "Été-Été-Été-2026": true,
		"Aaaaaaaaaaa1!": true, "Abcdefghijkl1": true, "Soleil-Soleil-1": true,
		"kX9#vLq2!mZp": false, "Correct cheval pile agrafe": false, "Nouveau-Platane-2026-Tulipe": false,
	} {
		if got := p.Guessable(pw, names); got != want {
			t.Errorf("%s: %v", pw, got)
		}
	}
}

// A password of the greatest length costs no more than one of window characters, twice; and more characters make none weaker.
func TestLongPasswords(t *testing.T) {
	p := password.Default()
	for why, pw := range map[string]string{
		"one letter": strings.Repeat("a", 1024), "signs that stand for letters": strings.Repeat("4@310$5", 146), "words": strings.Repeat("Motdepasse", 102),
		"accents": strings.Repeat("é", 512), "emoji": strings.Repeat("😀", 256), "digits": strings.Repeat("1990", 256), "no text": strings.Repeat("\xff", 1024),
	} {
		p.Guessable("a", nil)
		began := time.Now()
		p.Guessable(pw, nil)
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s: %v", why, took)
		}
	}
	if p.Guessable(strings.Repeat("a", 200)+"kX9#vLq2!mZp7-Rw", nil) {
		t.Error("what nobody guesses at the end of a row of letters is refused")
	}
}

func FuzzGuessable(f *testing.F) {
	for _, seed := range []string{"", "é", "Motdepasse2026!", "\xff", "😀😀", "a\u0301\u0301"} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, pw string) { password.Default().Guessable(pw, password.Names(pw)) })
}
