package once

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"efpconnect.example/internal/store"
)

// A lock ends lockLife after its holder last renewed it, which happens every lockRenewal. Whoever sends a form again right after
// the process was killed waits no longer than lockLife, however long the step may take.
const (
	lockLife    = 10 * time.Second
	lockRenewal = 2 * time.Second
)

// A second sender looks after lockPoll whether the first is done, then less and less often, down to every lockSlow: hundreds of
// senders must not keep the store busy.
const (
	lockPoll = 20 * time.Millisecond
	lockSlow = 320 * time.Millisecond
)

// errBusy: the first sender is still at work when the second one's time is over.
var errBusy = fmt.Errorf("once: the step's lock is held: %w", store.ErrUnavailable)

// Lock waits for a lock, for work that no form asked for.
func (k *Keeper) Lock(ctx context.Context, name string) (release func(), err error) {
	release, _, err = k.lock(ctx, name, "no outcome")
	return release, err
}

// lock waits for the step's lock, or for the outcome of whoever holds it.
func (k *Keeper) lock(ctx context.Context, name, key string) (release func(), first []byte, err error) {
	mine := []byte(rand.Text())
	poll := time.NewTimer(0)
	defer poll.Stop()
	for pause := lockPoll; ; pause = min(2*pause, lockSlow) {
		kept, found, err := k.Store.Get(ctx, key)
		if err != nil || found {
			return nil, kept, err
		}
		got, err := k.Store.Add(ctx, name, mine, lockLife)
		if err != nil {
			k.release(ctx, name, mine) // the store may have taken it, and answered too late
			return nil, nil, err
		}
		if !got {
			poll.Reset(pause)
			select {
			case <-poll.C:
				continue
			case <-ctx.Done():
				return nil, nil, fmt.Errorf("%w: %w", errBusy, ctx.Err()) // a browser that has gone is no failure
			}
		}
		// Between the look and the lock the first sender may have finished.
		if kept, found, err = k.Store.Get(ctx, key); err != nil || found {
			k.release(ctx, name, mine)
			return nil, kept, err
		}
		return k.held(ctx, name, mine), nil, nil
	}
}

// held renews a lock until it is released.
func (k *Keeper) held(ctx context.Context, name string, mine []byte) (release func()) {
	alive, stop := context.WithCancel(context.WithoutCancel(ctx))
	var renewing sync.WaitGroup
	renewing.Go(func() { k.renew(alive, name, mine) })
	return func() {
		stop()
		renewing.Wait()
		k.release(ctx, name, mine)
	}
}

// renew gives the lock its whole life again and again. A lock that somebody else holds by now is left alone.
func (k *Keeper) renew(ctx context.Context, name string, mine []byte) {
	due := time.NewTicker(lockRenewal)
	defer due.Stop()
	for {
		select {
		case <-due.C:
		case <-ctx.Done():
			return
		}
		held, err := k.Store.Extend(ctx, name, mine, lockLife)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			k.Log.WarnContext(ctx, "once: a step's lock could not be renewed", "cause", err.Error())
		case !held:
			k.Log.WarnContext(ctx, "once: a step's lock ended before the step was done")
			return
		}
	}
}

// release gives the lock back even when the browser has gone meanwhile.
func (k *Keeper) release(ctx context.Context, name string, mine []byte) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if _, err := k.Store.DeleteIf(ctx, name, mine); err != nil && !errors.Is(err, context.Canceled) {
		k.Log.WarnContext(ctx, "once: a step's lock could not be given back; it ends by itself", "cause", err.Error())
	}
}
