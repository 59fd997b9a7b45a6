package formguard

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"efpconnect.example/internal/store"
)

// A place that is given back later is taken until then, though nobody waits for that answer any more.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue, began := NewLoginQueue(2, 1), time.Now()
		gone, release := context.WithCancel(t.Context())
		for _, after := range []time.Duration{time.Second, 3 * time.Second} {
			giveBack, err := queue.Acquire(gone)
			if err != nil {
				t.Fatal(err)
			}
			giveBack(after)
		}
		release()
		if _, err := queue.Acquire(gone); !errors.Is(err, context.Canceled) || !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("a visitor who has gone: %v", err)
		}
		// Who finds another waiting already is told at once.
		crowd := make(chan error)
		for range 3 {
			go func() {
				giveBack, err := queue.Acquire(t.Context())
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
			giveBack, err := queue.Acquire(t.Context())
			if took := time.Since(began); err != nil || took != want {
				t.Errorf("a place after %v, not %v: %v", took, want, err)
			}
			if want == 3*time.Second {
				giveBack(0)
			}
		}
	})
}
