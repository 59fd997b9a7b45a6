package limit

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseRule reads a rule of the settings: ask.client=40+120/1h is 40 at once, then 120 an hour. Its scope stays that of
// the default.
func ParseRule(text string) (Rule, error) {
	name, budget, found := strings.Cut(text, "=")
	burst, rest, plus := strings.Cut(budget, "+")
	refill, period, slash := strings.Cut(rest, "/")
	if !found || !plus || !slash {
		return Rule{}, fmt.Errorf("%q is no rule=burst+refill/period", text)
	}
	for _, rule := range Defaults() {
		if string(rule.Name) != name {
			continue
		}
		b, err := parseBudget(burst, refill, period)
		if err != nil {
			return Rule{}, fmt.Errorf("%q: %w", text, err)
		}
		rule.Budget, rule.Source = b, "settings"
		return rule, nil
	}
	return Rule{}, fmt.Errorf("%q: there is no rule %q", text, name)
}

func parseBudget(burst, refill, period string) (b Budget, err error) {
	if b.Burst, err = strconv.Atoi(burst); err != nil {
		return b, err
	}
	if b.Refill, err = strconv.Atoi(refill); err != nil {
		return b, err
	}
	if b.Period, err = time.ParseDuration(period); err != nil {
		return b, err
	}
	return b, b.check()
}

// Rules are the defaults with those of the settings in their place.
func Rules(texts []string) ([]Rule, error) {
	rules := Defaults()
	for _, text := range texts {
		changed, err := ParseRule(text)
		if err != nil {
			return nil, err
		}
		for i := range rules {
			if rules[i].Name == changed.Name {
				rules[i] = changed
			}
		}
	}
	return rules, nil
}
