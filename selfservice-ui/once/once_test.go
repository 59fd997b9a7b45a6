package once

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/store"
)

type told struct {
	N      int
	Moment bool
}

func (t told) Passing() bool { return t.Moment }

func keeper(now func() time.Time) *Keeper {
	return &Keeper{Store: store.NewMemory(100, now), Life: time.Minute, Log: slog.New(slog.DiscardHandler)}
}

func TestTheSameFormIsOneSubmission(t *testing.T) {
	secret, stranger := seal.NewRandom(), seal.NewRandom()
	base := Submission{Secret: secret, Lock: "lock:a", What: []string{"code", "flow", "123456"}, Time: time.Second}
	with := func(change func(*Submission)) Submission { s := base; change(&s); return s }
	for _, c := range []struct {
		why  string
		then Submission
		wait time.Duration
		runs int
	}{
		{"sent again", base, 0, 1},
		{"sent again, the outcome no longer kept", base, time.Minute, 2},
		{"something else typed", with(func(s *Submission) { s.What = []string{"code", "flow", "123457"} }), 0, 2},
		{"the same text cut elsewhere", with(func(s *Submission) { s.What = []string{"code", "flo", "w123456"} }), 0, 2},
		{"the same typed in another browser", with(func(s *Submission) { s.Secret = stranger }), 0, 2},
	} {
		now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
		k, runs := keeper(func() time.Time { return now }), 0
		work := func(context.Context) (told, error) { runs++; return told{N: runs}, nil }
		first, err := Do(t.Context(), k, base, work)
		if err != nil || first.N != 1 {
			t.Fatalf("%s: %+v, %v", c.why, first, err)
		}
		now = now.Add(c.wait)
		again, err := Do(t.Context(), k, c.then, work)
		if err != nil || runs != c.runs || again.N != c.runs {
			t.Errorf("%s: %d runs, outcome %d, %v", c.why, runs, again.N, err)
		}
	}
}

// Neither a failure nor "too early" may answer the next try.
func TestWhatIsNotKept(t *testing.T) {
	s := Submission{Secret: seal.NewRandom(), Lock: "lock:a", What: []string{"code"}, Time: time.Second}
	broken := errors.New("broken")
	for why, first := range map[string]func(context.Context) (told, error){
		"an error":          func(context.Context) (told, error) { return told{}, broken },
		"a passing outcome": func(context.Context) (told, error) { return told{Moment: true}, nil },
	} {
		k := keeper(time.Now)
		if _, err := Do(t.Context(), k, s, first); err != nil && !errors.Is(err, broken) {
			t.Fatal(err)
		}
		if _, found, err := Kept[told](t.Context(), k, s); found || err != nil {
			t.Errorf("%s is kept: %v", why, err)
		}
		o, err := Do(t.Context(), k, s, func(context.Context) (told, error) { return told{N: 7}, nil })
		if err != nil || o.N != 7 {
			t.Errorf("after %s: %+v, %v", why, o, err)
		}
	}
}

// A browser that leaves while the first request still works is no failure of the service.
func TestNobodyWaitsForALockOnceTheBrowserHasGone(t *testing.T) {
	k := keeper(time.Now)
	held := Submission{Secret: seal.NewRandom(), Lock: "lock:held", What: []string{"code"}, Time: time.Second}
	if _, err := k.Store.Add(t.Context(), held.Lock, []byte("the first"), time.Minute); err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	_, err := Do(ctx, k, held, func(context.Context) (told, error) {
		t.Error("done without the lock")
		return told{}, nil
	})
	if !errors.Is(err, context.Canceled) || !errors.Is(err, store.ErrUnavailable) {
		t.Error(err)
	}
}
