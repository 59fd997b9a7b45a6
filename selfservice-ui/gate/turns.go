package gate

import (
	"context"
	"fmt"
	"time"

	"efpconnect.example/internal/store"
)

// Turns bounds how many hashes Kratos makes at once. Each takes the memory that kratos.yml says (64 MB), and more of them than the
// machine has processors for take longer, each of them: an answer would then leave after its fixed instant where an account exists,
// and at the instant where none does.
type Turns struct{ places chan struct{} }

// NewTurns has so many places.
func NewTurns(places int) *Turns { return &Turns{places: make(chan struct{}, places)} }

// Take waits for a place, as long as ctx lasts. The place is given back, once, by leave, which does not wait: after some time, or at
// once for 0. Where the time that Kratos took must not show, that is the instant at which the answer leaves, whether anybody still
// waits for it or not: those behind then wait as long for a login with an account as for one without.
func (t *Turns) Take(ctx context.Context) (leave func(after time.Duration), err error) {
	select {
	case t.places <- struct{}{}:
		return func(after time.Duration) { time.AfterFunc(after, func() { <-t.places }) }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("gate: no place among the hashes at once: %w: %w", store.ErrUnavailable, ctx.Err())
	}
}
