// Package limit bounds how often a thing may be done: per client, per address,
// per flow and for the whole site. Captchas raise an attacker's cost; these
// limits are what protects a six-digit code that lives a day, and what makes a
// twelve-character password enough for CNIL.
//
// The steps of the site ask a Limiter before they act. Rules are data (rules.go)
// that settings may change. A key that stands for an address is folded
// (email.Address) and hashed (package seal) by the caller.
package limit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"time"
)

// ErrUnavailable wraps a backend's failure; test with errors.Is.
var ErrUnavailable = errors.New("limit: unavailable")

// Decision is the answer to one call.
type Decision struct {
	Allowed bool
	// RetryAfter is how long to wait before the next call can be allowed, zero
	// when this one was.
	RetryAfter time.Duration
	// Full tells that the call was refused because the memory backend takes no
	// new key: a flood, worth an alert.
	Full bool
}

// Budget allows Burst calls at once and is refilled, evenly, by Refill calls in
// Period. No stretch of one Period ever sees more than Burst + Refill calls.
type Budget struct {
	Burst  int
	Refill int
	Period time.Duration
}

// times is the budget of n clients together.
func (b Budget) times(n int) Budget {
	return Budget{Burst: b.Burst * n, Refill: b.Refill * n, Period: b.Period}
}

// check refuses what the backends cannot count in nanoseconds: no time at all between two calls, not even when the widest
// network's calls come out of it, or more of it than an int64 holds.
func (b Budget) check() error {
	const widest = 64 // clients, see widths6
	switch {
	case b.Burst < 1 || b.Refill < 1 || b.Period <= 0:
		return errors.New("burst, refill and period must be positive")
	case b.Burst > math.MaxInt/widest || b.Refill > math.MaxInt/widest || b.Period < time.Duration(b.Refill*widest):
		return errors.New("burst or refill is too large for the period")
	case b.Period/time.Duration(b.Refill) > math.MaxInt64/time.Duration(b.Burst):
		return errors.New("the burst takes longer than 292 years to refill")
	}
	return nil
}

// Spend is a backend: it takes one call from the budget of a rule's key, or
// gives one back, exactly even with many callers at once. Memory, Redis and
// FallBack make one.
type Spend func(ctx context.Context, what Move, rule Name, key string, b Budget) (Decision, error)

// Move says what a Spend does with a budget.
type Move int

// The moves. A budget never holds more than its burst: what is given back to a
// whole one is nothing.
const (
	Take     Move = 1
	GiveBack Move = -1
)

// Limiter applies rules. It is safe for concurrent use.
type Limiter struct {
	spend Spend
	rules map[Name]Rule
}

// New returns a Limiter. It refuses rules that are wrong, missing or double, so
// that no page finds out later that it has no limit.
func New(spend Spend, rules []Rule) (*Limiter, error) {
	l := &Limiter{spend: spend, rules: make(map[Name]Rule)}
	var errs []error
	for _, r := range rules {
		if _, twice := l.rules[r.Name]; twice {
			errs = append(errs, fmt.Errorf("limit: rule %s is there twice", r.Name))
		}
		if err := r.check(); err != nil {
			errs = append(errs, fmt.Errorf("limit: rule %s: %w", r.Name, err))
		}
		l.rules[r.Name] = r
	}
	for _, r := range Defaults() {
		if _, ok := l.rules[r.Name]; !ok {
			errs = append(errs, fmt.Errorf("limit: rule %s is missing", r.Name))
		}
	}
	return l, errors.Join(errs...)
}

// Allow takes one call from the budget of key under a rule per address
// or for the site (the key of a site-wide rule is empty). On an error the
// Decision is a refusal.
func (l *Limiter) Allow(ctx context.Context, rule Name, key string) (Decision, error) {
	r, ok := l.rules[rule]
	if !ok || r.Scope == PerClient {
		return Decision{}, fmt.Errorf("limit: Allow cannot apply rule %q", rule)
	}
	if (key == "") != (r.Scope == SiteWide) {
		return Decision{}, fmt.Errorf("limit: rule %s: key of %d bytes", rule, len(key))
	}
	return l.spend(ctx, Take, rule, key, r.Budget)
}

// Burst is how many calls a rule allows at once.
func (l *Limiter) Burst(rule Name) int { return l.rules[rule].Burst }

// GiveBack undoes one Allow: the call turned out to be none that the rule is
// there to bound, as a login with the right password.
func (l *Limiter) GiveBack(ctx context.Context, rule Name, key string) error {
	r, ok := l.rules[rule]
	if !ok || r.Scope != PerAddress || key == "" {
		return fmt.Errorf("limit: GiveBack cannot apply rule %q", rule)
	}
	_, err := l.spend(ctx, GiveBack, rule, key, r.Budget)
	return err
}

// AllowClient takes one call from each budget that a client's address draws on.
// The narrowest is asked first, and its refusal ends the matter: a single
// machine that is refused does not eat the budget of its neighbours.
func (l *Limiter) AllowClient(ctx context.Context, rule Name, client netip.Addr) (Decision, error) {
	r, ok := l.rules[rule]
	if !ok || r.Scope != PerClient {
		return Decision{}, fmt.Errorf("limit: AllowClient cannot apply rule %q", rule)
	}
	for _, k := range Keys(client) {
		d, err := l.spend(ctx, Take, rule, k.Key, r.Budget.times(k.Clients))
		if err != nil || !d.Allowed {
			return d, err
		}
	}
	return Decision{Allowed: true}, nil
}
