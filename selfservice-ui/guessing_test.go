package ui_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/limit"
)

// codes is how many codes of six digits there are; Kratos draws each with the same chance, and keeps one for a flow.
const codes = 1_000_000

// inADay is the most that any 24 hours see of a rule, for one of its keys.
func inADay(name limit.Name) int {
	b := budget(name)
	return b.Burst + int(int64(b.Refill)*int64(24*time.Hour)/int64(b.Period))
}

// guessesAtOne is what strangers get for one given address in 24 hours, with so many client addresses.
func guessesAtOne(clients int) int {
	unproven := limit.TriesPerFlow - limit.TriesKept
	return min(inADay(limit.CodeEmail), unproven*inADay(limit.MailEmail), clients*inADay(limit.CodeClient))
}

// guessesAtAny is what they get over all addresses: two days (UTC) touch any 24 hours.
func guessesAtAny(clients int) int {
	unproven := limit.TriesPerFlow - limit.TriesKept
	return min(clients*inADay(limit.CodeClient), clients*unproven*inADay(limit.AskClient), 2*limit.DefaultBreaker().PerDay)
}

// The decision note draws its sum from these rules: who changes one must draw it again.
func TestTheSumOnGuessingACode(t *testing.T) {
	note, err := os.ReadFile("../docs/decisions/2026-11-24-guessing-a-code.md")
	if err != nil {
		t.Fatal(err)
	}
	for clients, shown := range map[int]string{1: "1", 100: "100", 10_000: "10 000"} {
		one, all := guessesAtOne(clients), guessesAtAny(clients)
		line := fmt.Sprintf("| %s | %d | %.6f | %s | %.5f |", shown, one, float64(one)/codes, spaced(all), float64(all)/codes)
		if !strings.Contains(string(note), line) {
			t.Errorf("the note does not hold the line\n%s", line)
		}
		if expected := float64(all) / codes; expected >= 0.01 {
			t.Errorf("%d clients: %v takeovers expected in 24 hours, want less than 0.01", clients, expected)
		}
	}
}

// spaced groups thousands by a space.
func spaced(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s %03d", spaced(n/1000), n%1000)
}

// The administrators' page on protections shows each limit as it is.
func TestProtectionsShowEveryLimit(t *testing.T) {
	page, err := os.ReadFile("../docs/protections.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range limit.Defaults() {
		row := fmt.Sprintf("| `%s` |", rule.Name)
		_, rest, found := strings.Cut(string(page), row)
		line, _, _ := strings.Cut(rest, "\n")
		if want := fmt.Sprintf("`%d+%d/%.0fh`", rule.Burst, rule.Refill, rule.Period.Hours()); !found || !strings.Contains(line, want) {
			t.Errorf("docs/protections.md has no row %s with %s", row, want)
		}
	}
}
