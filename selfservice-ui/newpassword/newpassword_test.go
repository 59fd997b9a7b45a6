package newpassword

import (
	"strings"
	"testing"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/password"
	"efpconnect.example/selfservice-ui/page"
)

func TestPasswordFaults(t *testing.T) {
	const good = "Tilleul-Orage-42"
	for _, c := range []struct {
		why, typed, confirmed string
		password, confirm     string // word keys
	}{
		{"right twice", good, good, "", ""},
		{"nothing at all: both are told at once", "", "", "password.empty", "password.unconfirmed"},
		{"not typed again", good, "", "", "password.unconfirmed"},
		{"typed otherwise", good, good + " ", "", "password.differs"},
		{"too short", "Abc1!", "Abc1!", "password.too_short", ""},
		{"eleven and the confirmation wrong: both", "Abcdefghi1!", "x", "password.too_short", "password.differs"},
		{"long and of one kind", "abcdefghijklm", "abcdefghijklm", "password.too_plain", ""},
		{"twelve bytes of six letters: Kratos counts bytes and would take it", "éééééé", "éééééé", "password.too_short", ""},
		{"spaces are not trimmed: they may be meant", "  Tilleul-Orage-42", "  Tilleul-Orage-42", "", ""},
		{"a word with a year and a sign", "Motdepasse2026!", "Motdepasse2026!", "password.guessable", ""},
		{"longer than is hashed", strings.Repeat("Ab1!", 1000), strings.Repeat("Ab1!", 1000), "password.too_long", ""},
		{"no UTF-8", "Abcdefghijk1\xff", "Abcdefghijk1\xff", "password.too_long", ""},
	} {
		guessed := password.Names("EFP Connect")
		p := page.Page{Problems: Faults(password.Default(), c.typed, c.confirmed, guessed)}
		if got := keyOf(p.Field("mot-de-passe")); got != c.password {
			t.Errorf("%s: password %q, want %q", c.why, got, c.password)
		}
		if got := keyOf(p.Field("confirmation")); got != c.confirm {
			t.Errorf("%s: confirmation %q, want %q", c.why, got, c.confirm)
		}
		for _, problem := range p.Problems {
			for _, arg := range problem.Args {
				if text, ok := arg.(string); ok && len(text) > 10 {
					t.Errorf("%s: the sentence quotes what was typed", c.why)
				}
			}
		}
	}
}

func keyOf(p *page.Problem) string {
	if p == nil {
		return ""
	}
	return p.Key
}

// Each refusal of Kratos has a sentence, and a reason that Kratos invents tomorrow has one too.
func TestEveryRefusalHasASentence(t *testing.T) {
	words, err := page.LoadWords("fr")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]kratos.ReasonKind{}
	for _, kind := range []kratos.ReasonKind{kratos.TooShort, kratos.TooLong, kratos.TooSimilar, kratos.Breached, kratos.SameAsOld, kratos.Missing, kratos.Other, "invented"} {
		key, limit := Refusal(kratos.Reason{Kind: kind, Min: 12, Max: 72})
		if words[key] == "" {
			t.Errorf("%s: no sentence %q", kind, key)
		}
		if strings.Contains(words[key], "{n}") && limit == 0 {
			t.Errorf("%s: the sentence needs a number", kind)
		}
		if before, twice := seen[key]; twice && kind != "invented" {
			t.Errorf("%s and %s say the same", before, kind)
		}
		seen[key] = kind
	}
}
