package formguard

import (
	"context"
	"time"
)

// Wait holds an answer back until a whole number of every has passed since its request arrived, so that its instant tells
// nothing of what was done before it: the first such instant, or a later one where that took longer on a busy machine.
func (g *Guard) Wait(ctx context.Context, arrived time.Time, every time.Duration) error {
	timer := time.NewTimer(g.Until(arrived, every))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Until is how long Wait would take.
func (g *Guard) Until(arrived time.Time, every time.Duration) time.Duration {
	return every - g.Now().Sub(arrived)%every
}
