package recovery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/store"
)

// outcome is what a step decided. It is kept for a minute, so that the same form sent twice (double click, reload) gets
// the first one's answer. Only the browser that sent the first can open it: the key is made with a random that lives in
// that browser's sealed cookie, and so is the store's key.
type outcome struct {
	Verdict string `json:"verdict"`
	Flow    flow   `json:"flow"`           // what the browser carries from now on
	Left    int    `json:"left,omitzero"`  // tries left
	Key     string `json:"key,omitzero"`   // word key of a refusal
	Field   string `json:"field,omitzero"` // the field it is about
	Limit   int    `json:"limit,omitzero"` // its number
}

// stepTime bounds what is done under a lock, but for step 3 (Times.Password).
const stepTime = 15 * time.Second

// A lock lives for lockLife after its holder's last sign of life, which comes every lockSign: whoever sends a form again right
// after the process was killed under that lock waits no longer, however long the step may take.
const (
	lockLife = 10 * time.Second
	lockSign = 2 * time.Second
)

// A second sender looks after lockPoll whether the first is done, then less and less often, down to every lockSlow: hundreds of them
// must not keep the store busy.
const (
	lockPoll = 20 * time.Millisecond
	lockSlow = 320 * time.Millisecond
)

// errBusy: the first sender is still at it when the second one's time is over.
var errBusy = fmt.Errorf("recovery: the step's lock is held: %w", store.ErrUnavailable)

// submission is one form as it was sent: by which browser, at which step of which flow, and what was typed.
type submission struct {
	secret []byte        // the browser's own random
	lock   string        // what only one submission at a time may work on
	what   []string      // step, flow and typed text: equal for the same form sent twice
	time   time.Duration // that it may take
}

// key is where the submission's outcome is kept.
func (s submission) key() (string, error) {
	print, err := seal.Fingerprint(s.secret, s.what...)
	return "once:" + print, err
}

// submitted is a form of a flow. All steps of a flow share one lock: each writes the flow's state.
func (h *Handler) submitted(f flow, step, typed string) submission {
	return submission{secret: f.Secret, lock: h.lockOf(f), what: []string{step, f.ID, f.Settings, typed}, time: stepTime}
}

func (h *Handler) lockOf(f flow) string { return "lock:" + h.Box.Hash("flow", f.ID) }

// once runs do for a submission, one at a time under its lock, and at most once a minute for the same one.
func (h *Handler) once(ctx context.Context, s submission, do func(context.Context) (outcome, error)) (outcome, error) {
	key, err := s.key()
	if err != nil {
		return outcome{}, err
	}
	release, first, err := h.lock(ctx, s.lock, key)
	if err != nil || first != nil {
		return opened(s.secret, first, err)
	}
	defer release()
	// A double click makes browsers abandon the first request: what it began is finished all the same, or a right code
	// would be spent for nothing.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.time)
	defer cancel()
	o, err := do(ctx)
	if err != nil {
		return outcome{}, err
	}
	if o.Verdict == resendEarly {
		return o, nil // true for this moment only
	}
	h.failpoint(s.what[0] + ": decided")
	sealed, err := seal.SealWith(s.secret, o)
	if err != nil {
		return outcome{}, err
	}
	if err := h.Store.Put(ctx, key, sealed, h.Times.Outcome); err != nil {
		return outcome{}, err
	}
	h.failpoint(s.what[0] + ": kept")
	return o, nil
}

// kept is the outcome of a submission that was sent before.
func (h *Handler) kept(ctx context.Context, s submission) (o outcome, found bool, err error) {
	key, err := s.key()
	if err != nil {
		return outcome{}, false, err
	}
	sealed, found, err := h.Store.Get(ctx, key)
	if err != nil || !found {
		return outcome{}, false, err
	}
	o, err = opened(s.secret, sealed, nil)
	return o, true, err
}

// lock waits for the step's lock, or for the outcome of whoever holds it.
func (h *Handler) lock(ctx context.Context, name, key string) (release func(), first []byte, err error) {
	mine := []byte(rand.Text())
	poll := time.NewTimer(0)
	defer poll.Stop()
	for pause := lockPoll; ; pause = min(2*pause, lockSlow) {
		kept, found, err := h.Store.Get(ctx, key)
		if err != nil || found {
			return nil, kept, err
		}
		got, err := h.Store.Add(ctx, name, mine, lockLife)
		if err != nil {
			h.release(ctx, name, mine) // the store may have taken it, and answered too late
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
		// Between the look and the lock the first one may have finished.
		if kept, found, err = h.Store.Get(ctx, key); err != nil || found {
			h.release(ctx, name, mine)
			return nil, kept, err
		}
		return h.held(ctx, name, mine), nil, nil
	}
}

// held keeps a lock alive until it is released.
func (h *Handler) held(ctx context.Context, name string, mine []byte) (release func()) {
	alive, stop := context.WithCancel(context.WithoutCancel(ctx))
	var signs sync.WaitGroup
	signs.Go(func() { h.prolong(alive, name, mine) })
	return func() {
		stop()
		signs.Wait()
		h.release(ctx, name, mine)
	}
}

// prolong gives the lock its whole life again and again. A lock that is somebody else's by now is left alone.
func (h *Handler) prolong(ctx context.Context, name string, mine []byte) {
	sign := time.NewTicker(lockSign)
	defer sign.Stop()
	for {
		select {
		case <-sign.C:
		case <-ctx.Done():
			return
		}
		held, err := h.Store.Extend(ctx, name, mine, lockLife)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			h.Log.WarnContext(ctx, "recovery: a lock could not be prolonged", "cause", err.Error())
		case !held:
			h.Log.WarnContext(ctx, "recovery: a lock ran out before its step was done")
			return
		}
	}
}

// release gives the lock back even when the browser has gone meanwhile.
func (h *Handler) release(ctx context.Context, name string, mine []byte) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if _, err := h.Store.DeleteIf(ctx, name, mine); err != nil && !errors.Is(err, context.Canceled) {
		h.Log.WarnContext(ctx, "recovery: a lock could not be given back; it ends by itself", "cause", err.Error())
	}
}

func opened(r, sealed []byte, err error) (outcome, error) {
	var o outcome
	if err == nil {
		err = seal.OpenWith(r, sealed, &o)
	}
	return o, err
}
