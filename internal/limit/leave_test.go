package limit_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/store"
	"efpconnect.example/internal/testkit/redistest"
)

// A visitor who leaves is no outage: nobody counts alone for it.
func TestAVisitorWhoLeavesIsNoOutage(t *testing.T) {
	client, prefix := redistest.Redis(t)
	var log strings.Builder
	c := &clock{}
	local := func(context.Context, limit.Move, limit.Name, string, limit.Budget) (limit.Decision, error) {
		t.Error("the process counted alone")
		return limit.Decision{}, nil
	}
	spend := limit.FallBack(limit.Redis(client, prefix), local, c.now, slog.New(slog.NewTextHandler(&log, nil)))
	b := limit.Budget{Burst: 2, Refill: 1, Period: time.Hour}
	left, leave := context.WithCancel(t.Context())
	leave()
	d, err := spend(left, limit.Take, rule, "k", b)
	if d.Allowed || !errors.Is(err, context.Canceled) || errors.Is(err, limit.ErrUnavailable) {
		t.Errorf("%+v, %v", d, err)
	}
	if log.Len() > 0 {
		t.Errorf("logged: %s", &log)
	}
	wantDecision(t, spend, "k", b, true, 0) // who comes next is counted by Redis
}

// lives notes how long each count is kept for.
type lives struct {
	store.Store
	of map[string]time.Duration
}

func (l lives) Count(ctx context.Context, key string, life time.Duration) (int, error) {
	l.of[key] = life
	return l.Store.Count(ctx, key, life)
}

func (l lives) Add(ctx context.Context, key string, value []byte, life time.Duration) (bool, error) {
	l.of[key] = life
	return l.Store.Add(ctx, key, value, life)
}

// A day's counts outlive the day: a replica whose clock is behind still reads them, and none begins anew before midnight.
func TestADaysCountsLiveTwoDays(t *testing.T) {
	c := &clock{}
	kept := lives{store.NewMemory(100, c.now), map[string]time.Duration{}}
	b := &limit.Breaker{Store: kept, Now: c.now, BreakerRule: small}
	for n := range small.PerDay + 1 {
		try, err := b.Try(t.Context())
		if err != nil || try.Refused != (n == small.PerDay) {
			t.Fatalf("try %d: %+v, %v", n, try, err)
		}
		if n == 0 { // one that was right
			if err := b.Spare(t.Context(), try); err != nil {
				t.Fatal(err)
			}
			try, err = b.Try(t.Context())
			if err != nil || try.Refused {
				t.Fatalf("%+v, %v", try, err)
			}
		}
	}
	day := c.now().UTC().Format(time.DateOnly)
	for _, what := range []string{"tries", "spared", "mail-only"} {
		if got := kept.of["breaker/"+what+"/"+day]; got != 48*time.Hour {
			t.Errorf("the day's %s live %s", what, got)
		}
	}
}
