package limit

import (
	"net/netip"
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

// A rule that is taken must be one that both backends can count, for a single address and for the widest network.
func TestRulesThatCanBeCounted(t *testing.T) {
	for budget, want := range map[string]bool{
		"40+120/1h": true, "1000000+1000000/1h": true, "10+1/8760h": true, "100000+1/24h": true,
		"1+15625000/1s":             true,  // a call of the widest network each nanosecond
		"1+15625001/1s":             false, // more
		"40+2000000000/1s":          false, // no nanosecond between two calls
		"106751+1/24h":              true,  // 292 years
		"200000+1/24h":              false, // the burst's time is negative
		"9223372036854775807+1/1ns": false,
		"1+9223372036854775807/1h":  false,
		"1+0/1h":                    false,
	} {
		rule, err := ParseRule("ask.client=" + budget)
		if (err == nil) != want {
			t.Errorf("%s: %v", budget, err)
		}
		if err == nil {
			countOnce(t, rule)
		}
	}
}

// countOnce spends one call of each of a client's budgets: the first is always allowed.
func countOnce(t *testing.T, rule Rule) {
	t.Helper()
	now := time.Unix(1_800_000_000, 0)
	spend := Memory(10, func() time.Time { return now })
	for _, k := range Keys(netip.MustParseAddr("2001:db8::1")) {
		if d, err := spend(t.Context(), Take, rule.Name, k.Key, rule.times(k.Clients)); err != nil || !d.Allowed {
			t.Errorf("%+v, %d clients: %+v, %v", rule.Budget, k.Clients, d, err)
		}
	}
}

func FuzzParseRule(f *testing.F) {
	f.Add("ask.client=40+120/1h")
	f.Add("ask.client=40+2000000000/1s")
	f.Add("ask.client=200000+1/24h")
	f.Fuzz(func(t *testing.T, text string) {
		if rule, err := ParseRule(text); err == nil {
			countOnce(t, rule)
		}
	})
}
