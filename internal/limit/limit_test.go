package limit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/store"
	"efpconnect.example/internal/testkit/redistest"
)

type clock struct{ t atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(1_800_000_000, c.t.Load()) }
func (c *clock) advance(d time.Duration) { c.t.Add(int64(d)) }

// both runs the same test on each backend; advance lets time pass for it.
func both(t *testing.T, run func(t *testing.T, spend limit.Spend, advance func(time.Duration))) {
	t.Run("memory", func(t *testing.T) {
		c := &clock{}
		run(t, limit.Memory(1000, c.now), c.advance)
	})
	t.Run("redis", func(t *testing.T) {
		client, prefix := redistest.Redis(t)
		run(t, limit.Redis(client, prefix), func(d time.Duration) {
			// Redis tells the time itself: what can be moved is what it noted.
			for _, key := range redistest.Keys(t, client, prefix) {
				if err := client.IncrByFloat(t.Context(), key, -d.Seconds()).Err(); err != nil {
					t.Fatal(err)
				}
			}
			redistest.Advance(t, client, prefix, d)
		})
	})
}

const rule = limit.CodeEmail

func wantDecision(t *testing.T, spend limit.Spend, key string, b limit.Budget, allowed bool, wait time.Duration) {
	t.Helper()
	d, err := spend(t.Context(), limit.Take, rule, key, b)
	if err != nil {
		t.Fatal(err)
	}
	// Redis's own clock runs on during the test: a few seconds of slack.
	slack := wait - d.RetryAfter
	if d.Allowed != allowed || slack < -time.Millisecond || slack > 10*time.Second {
		t.Fatalf("got %+v, want allowed %v, wait %v", d, allowed, wait)
	}
}

func TestBurstThenRefill(t *testing.T) {
	both(t, func(t *testing.T, spend limit.Spend, advance func(time.Duration)) {
		b := limit.Budget{Burst: 3, Refill: 2, Period: time.Hour} // one each half hour
		for range 3 {
			wantDecision(t, spend, "k", b, true, 0)
		}
		wantDecision(t, spend, "k", b, false, 30*time.Minute)
		wantDecision(t, spend, "k", b, false, 30*time.Minute) // asking again costs nothing
		wantDecision(t, spend, "other", b, true, 0)
		advance(29 * time.Minute)
		wantDecision(t, spend, "k", b, false, time.Minute)
		advance(time.Minute)
		wantDecision(t, spend, "k", b, true, 0)
		wantDecision(t, spend, "k", b, false, 30*time.Minute)
		advance(4 * time.Hour) // never more than the burst
		for range 3 {
			wantDecision(t, spend, "k", b, true, 0)
		}
		wantDecision(t, spend, "k", b, false, 30*time.Minute)
	})
}

// Spread over a whole period, nobody gets more than burst + refill: the sums in
// the notes on guessing rest on it.
func TestMostInOnePeriod(t *testing.T) {
	c := &clock{}
	spend := limit.Memory(10, c.now)
	b := limit.Budget{Burst: 10, Refill: 15, Period: 24 * time.Hour}
	got := 0
	for range 24 * 60 {
		d, err := spend(t.Context(), limit.Take, rule, "k", b)
		if err != nil {
			t.Fatal(err)
		}
		if d.Allowed {
			got++
		}
		c.advance(time.Minute)
	}
	// The first minute's burst, and one each 96 minutes but the very last.
	if got < 24 || got > 25 {
		t.Errorf("%d calls in 24 hours, want at most 25", got)
	}
}

func TestParallelCallersAreExact(t *testing.T) {
	both(t, func(t *testing.T, spend limit.Spend, _ func(time.Duration)) {
		for round := 1; ; round++ {
			allowed, unheard := atOnce(t, spend, fmt.Sprint("hot ", round))
			if allowed > 37 {
				t.Fatalf("%d of 200 allowed, want 37", allowed)
			}
			// A busy machine lets some calls run out of time: they are refused, but their share may be spent.
			if unheard == 0 {
				if allowed != 37 {
					t.Errorf("%d of 200 allowed, want 37", allowed)
				}
				return
			}
			if round == 20 {
				t.Fatalf("never were all 200 calls answered in time: %d were not", unheard)
			}
		}
	})
}

// atOnce is 200 callers of one key with a budget of 37: how many were allowed, and how many found no answer.
func atOnce(t *testing.T, spend limit.Spend, key string) (allowed, unheard int64) {
	t.Helper()
	b := limit.Budget{Burst: 37, Refill: 1, Period: 24 * time.Hour}
	var yes, none atomic.Int64
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			d, err := spend(t.Context(), limit.Take, rule, key, b)
			switch {
			case errors.Is(err, limit.ErrUnavailable):
				none.Add(1)
			case err != nil:
				t.Error(err)
			}
			if d.Allowed {
				yes.Add(1)
			}
		})
	}
	wg.Wait()
	return yes.Load(), none.Load()
}

// Ten times the bound in new keys, and what was spent is still spent.
func TestFloodForgetsNoSpentLimit(t *testing.T) {
	const bound = 1000
	c := &clock{}
	spend := limit.Memory(bound, c.now)
	b := limit.Budget{Burst: 1, Refill: 1, Period: time.Hour}
	wantDecision(t, spend, "spent", b, true, 0)
	c.advance(10 * time.Minute)
	full := 0
	for i := range 10 * bound {
		d, err := spend(t.Context(), limit.Take, rule, strconv.Itoa(i), b)
		if err != nil {
			t.Fatal(err)
		}
		if d.Full {
			full++
			if d.Allowed || d.RetryAfter != 50*time.Minute {
				t.Fatalf("full: %+v", d)
			}
		}
	}
	if full != 9*bound+1 {
		t.Errorf("%d refused as full, want %d", full, 9*bound+1)
	}
	wantDecision(t, spend, "spent", b, false, 50*time.Minute)
	// The flood was on one rule: the others have their own room.
	if d, err := spend(t.Context(), limit.Take, limit.LoginEmail, "k", b); err != nil || !d.Allowed {
		t.Errorf("another rule: %+v, %v", d, err)
	}
	c.advance(time.Hour) // and the flood dies by itself
	wantDecision(t, spend, "new", b, true, 0)
}

func TestTwoReplicasShareOneBudget(t *testing.T) {
	client, prefix := redistest.Redis(t)
	b := limit.Budget{Burst: 2, Refill: 1, Period: time.Hour}
	wantDecision(t, limit.Redis(client, prefix), "k", b, true, 0)
	wantDecision(t, limit.Redis(client, prefix), "k", b, true, 0)
	wantDecision(t, limit.Redis(client, prefix), "k", b, false, time.Hour)
}

func limiter(t *testing.T, spend limit.Spend) *limit.Limiter {
	t.Helper()
	l, err := limit.New(spend, limit.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func calls(t *testing.T, most int, call func() (limit.Decision, error)) int {
	t.Helper()
	for n := range most {
		d, err := call()
		if err != nil {
			t.Fatal(err)
		}
		if !d.Allowed {
			return n
		}
	}
	return most
}

// One machine, then its network, then its provider: each has its own budget.
func TestAllowClientByNetwork(t *testing.T) {
	c := &clock{}
	l := limiter(t, limit.Memory(100_000, c.now))
	ask := func(addr string) int {
		return calls(t, 10_000, func() (limit.Decision, error) {
			return l.AllowClient(t.Context(), limit.AskClient, netip.MustParseAddr(addr))
		})
	}
	const burst = 40
	if n := ask("2001:db8:1:1::1"); n != burst {
		t.Errorf("a household: %d calls, want %d", n, burst)
	}
	if n := ask("2001:db8:1:1:ffff::2"); n != 0 {
		t.Errorf("another address of the household: %d calls", n)
	}
	// Refused calls of one household are not taken from its neighbours.
	ask("2001:db8:1:1::3")
	total := 0
	for i := range 20 {
		total += ask(fmt.Sprintf("2001:db8:1:%x::1", 0x100+i))
	}
	if want := 3 * burst; total != want {
		t.Errorf("the rest of the /48: %d calls, want %d", total, want)
	}
	total = 0
	for i := range 100 {
		total += ask(fmt.Sprintf("2001:db8:%x::1", 0x100+i))
	}
	if want := (64 - 4) * burst; total != want {
		t.Errorf("the rest of the /32: %d calls, want %d", total, want)
	}
	if n := ask("2001:db9::1"); n != burst {
		t.Errorf("another provider: %d calls, want %d", n, burst)
	}
	if n := ask("192.0.2.1"); n != burst {
		t.Errorf("IPv4: %d calls, want %d", n, burst)
	}
	if n := ask("::ffff:192.0.2.1"); n != 0 {
		t.Errorf("the same IPv4 in IPv6: %d calls", n)
	}
}

func TestAllowWantsTheRightKey(t *testing.T) {
	l := limiter(t, limit.Memory(10, time.Now))
	for name, call := range map[string]func() (limit.Decision, error){
		"unknown rule":            func() (limit.Decision, error) { return l.Allow(t.Context(), "nope", "k") },
		"no key":                  func() (limit.Decision, error) { return l.Allow(t.Context(), limit.CodeEmail, "") },
		"key for the whole site":  func() (limit.Decision, error) { return l.Allow(t.Context(), limit.AskSite, "k") },
		"client rule without one": func() (limit.Decision, error) { return l.Allow(t.Context(), limit.AskClient, "k") },
		"client, other rule": func() (limit.Decision, error) {
			return l.AllowClient(t.Context(), limit.CodeEmail, netip.MustParseAddr("192.0.2.1"))
		},
	} {
		if d, err := call(); err == nil || d.Allowed {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
}

func TestNewRefusesBadRules(t *testing.T) {
	change := func(f func([]limit.Rule) []limit.Rule) []limit.Rule { return f(limit.Defaults()) }
	for want, rules := range map[string][]limit.Rule{
		"missing":  change(func(r []limit.Rule) []limit.Rule { return r[1:] }),
		"twice":    change(func(r []limit.Rule) []limit.Rule { return append(r, r[0]) }),
		"positive": change(func(r []limit.Rule) []limit.Rule { r[0].Refill = 0; return r }),
	} {
		if _, err := limit.New(limit.Memory(1, time.Now), rules); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// The numbers that the sum on guessing rests on, and a source for each rule.
func TestDefaults(t *testing.T) {
	for _, r := range limit.Defaults() {
		if r.Source == "" {
			t.Errorf("%s has no source", r.Name)
		}
		switch r.Name {
		case limit.CodeEmail, limit.CodeProven, limit.LoginEmail, limit.LoginKnown:
			if r.Period != 24*time.Hour || r.Burst+r.Refill > 25 {
				t.Errorf("%s: more than CNIL's 25 failures in 24 hours: %+v", r.Name, r.Budget)
			}
		}
	}
	// One guess in a million is right.
	if expected := 2 * float64(limit.DefaultBreaker().PerDay) / 1e6; expected >= 0.01 {
		t.Errorf("%v takeovers expected a day, want less than 0.01", expected)
	}
}

func TestLostRedis(t *testing.T) {
	client, err := store.RedisClient("redis://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	l := limiter(t, limit.Redis(client, "efp:"))
	if d, err := l.Allow(t.Context(), limit.CodeEmail, "k"); d.Allowed || !errors.Is(err, limit.ErrUnavailable) {
		t.Errorf("Allow = %+v, %v", d, err)
	}
}

func TestFallBack(t *testing.T) {
	c := &clock{}
	asked, down := 0, true
	shared := func(context.Context, limit.Move, limit.Name, string, limit.Budget) (limit.Decision, error) {
		asked++
		if down {
			return limit.Decision{}, limit.ErrUnavailable
		}
		return limit.Decision{Allowed: true}, nil
	}
	spend := limit.FallBack(shared, limit.Memory(10, c.now), c.now, slog.New(slog.DiscardHandler))
	b := limit.Budget{Burst: 2, Refill: 1, Period: time.Hour}
	wantDecision(t, spend, "k", b, true, 0)
	wantDecision(t, spend, "k", b, true, 0)
	wantDecision(t, spend, "k", b, false, time.Hour)
	if asked != 1 {
		t.Errorf("the lost backend was asked %d times: each call waits for it", asked)
	}
	down = false
	c.advance(2 * time.Second)
	wantDecision(t, spend, "k", b, true, 0) // of another budget than the local one, which is spent
}
