package formguard

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"efpconnect.example/internal/store"
)

func waiting(n int) func(int) int { return func(int) int { return n } }

// A place that is given back later is taken until then, though nobody waits for that answer any more.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns, began := NewLoginQueue(3, waiting(1)), time.Now() // two for strangers
		gone, leave := context.WithCancel(t.Context())
		for _, after := range []time.Duration{time.Second, 3 * time.Second} {
			giveBack, err := turns.Acquire(gone, false)
			if err != nil {
				t.Fatal(err)
			}
			giveBack(after)
		}
		leave()
		if _, err := turns.Acquire(gone, false); !errors.Is(err, context.Canceled) || !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("a visitor who has gone: %v", err)
		}
		// Who finds another waiting already is told at once.
		crowd := make(chan error)
		for range 3 {
			go func() {
				giveBack, err := turns.Acquire(t.Context(), false)
				if err == nil {
					giveBack(0)
				}
				crowd <- err
			}()
		}
		synctest.Wait()
		for range 2 {
			if err := <-crowd; !errors.Is(err, store.ErrUnavailable) || time.Since(began) != 0 {
				t.Errorf("one too many: %v after %v", err, time.Since(began))
			}
		}
		if err := <-crowd; err != nil || time.Since(began) != time.Second {
			t.Errorf("the one that may wait: %v after %v", err, time.Since(began))
		}
		for _, want := range []time.Duration{time.Second, 3 * time.Second, 3 * time.Second} {
			giveBack, err := turns.Acquire(t.Context(), false)
			if took := time.Since(began); err != nil || took != want {
				t.Errorf("a place after %v, not %v: %v", took, want, err)
			}
			if want == 3*time.Second {
				giveBack(0)
			}
		}
	})
}

// A success gives its place back before the instant at which a refusal would, and once.
func TestAPlaceIsGivenBackOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns, began := NewLoginQueue(1, waiting(1)), time.Now()
		first, err := turns.Acquire(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		first(2 * time.Second)
		first(0)
		second, err := turns.Acquire(t.Context(), false)
		if err != nil || time.Since(began) != 0 {
			t.Fatalf("after %v: %v", time.Since(began), err)
		}
		second(5 * time.Second)
		if _, err = turns.Acquire(t.Context(), false); err != nil || time.Since(began) != 5*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}

// However many strangers come, the owner of an account has a place.
func TestStrangersLeaveOwnersAPlace(t *testing.T) {
	for _, places := range []int{2, 3, 6, 20} {
		synctest.Test(t, func(t *testing.T) {
			turns := NewLoginQueue(places, waiting(10))
			ctx, end := context.WithCancel(t.Context())
			for range 1000 {
				go func() { _, _ = turns.Acquire(ctx, false) }()
			}
			synctest.Wait()
			if turns.Crowd() != 1 {
				t.Errorf("%d places: the row is %v full", places, turns.Crowd())
			}
			if _, err := turns.Acquire(ctx, true); err != nil {
				t.Errorf("%d places: %v", places, err)
			}
			end()
			synctest.Wait()
		})
	}
	// Owners alone may have all of them; a single place is everybody's.
	for places, want := range map[int]int{1: 1, 2: 2, 6: 6} {
		turns := NewLoginQueue(places, waiting(10))
		for range want {
			if _, err := turns.Acquire(t.Context(), true); err != nil {
				t.Error(err)
			}
		}
	}
}
