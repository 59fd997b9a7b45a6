// Package once gives a form that is sent twice (double click, reload) one answer: the first one's. Every step that sends a mail,
// spends a try or saves something runs in Do. The package knows no step and no flow.
package once

import (
	"context"
	"log/slog"
	"time"

	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/store"
)

// Keeper runs submissions and keeps their outcomes. Failpoint may be nil.
type Keeper struct {
	Store     store.Store
	Life      time.Duration // how long a form sent again gets the first answer
	Log       *slog.Logger
	Failpoint func(point string) // told of each point at which tests kill the process
}

// A Submission is one form as it was sent: by which browser, at which step of which flow, and what was typed.
type Submission struct {
	Secret []byte        // the browser's own random: only that browser finds and opens the outcome
	Lock   string        // name of what only one submission at a time may work on
	What   []string      // step, flow and typed text: equal for the same form sent twice
	Time   time.Duration // bound of the work
}

// key is where the submission's outcome is kept.
func (s Submission) key() (string, error) {
	print, err := seal.Fingerprint(s.Secret, s.What...)
	return "once:" + print, err
}

// An Outcome is what a step decided, as JSON. A passing one is true for this moment only and is not kept.
type Outcome interface{ Passing() bool }

// Do runs work for a submission under its lock. The same submission sent again gets the outcome that was kept, and work does not run.
// An error is not kept.
func Do[O Outcome](ctx context.Context, k *Keeper, s Submission, work func(context.Context) (O, error)) (O, error) {
	var none O
	key, err := s.key()
	if err != nil {
		return none, err
	}
	release, first, err := k.lock(ctx, s.Lock, key)
	if err != nil || first != nil {
		return opened[O](s.Secret, first, err)
	}
	defer release()
	// A double click makes browsers abandon the first request. What it began is finished all the same: a right code would
	// be spent for nothing.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Time)
	defer cancel()
	o, err := work(ctx)
	if err != nil {
		return none, err
	}
	if o.Passing() {
		return o, nil
	}
	k.failpoint(s.What[0] + ": decided")
	sealed, err := seal.SealWith(s.Secret, o)
	if err != nil {
		return none, err
	}
	if err := k.Store.Put(ctx, key, sealed, k.Life); err != nil {
		return none, err
	}
	k.failpoint(s.What[0] + ": kept")
	return o, nil
}

// Kept is the outcome of a submission that was sent before.
func Kept[O Outcome](ctx context.Context, k *Keeper, s Submission) (o O, found bool, err error) {
	key, err := s.key()
	if err != nil {
		return o, false, err
	}
	sealed, found, err := k.Store.Get(ctx, key)
	if err != nil || !found {
		return o, false, err
	}
	o, err = opened[O](s.Secret, sealed, nil)
	return o, true, err
}

func (k *Keeper) failpoint(point string) {
	if k.Failpoint != nil {
		k.Failpoint(point)
	}
}

func opened[O Outcome](secret, sealed []byte, err error) (o O, _ error) {
	if err == nil {
		err = seal.OpenWith(secret, sealed, &o)
	}
	return o, err
}
