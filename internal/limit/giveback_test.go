package limit_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/store"
)

func giveBack(t *testing.T, spend limit.Spend, key string, b limit.Budget) {
	t.Helper()
	if _, err := spend(t.Context(), limit.GiveBack, rule, key, b); err != nil {
		t.Fatal(err)
	}
}

// What was given back can be spent again, and nobody sees that it was ever spent.
func TestGiveBack(t *testing.T) {
	b := limit.Budget{Burst: 3, Refill: 2, Period: time.Hour}
	for name, walk := range map[string]func(t *testing.T, spend limit.Spend, advance func(time.Duration)){
		"a lone call leaves no trace": func(t *testing.T, spend limit.Spend, _ func(time.Duration)) {
			wantDecision(t, spend, "k", b, true, 0)
			giveBack(t, spend, "k", b)
		},
		"a hundred right logins": func(t *testing.T, spend limit.Spend, _ func(time.Duration)) {
			for range 100 {
				wantDecision(t, spend, "k", b, true, 0)
				giveBack(t, spend, "k", b)
			}
		},
		"never more than the burst": func(t *testing.T, spend limit.Spend, _ func(time.Duration)) {
			for range 5 {
				giveBack(t, spend, "k", b)
			}
		},
		"given back late, when the budget has refilled by itself": func(t *testing.T, spend limit.Spend, advance func(time.Duration)) {
			wantDecision(t, spend, "k", b, true, 0)
			advance(31 * time.Minute)
			giveBack(t, spend, "k", b)
		},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, spend limit.Spend, advance func(time.Duration)) {
				walk(t, spend, advance)
				for range 3 {
					wantDecision(t, spend, "k", b, true, 0)
				}
				wantDecision(t, spend, "k", b, false, 30*time.Minute)
			})
		})
	}
}

// One of three spent calls comes back, the other two stay spent.
func TestGiveBackIsOneCall(t *testing.T) {
	both(t, func(t *testing.T, spend limit.Spend, _ func(time.Duration)) {
		b := limit.Budget{Burst: 3, Refill: 2, Period: time.Hour}
		for range 3 {
			wantDecision(t, spend, "k", b, true, 0)
		}
		giveBack(t, spend, "k", b)
		giveBack(t, spend, "other", b)
		wantDecision(t, spend, "k", b, true, 0)
		wantDecision(t, spend, "k", b, false, 30*time.Minute)
	})
}

func TestGiveBackWantsTheRightKey(t *testing.T) {
	l := limiter(t, limit.Memory(10, time.Now))
	for name, err := range map[string]error{
		"unknown rule":   l.GiveBack(t.Context(), "nope", "k"),
		"no key":         l.GiveBack(t.Context(), limit.LoginEmail, ""),
		"a client's":     l.GiveBack(t.Context(), limit.LoginClient, "k"),
		"a whole site's": l.GiveBack(t.Context(), limit.LoginSite, ""),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := l.GiveBack(t.Context(), limit.LoginEmail, "k"); err != nil {
		t.Error(err)
	}
}

func TestGiveBackWithoutRedis(t *testing.T) {
	client, err := store.RedisClient("redis://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	lost := limit.Redis(client, "efp:")
	if err := limiter(t, lost).GiveBack(t.Context(), limit.LoginEmail, "k"); !errors.Is(err, limit.ErrUnavailable) {
		t.Errorf("GiveBack = %v", err)
	}
	// Counted here alone meanwhile, given back here alone.
	b := limit.Budget{Burst: 1, Refill: 1, Period: time.Hour}
	spend := limit.FallBack(lost, limit.Memory(10, time.Now), time.Now, slog.New(slog.DiscardHandler))
	wantDecision(t, spend, "k", b, true, 0)
	giveBack(t, spend, "k", b)
	wantDecision(t, spend, "k", b, true, 0)
}

// Whoever gives back after the visitor has gone is told why it did not work, and raises no alarm.
func TestGiveBackForWhoHasGone(t *testing.T) {
	client, err := store.RedisClient("redis://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if err := limiter(t, limit.Redis(client, "efp:")).GiveBack(ctx, limit.LoginEmail, "k"); !errors.Is(err, context.Canceled) || errors.Is(err, limit.ErrUnavailable) {
		t.Errorf("GiveBack = %v", err)
	}
}
