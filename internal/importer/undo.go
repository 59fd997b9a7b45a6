package importer

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"efpconnect.example/internal/importer/adoption"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/legacy"
	"efpconnect.example/internal/importer/send"
	"efpconnect.example/internal/kratos"
)

// Undoing is what undo found or did.
type Undoing struct {
	Removable int `json:"removable"` // made by this journal, used by nobody
	Removed   int `json:"removed"`   // of those; 0 when dry
	Attached  int `json:"attached"`  // their people's own accounts, to which this journal attached a legacy id
	Detached  int `json:"detached"`  // of those, the id was taken back from; 0 when dry
	Used      int `json:"used"`      // left alone: a password was set, or there has been a session
	Found     int `json:"found"`     // left alone: was there before this journal
	Gone      int `json:"gone"`      // no longer in Kratos, or no longer this legacy account's
}

// Undo removes from Kratos what this journal created and nobody has used, and the marks it attached to people's own accounts. With
// a nil confirm it only counts. Otherwise confirm is given the count first and decides. Whether an account was used is looked at a
// second time, right before it is removed.
func Undo(ctx context.Context, o Options, confirm func(Undoing) bool) (u Undoing, err error) {
	if err := o.setDefaults(); err != nil {
		return u, err
	}
	j, run, err := o.openJournal()
	if err != nil {
		return u, err
	}
	defer j.Close()
	if err := o.ready(ctx); err != nil {
		return u, err
	}
	work := &undo{Options: &o, journal: j, source: run.Source, pace: send.NewPace(o.Concurrency, o.GiveUp, o.Wait)}
	if u, err = work.pass(ctx, false); err != nil || confirm == nil || u.Removable+u.Attached == 0 || !confirm(u) {
		return u, err
	}
	return work.pass(ctx, true)
}

// openJournal opens a journal that has run already, to work on it.
func (o *Options) openJournal() (*journal.Journal, journal.Run, error) {
	if j, err := journal.OpenToRead(o.path(JournalFile)); err != nil { // a missing one is not to be made
		return nil, journal.Run{}, err
	} else if err := j.Close(); err != nil {
		return nil, journal.Run{}, err
	}
	j, err := journal.Open(o.path(JournalFile))
	if err != nil {
		return nil, journal.Run{}, err
	}
	run, err := j.LastRun()
	if err == nil {
		var purged bool
		if purged, err = j.Purged(); purged {
			err = journal.ErrPurged
		}
	}
	if err != nil {
		j.Close()
		return nil, run, err
	}
	return j, run, nil
}

type undo struct {
	*Options
	journal *journal.Journal
	source  string
	pace    *send.Pace
}

// takeIn tells the journal of accounts that a run made and did not come to write down: it was killed, or its disk was full. Their mark
// names the run.
func (w *undo) takeIn(ctx context.Context) error {
	runs, err := w.journal.Runs()
	if err != nil {
		return err
	}
	interrupted := map[string]int{}
	for _, run := range runs {
		if run.Finished.IsZero() {
			interrupted[run.ID] = run.Number
		}
	}
	if len(interrupted) == 0 {
		return nil
	}
	return send.EachAccount(ctx, w.Kratos, w.pace, func(page []kratos.Identity) error {
		var missed []journal.Account
		for _, identity := range page {
			stamp, ok := legacy.Parse(identity.MetadataAdmin)
			number, ours := interrupted[stamp.Run]
			id, err := uuid.Parse(identity.ID)
			// A run updates no account that its journal does not hold: one that was updated is another journal's by now.
			if !ok || !ours || stamp.Source != w.source || stamp.Updated != "" && !stamp.Attached || err != nil {
				continue
			}
			account := journal.Account{LegacyID: stamp.ID, Identity: id[:], Run: number, State: journal.StateThere}
			if stamp.Attached {
				account.State = journal.StateAttached
			}
			missed = append(missed, account)
		}
		return w.journal.TakeIn(ctx, missed)
	})
}

// pass counts the accounts, and removes them when it is told to.
func (w *undo) pass(ctx context.Context, remove bool) (u Undoing, err error) {
	if err := w.takeIn(ctx); err != nil {
		return u, err
	}
	err = w.eachImported(ctx, w.journal, w.source, w.pace, func(portion []adoption.Account) error {
		gone, err := w.portion(ctx, portion, remove, &u)
		return errors.Join(err, w.journal.Undone(context.WithoutCancel(ctx), gone))
	})
	return u, err
}

// portion judges accounts side by side and returns the legacy ids of those that were removed or detached.
func (w *undo) portion(ctx context.Context, portion []adoption.Account, remove bool, u *Undoing) (removed []string, err error) {
	outcomes := make([]*int, len(portion))
	done := make([]atomic.Bool, len(portion))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(w.Concurrency)
	for i, account := range portion {
		group.Go(func() error {
			var err error
			if outcomes[i], err = w.judge(ctx, account, u); err != nil || !remove {
				return err
			}
			switch outcomes[i] {
			case &u.Removable:
				err = w.pace.Write(ctx, func(ctx context.Context) error { return w.Kratos.Delete(ctx, account.Identity.ID) })
			case &u.Attached:
				err = send.Detach(ctx, w.Kratos, w.pace, account.Identity)
			default:
				return nil
			}
			if errors.Is(err, kratos.ErrNotFound) { // removed since, or by an attempt whose answer was lost
				err = nil
			}
			done[i].Store(err == nil)
			return err
		})
	}
	err = group.Wait()
	for i := range portion {
		if outcomes[i] != nil {
			*outcomes[i]++
		}
		if done[i].Load() {
			if outcomes[i] == &u.Attached {
				u.Detached++
			} else {
				u.Removed++
			}
			removed = append(removed, portion[i].LegacyID)
		}
	}
	return removed, err
}

// judge returns the count that an account belongs to.
func (w *undo) judge(ctx context.Context, account adoption.Account, u *Undoing) (*int, error) {
	switch {
	case !account.There:
		return &u.Gone, nil
	case account.State == journal.StateAttached:
		return &u.Attached, nil
	case account.State != journal.StateThere:
		return &u.Found, nil
	}
	used, err := send.Used(ctx, w.Kratos, w.pace, account.Identity, account.Touched)
	if err != nil {
		return nil, err
	}
	if used {
		return &u.Used, nil
	}
	return &u.Removable, nil
}
