package gate

import (
	"context"
	"time"
)

// Wait holds an answer back until a whole number of every has passed since its request arrived, so that its instant tells
// nothing of what was done before it: the first such instant, or a later one where that took longer on a busy machine.
func (g *Gate) Wait(ctx context.Context, arrived time.Time, every time.Duration) error {
	took := g.Now().Sub(arrived)
	timer := time.NewTimer(every - took%every)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
