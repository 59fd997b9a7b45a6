package formguard

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"efpconnect.example/internal/store"
)

// Turns bounds how many logins Kratos judges at once. Each hash takes the memory that kratos.yml says (64 MB), and more of them than
// the machine has processors for take longer, each of them: an answer would then leave after its fixed instant where an account
// exists, and at the instant where none does.
type Turns struct {
	places  chan struct{}
	waiting atomic.Int64
	most    int64
}

// NewTurns has so many places, and lets so many wait for one.
func NewTurns(places, waiting int) *Turns {
	return &Turns{places: make(chan struct{}, places), most: int64(waiting)}
}

// Take waits for a place, as long as ctx lasts; where too many wait already it says at once that there is none. The place is given
// back, once, by leave, which does not wait: after some time, or at once for 0. Where the time that Kratos took must not show, that is
// the instant at which the answer leaves, whether anybody still waits for it or not: those behind then wait as long for a login with
// an account as for one without.
func (t *Turns) Take(ctx context.Context) (leave func(after time.Duration), err error) {
	defer t.waiting.Add(-1)
	if t.waiting.Add(1) > t.most {
		return nil, fmt.Errorf("formguard: too many logins wait for their turn: %w", store.ErrUnavailable)
	}
	select {
	case t.places <- struct{}{}:
		return func(after time.Duration) { time.AfterFunc(after, func() { <-t.places }) }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("formguard: no turn came: %w: %w", store.ErrUnavailable, ctx.Err())
	}
}
