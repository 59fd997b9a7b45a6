package limit

import (
	"testing"
	"time"
)

func TestRules(t *testing.T) {
	rules, err := Rules([]string{"ask.client=7+9/2h"})
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range rules {
		if rule.Name == AskClient && (rule.Budget != Budget{7, 9, 2 * time.Hour} || rule.Scope != PerClient) {
			t.Errorf("read as %+v", rule)
		}
	}
	if len(rules) != len(Defaults()) {
		t.Errorf("%d rules, not %d", len(rules), len(Defaults()))
	}
	// A typo must not leave the default in place silently.
	for _, text := range []string{"", "ask.client", "ask.client=7", "ask.client=7+9", "ask.clients=7+9/1h", "ask.client=0+9/1h", "ask.client=7+9/-1h", "ask.client=x+9/1h"} {
		if _, err := Rules([]string{text}); err == nil {
			t.Errorf("%q is taken for a rule", text)
		}
	}
}

func FuzzParseRule(f *testing.F) {
	f.Add("ask.client=40+120/1h")
	f.Fuzz(func(t *testing.T, text string) {
		if rule, err := ParseRule(text); err == nil && (rule.Burst < 1 || rule.Refill < 1 || rule.Period <= 0) {
			t.Errorf("%q gives %+v", text, rule)
		}
	})
}
