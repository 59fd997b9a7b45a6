package importer

import (
	"context"
	"slices"

	"efpconnect.example/internal/importer/journal"
)

// Status is what the journal says, also while a run is at work.
type Status struct {
	Runs    []journal.Run    `json:"-"`
	Last    journal.Run      `json:"-"`
	Running bool             `json:"unfinished"` // the last run has not finished: at work, or interrupted
	AtWork  bool             `json:"at_work"`    // a process works on the journal now
	Reading bool             `json:"reading"`    // the unfinished run has not read its source to the end: nothing is known of its rows
	Balance journal.Balance  `json:"balance"`
	Todo    int              `json:"to_do"`
	Reasons []journal.Reason `json:"reasons"`
	Dropped map[string]int   `json:"dropped,omitempty"` // values that accounts of the last run do without, by column
	There   int              `json:"accounts"`          // accounts that the journal knows in Kratos
	Undone  int              `json:"undone"`
	Purged  bool             `json:"purged"`
}

// Whole is the last finished run over the whole source, when only corrected rows came after it.
func (s Status) Whole() (run journal.Run, ok bool) {
	for _, run := range slices.Backward(s.Runs) {
		if run.Finished.IsZero() {
			return run, false
		}
		if !run.Partial {
			return run, true
		}
	}
	return run, false
}

// ReadStatus reads the journal of an import's folder.
func ReadStatus(ctx context.Context, o Options) (s Status, err error) {
	j, err := journal.OpenToRead(o.path(JournalFile))
	if err != nil {
		return s, err
	}
	defer j.Close()
	if s.Runs, err = j.Runs(); err != nil {
		return s, err
	}
	if s.Last, err = j.LastRun(); err != nil {
		return s, err
	}
	s.Running, s.AtWork = s.Last.Finished.IsZero(), journal.Busy(o.path(JournalFile))
	if s.Purged, err = j.Purged(); err != nil {
		return s, err
	}
	if s.Dropped, err = j.Dropped(s.Last); err != nil {
		return s, err
	}
	s.Balance, s.Reasons = s.Last.Balance, []journal.Reason{}
	if s.Purged {
		return s, nil
	}
	if s.There, s.Undone, err = j.CountAccounts(ctx); err != nil {
		return s, err
	}
	if s.Running {
		scanned, err := j.Scanned(s.Last)
		if err != nil || !scanned {
			s.Reading = true
			return s, err
		}
		if s.Balance, s.Todo, err = j.Count(ctx); err != nil {
			return s, err
		}
	}
	s.Reasons, err = j.Reasons(ctx)
	return s, err
}
