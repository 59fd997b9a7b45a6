package formguard

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"efpconnect.example/internal/store"
)

// LoginQueue bounds how many logins Kratos judges at once. Each hash takes the memory that kratos.yml says (64 MB), and more of them than
// the machine has processors for take longer, each of them.
//
// A third of the places is kept for browsers that have logged in to the account before: a crowd of strangers can make
// strangers wait, and not the owners of accounts.
type LoginQueue struct {
	all, kept row
	most      func(places int) int // how many may wait for so many places
}

// row is a number of places and who waits for one of them.
type row struct {
	places  chan struct{}
	waiting atomic.Int64
}

// NewLoginQueue has so many places; most tells how many may wait for a number of places now.
func NewLoginQueue(places int, most func(places int) int) *LoginQueue {
	kept := places / 3
	if places == 2 {
		kept = 1
	}
	return &LoginQueue{
		all:  row{places: make(chan struct{}, places-kept)},
		kept: row{places: make(chan struct{}, kept)},
		most: most,
	}
}

// Acquire waits for a place, as long as ctx lasts; where too many wait already it says at once that there is none. The place is
// given back by leave, once, after some time or at once for 0. Where the time that Kratos takes must not show, that is the
// instant at which the answer leaves, whether Kratos has answered or not, and whether anybody still waits for it or not.
func (t *LoginQueue) Acquire(ctx context.Context, proved bool) (leave func(after time.Duration), err error) {
	mine := &t.all
	if proved && cap(t.kept.places) > 0 {
		mine = &t.kept
	}
	defer mine.waiting.Add(-1)
	if int(mine.waiting.Add(1)) > t.most(cap(mine.places)) {
		return nil, fmt.Errorf("formguard: too many logins wait for their turn: %w", store.ErrUnavailable)
	}
	var others chan struct{} // nil, which is never ready, for strangers
	if mine == &t.kept {
		others = t.all.places
	}
	select {
	case mine.places <- struct{}{}:
		return leaving(mine.places), nil
	case others <- struct{}{}:
		return leaving(others), nil
	case <-ctx.Done():
		return nil, fmt.Errorf("formguard: no turn came: %w: %w", store.ErrUnavailable, ctx.Err())
	}
}

func leaving(places chan struct{}) func(time.Duration) {
	free := sync.OnceFunc(func() { <-places })
	return func(after time.Duration) {
		if after <= 0 {
			free()
			return
		}
		time.AfterFunc(after, free)
	}
}

// Crowd is how full the strangers' row is, from 0 to 1 and a little more.
func (t *LoginQueue) Crowd() float64 {
	return float64(t.all.waiting.Load()) / float64(t.most(cap(t.all.places)))
}
