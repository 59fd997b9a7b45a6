package recovery

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// A right code opens a session at Kratos before any password is chosen. Who walks away at step 3 leaves it behind, so a sealed copy of its
// token is kept, and the session is ended at the time until which step 3 may be used. Any replica does it.

const (
	unfinishedSlot = 10 * time.Minute // sessions whose time ends within the same are kept, and ended, together
	unfinishedLife = 24 * time.Hour   // session.lifespan of Kratos: then it has ended by itself
	unfinishedPoll = time.Minute
)

const unfinishedPurpose = "unfinished session"

func slotOf(at time.Time) string {
	return "unfinished:" + at.UTC().Truncate(unfinishedSlot).Format(time.RFC3339)
}

func inSlot(slot string, n int) string { return slot + "/" + strconv.Itoa(n) }

// keepUnfinished keeps the session of a flow that has come to step 3.
func (h *Handler) keepUnfinished(ctx context.Context, f *flow) error {
	slot, life := slotOf(f.Until), f.Until.Sub(h.Now())+unfinishedLife
	sealed, err := h.Box.Seal(unfinishedPurpose, life, f.Token)
	if err != nil {
		return err
	}
	n, err := h.Store.Count(ctx, slot, life)
	if err != nil {
		return err
	}
	f.Unfinished = inSlot(slot, n)
	return h.Store.Put(ctx, f.Unfinished, []byte(sealed), life)
}

// EndUnfinished ends the sessions of step 3 whose time is over, each minute until ctx ends.
func (h *Handler) EndUnfinished(ctx context.Context) {
	tick := time.NewTicker(unfinishedPoll)
	defer tick.Stop()
	next := h.Now().Add(-unfinishedLife).Truncate(unfinishedSlot)
	for {
		var err error
		if next, err = h.endSlots(ctx, next); err != nil && ctx.Err() == nil {
			h.Log.WarnContext(ctx, "recovery: sessions of step 3 could not be ended; they are tried again", "cause", err.Error())
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// endSlots ends the sessions of each slot that is over, from next on, and tells which slot comes then.
func (h *Handler) endSlots(ctx context.Context, next time.Time) (time.Time, error) {
	for ; !next.Add(unfinishedSlot).After(h.Now()); next = next.Add(unfinishedSlot) {
		if err := h.endSlot(ctx, slotOf(next)); err != nil {
			return next, err
		}
	}
	return next, nil
}

func (h *Handler) endSlot(ctx context.Context, slot string) error {
	count, found, err := h.Store.Get(ctx, slot)
	if err != nil || !found {
		return err
	}
	last, err := strconv.Atoi(string(count))
	if err != nil {
		return fmt.Errorf("recovery: the count of a slot: %w", err)
	}
	for n := range last {
		if err := h.endKept(ctx, inSlot(slot, n+1)); err != nil {
			return err
		}
	}
	return nil
}

// endKept ends one session. While Kratos does not answer it stays kept.
func (h *Handler) endKept(ctx context.Context, key string) error {
	sealed, found, err := h.Store.Take(ctx, key)
	if err != nil || !found {
		return err
	}
	var token string
	if err := h.Box.Open(unfinishedPurpose, string(sealed), &token); err != nil {
		return nil // it has ended by itself, or the keys have changed since
	}
	if err := h.Kratos.RevokeSession(ctx, token); err != nil {
		return errors.Join(err, h.Store.Put(context.WithoutCancel(ctx), key, sealed, unfinishedLife))
	}
	return nil
}
