package formguard

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"efpconnect.example/internal/store"
)

// LoginQueue bounds how many logins Kratos handles at once. Each password hash takes the memory that kratos.yml says (64 MB).
// More hashes than processors make each of them slower, and Kratos hashes only where an account exists: the refusal would
// then come later for a known address than for an unknown one.
type LoginQueue struct {
	places  chan struct{}
	waiting atomic.Int64
	most    int64
}

// NewLoginQueue makes a queue of so many places, for which so many logins may wait.
func NewLoginQueue(places, waiting int) *LoginQueue {
	return &LoginQueue{places: make(chan struct{}, places), most: int64(waiting)}
}

// Acquire waits for a place until ctx ends, and fails at once when too many wait already. The caller calls release exactly
// once; release itself does not wait. It frees the place after the given time, at once for 0.
//
// A refused login frees its place at the instant of its answer, even when nobody waits for that answer any more. Whoever
// stands behind it then waits as long for an address with an account as for one without.
func (q *LoginQueue) Acquire(ctx context.Context) (release func(after time.Duration), err error) {
	defer q.waiting.Add(-1)
	if q.waiting.Add(1) > q.most {
		return nil, fmt.Errorf("formguard: too many logins wait for a place: %w", store.ErrUnavailable)
	}
	select {
	case q.places <- struct{}{}:
		return func(after time.Duration) { time.AfterFunc(after, func() { <-q.places }) }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("formguard: no place came free: %w: %w", store.ErrUnavailable, ctx.Err())
	}
}
