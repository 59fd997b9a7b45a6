package instant

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const ms = time.Millisecond

// now is the step as a login reads it, 0 where it is turned away.
func now(s *Shared) time.Duration {
	step, open := s.Now()
	if !open {
		return 0
	}
	return step
}

func TestOneSlowCanaryRaises(t *testing.T) {
	for took, want := range map[time.Duration]time.Duration{
		0:                800 * ms,
		400 * ms:         800 * ms,
		401 * ms:         1600 * ms,
		800 * ms:         1600 * ms,
		801 * ms:         3200 * ms,
		1601 * ms:        6400 * ms, // three steps at once
		6400 * ms:        6400 * ms,
		6400*ms + 1:      0, // beyond the cap everybody is turned away
		10 * time.Minute: 0,
	} {
		for name, note := range map[string]func(*Shared, time.Duration){"come back": (*Shared).Took, "under way": (*Shared).Under} {
			s := New(800*ms, nil)
			note(s, took)
			if got := now(s); got != want {
				t.Errorf("a canary of %v, %s: step %v, want %v", took, name, got, want)
			}
		}
	}
}

func TestLoweredSlowly(t *testing.T) {
	s := New(800*ms, nil)
	s.Took(10 * time.Second)
	s.Took(5 * time.Second) // in time for the last step: people are let in
	if got := now(s); got != 6400*ms {
		t.Fatalf("step %v after a canary within the cap", got)
	}
	var steps []time.Duration
	for range 3 * calm {
		s.Took(100 * ms)
		steps = append(steps, now(s))
	}
	want := slices.Concat(slices.Repeat([]time.Duration{6400 * ms}, calm-1), slices.Repeat([]time.Duration{3200 * ms}, calm),
		slices.Repeat([]time.Duration{1600 * ms}, calm), []time.Duration{800 * ms})
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Error(diff)
	}
}

// A canary that only just fits the step below begins the count anew: the steps do not swing.
func TestNotLoweredByWhatWouldOnlyJustFit(t *testing.T) {
	s := New(800*ms, nil)
	s.Took(500 * ms)
	for range 10 * calm {
		for range calm - 1 {
			s.Took(100 * ms)
		}
		s.Took(201 * ms)
	}
	if got := now(s); got != 1600*ms {
		t.Errorf("step %v", got)
	}
	for range calm {
		s.Under(10 * ms) // under way says nothing about calm
	}
	if got := now(s); got != 1600*ms {
		t.Errorf("step %v", got)
	}
}

// watch runs canaries that take so long each, one after the other, and notes at which second the step changes.
func watch(t *testing.T, takes []time.Duration, failing bool) (changes map[string]time.Duration, asked []string) {
	t.Helper()
	changes = map[string]time.Duration{}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ctx, stop := context.WithCancel(t.Context())
		s := New(800*ms, func(step time.Duration) { changes[time.Since(began).String()] = step })
		c := &Canary{Shared: s, Every: 5 * time.Second, Accounts: []string{"argon2", "bcrypt"}, Log: slog.New(slog.DiscardHandler),
			Login: func(ctx context.Context, account string) error {
				if asked = append(asked, account); len(asked) > len(takes) {
					stop()
					return ctx.Err()
				}
				time.Sleep(takes[len(asked)-1]) // of the bubble's clock
				if failing {
					return errors.New("no answer")
				}
				return nil
			}}
		c.Run(ctx)
	})
	return changes, asked
}

// The step is raised while a slow canary is still under way, and not only once it has come back.
func TestACanaryRaisesWhileItIsUnderWay(t *testing.T) {
	changes, asked := watch(t, []time.Duration{100 * ms, 7 * time.Second, 3 * time.Second}, false)
	want := map[string]time.Duration{"0s": 800 * ms, "5.4s": 1600 * ms, "5.8s": 3200 * ms, "6.6s": 6400 * ms, "11.4s": 0, "15s": 6400 * ms}
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"argon2", "bcrypt", "argon2", "bcrypt"}, asked); diff != "" {
		t.Error(diff)
	}
}

// A Kratos that fails fast says nothing of hashes; one that fails late is slow.
func TestFailedCanaries(t *testing.T) {
	changes, _ := watch(t, slices.Repeat([]time.Duration{time.Millisecond}, 30), true)
	if diff := cmp.Diff(map[string]time.Duration{"0s": 800 * ms}, changes); diff != "" {
		t.Error(diff)
	}
	changes, _ = watch(t, append([]time.Duration{9 * time.Second}, slices.Repeat([]time.Duration{time.Millisecond}, 30)...), true)
	if len(changes) != 5 || changes["6.4s"] != 0 {
		t.Errorf("after a canary that failed late, and others that failed fast: %v", changes)
	}
}

func TestWithoutAnAccountNothingIsSent(t *testing.T) {
	c := &Canary{Login: func(context.Context, string) error { t.Error("a login"); return nil }}
	c.Run(t.Context())
}
