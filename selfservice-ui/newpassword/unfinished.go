package newpassword

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/lifetime"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/store"
)

// Unfinished ends the sessions of step 3 that nobody finishes. A right code opens a session at Kratos before any password is chosen.
// Who walks away leaves it behind, so a sealed copy of its token is kept, and the session is ended at the time until which step 3 may be
// used. Any replica does it, for every flow: the server runs EndOver once.
type Unfinished struct {
	Kratos *kratos.Client
	Store  store.Store
	Box    *seal.Box
	Log    *slog.Logger
	Now    func() time.Time
}

const (
	unfinishedSlot = 10 * time.Minute // sessions whose time ends within the same are kept, and ended, together
	unfinishedLife = lifetime.Session // by then it has ended by itself
	unfinishedPoll = time.Minute
)

const unfinishedPurpose = "unfinished session"

func slotOf(at time.Time) string {
	return "unfinished:" + at.UTC().Truncate(unfinishedSlot).Format(time.RFC3339)
}

func inSlot(slot string, n int) string { return slot + "/" + strconv.Itoa(n) }

// Keep keeps a session that may choose a password until then, and tells where.
func (u Unfinished) Keep(ctx context.Context, token string, until time.Time) (key string, err error) {
	slot, life := slotOf(until), until.Sub(u.Now())+unfinishedLife
	sealed, err := u.Box.Seal(unfinishedPurpose, life, token)
	if err != nil {
		return "", err
	}
	n, err := u.Store.Count(ctx, slot, life)
	if err != nil {
		return "", err
	}
	key = inSlot(slot, n)
	return key, u.Store.Put(ctx, key, []byte(sealed), life)
}

// End ends a session, and no longer keeps it where Kratos has. An empty key was never kept.
func (u Unfinished) End(ctx context.Context, token, key string) error {
	if err := u.Kratos.RevokeSession(ctx, token); err != nil || key == "" {
		return err
	}
	if err := u.Store.Delete(ctx, key); err != nil {
		u.Log.WarnContext(ctx, "password: an ended session stays kept; it is ended twice", "cause", err.Error())
	}
	return nil
}

// EndOver ends the sessions of step 3 whose time is over, each minute until ctx ends.
func (u Unfinished) EndOver(ctx context.Context) {
	tick := time.NewTicker(unfinishedPoll)
	defer tick.Stop()
	next := u.Now().Add(-unfinishedLife).Truncate(unfinishedSlot)
	for {
		var err error
		if next, err = u.endSlots(ctx, next); err != nil && ctx.Err() == nil {
			u.Log.WarnContext(ctx, "password: sessions of step 3 could not be ended; they are tried again", "cause", err.Error())
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// endSlots ends the sessions of each slot that is over, from next on, and tells which slot comes then.
func (u Unfinished) endSlots(ctx context.Context, next time.Time) (time.Time, error) {
	for ; !next.Add(unfinishedSlot).After(u.Now()); next = next.Add(unfinishedSlot) {
		if err := u.endSlot(ctx, slotOf(next)); err != nil {
			return next, err
		}
	}
	return next, nil
}

func (u Unfinished) endSlot(ctx context.Context, slot string) error {
	count, found, err := u.Store.Get(ctx, slot)
	if err != nil || !found {
		return err
	}
	last, err := strconv.Atoi(string(count))
	if err != nil {
		return fmt.Errorf("password: the count of a slot: %w", err)
	}
	for n := range last {
		if err := u.endKept(ctx, inSlot(slot, n+1)); err != nil {
			return err
		}
	}
	return nil
}

// endKept ends one session. While Kratos does not answer it stays kept.
func (u Unfinished) endKept(ctx context.Context, key string) error {
	sealed, found, err := u.Store.Take(ctx, key)
	if err != nil || !found {
		return err
	}
	var token string
	if err := u.Box.Open(unfinishedPurpose, string(sealed), &token); err != nil {
		return nil // it has ended by itself, or the keys have changed since
	}
	if err := u.Kratos.RevokeSession(ctx, token); err != nil {
		return errors.Join(err, u.Store.Put(context.WithoutCancel(ctx), key, sealed, unfinishedLife))
	}
	return nil
}
