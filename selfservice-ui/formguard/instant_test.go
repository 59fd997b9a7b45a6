package formguard

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestWait(t *testing.T) {
	const every = 100 * time.Millisecond
	for took, want := range map[time.Duration]time.Duration{
		0:                      every,
		99 * time.Millisecond:  every,
		100 * time.Millisecond: 2 * every, // too late for the first instant: at the next, not at once
		260 * time.Millisecond: 3 * every,
	} {
		synctest.Test(t, func(t *testing.T) {
			g := &Guard{Now: time.Now}
			arrived := time.Now()
			time.Sleep(took) // of the bubble's clock
			if err := g.Wait(t.Context(), arrived, every); err != nil {
				t.Fatal(err)
			}
			if got := time.Since(arrived); got != want {
				t.Errorf("what took %v is answered after %v, not %v", took, got, want)
			}
		})
	}
}

// Nobody is waited for who has gone.
func TestWaitEndsWithTheVisitor(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if err := (&Guard{Now: time.Now}).Wait(ctx, time.Now(), time.Hour); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
