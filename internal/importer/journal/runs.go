package journal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Run is one pass over the source. A run that was interrupted is the same run when it is taken up again.
type Run struct {
	Number   int
	ID       string // written on each account that it makes
	Source   string // profile's source
	Started  time.Time
	Finished time.Time // zero while it is not
	Partial  bool      // the source held part of the rows only
	Balance  Balance   // zero while it is not finished
}

// Begin takes up the run that was interrupted, or begins a new one. A journal belongs to one legacy source.
func (j *Journal) Begin(ctx context.Context, source string, partial bool, now time.Time) (Run, error) {
	if purged, err := j.meta("purged"); err != nil {
		return Run{}, err
	} else if purged != "" {
		return Run{}, ErrPurged
	}
	last, err := j.LastRun()
	if err != nil && !errors.Is(err, ErrNoRun) {
		return Run{}, err
	}
	if err == nil && last.Source != source {
		return Run{}, fmt.Errorf("ce journal est celui de la source %q, pas de %q : un journal par source", last.Source, source)
	}
	if err == nil && last.Finished.IsZero() && last.Partial == partial {
		return last, nil
	}
	run := Run{Number: last.Number + 1, ID: strings.ToLower(rand.Text()), Source: source, Started: now.Truncate(time.Second), Partial: partial}
	_, err = j.db.ExecContext(ctx, "INSERT INTO runs (number, id, source, started, partial) VALUES (?,?,?,?,?)",
		run.Number, run.ID, run.Source, run.Started.Unix(), run.Partial)
	return run, explain(err)
}

// Finish writes the balance of a run. Nothing is finished whose sum is wrong.
func (j *Journal) Finish(ctx context.Context, run Run, b Balance, now time.Time) error {
	if !b.Right() {
		return fmt.Errorf("le bilan ne tombe pas juste : %+v", b)
	}
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	_, err = j.db.ExecContext(ctx, "UPDATE runs SET finished=?, balance=? WHERE number=?", now.Unix(), string(text), run.Number)
	return explain(err)
}

// ErrNoRun is returned for a journal in which nothing has run yet.
var ErrNoRun = errors.New("ce journal n’a encore aucun import")

// LastRun returns the newest run.
func (j *Journal) LastRun() (Run, error) {
	all, err := j.Runs()
	if err != nil {
		return Run{}, err
	}
	if len(all) == 0 {
		return Run{}, ErrNoRun
	}
	return all[len(all)-1], nil
}

// Runs returns all runs, the oldest first.
func (j *Journal) Runs() ([]Run, error) {
	rows, err := j.db.Query("SELECT number, id, source, started, coalesce(finished,0), partial, balance FROM runs ORDER BY number")
	if err != nil {
		return nil, explain(err)
	}
	defer rows.Close()
	var all []Run
	for rows.Next() {
		var r Run
		var started, finished int64
		var balance string
		if err := rows.Scan(&r.Number, &r.ID, &r.Source, &started, &finished, &r.Partial, &balance); err != nil {
			return nil, explain(err)
		}
		r.Started = time.Unix(started, 0).UTC()
		if finished != 0 {
			r.Finished = time.Unix(finished, 0).UTC()
			if err := json.Unmarshal([]byte(balance), &r.Balance); err != nil {
				return nil, fmt.Errorf("%w (bilan du passage %d)", ErrCorrupt, r.Number)
			}
		}
		all = append(all, r)
	}
	return all, explain(rows.Err())
}

// Rate is how many rows had an outcome at a second of a run.
type Rate struct{ Second, Done int }

// AddRate notes the progress of a run, for the report's chart.
func (j *Journal) AddRate(ctx context.Context, run Run, r Rate) error {
	_, err := j.db.ExecContext(ctx, "INSERT OR REPLACE INTO rates (run, second, done) VALUES (?,?,?)", run.Number, r.Second, r.Done)
	return explain(err)
}

// Rates returns a run's progress in order.
func (j *Journal) Rates(run Run) ([]Rate, error) {
	rows, err := j.db.Query("SELECT second, done FROM rates WHERE run=? ORDER BY second", run.Number)
	if err != nil {
		return nil, explain(err)
	}
	return collect(rows, func(r *Rate) []any { return []any{&r.Second, &r.Done} })
}

// collect reads all rows of a query.
func collect[T any](rows *sql.Rows, targets func(*T) []any) ([]T, error) {
	defer rows.Close()
	var all []T
	for rows.Next() {
		var one T
		if err := rows.Scan(targets(&one)...); err != nil {
			return nil, explain(err)
		}
		all = append(all, one)
	}
	return all, explain(rows.Err())
}

// SetDropped notes how many values of a run accounts do without, by column of the source.
func (j *Journal) SetDropped(ctx context.Context, run Run, dropped map[string]int) error {
	text, err := json.Marshal(dropped)
	if err != nil {
		return err
	}
	_, err = j.db.ExecContext(ctx, "INSERT OR REPLACE INTO meta VALUES (?,?)", droppedKey(run), string(text))
	return explain(err)
}

// Dropped is what SetDropped noted of a run; nil for one of an earlier release.
func (j *Journal) Dropped(run Run) (dropped map[string]int, err error) {
	text, err := j.meta(droppedKey(run))
	if err != nil || text == "" {
		return nil, err
	}
	if err := json.Unmarshal([]byte(text), &dropped); err != nil {
		return nil, fmt.Errorf("%w (valeurs omises du passage %d)", ErrCorrupt, run.Number)
	}
	return dropped, nil
}

func droppedKey(run Run) string { return fmt.Sprintf("dropped-%d", run.Number) }
