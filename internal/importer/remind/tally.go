package remind

import (
	"context"
	"errors"
	"slices"
	"time"

	"efpconnect.example/internal/importer/adoption"
)

// WaveAdoption is how many of a wave's people have chosen a password since its mail.
type WaveAdoption struct {
	Number                                      int
	Began                                       time.Time
	Waiting, Sent, Refused, Returned, Uncertain int
	Chosen                                      int // of Sent and Uncertain: this wave's mail was their last before
}

// Reached are the people who may have got the mail.
func (w WaveAdoption) Reached() int { return w.Sent + w.Uncertain }

// Tally counts adoption by wave while the importer reads the accounts for its report.
type Tally struct {
	ledger *ledger
	Waves  []WaveAdoption
}

// OpenTally opens the ledger beside a journal; without one there is nothing to count. The caller closes it.
func OpenTally(ctx context.Context, journalPath string) (*Tally, error) {
	l, err := openLedger(journalPath, false)
	if errors.Is(err, ErrNoLedger) {
		return &Tally{}, nil
	}
	if err != nil {
		return nil, err
	}
	waves, err := l.waves(ctx)
	if err != nil {
		l.close()
		return nil, err
	}
	t := &Tally{ledger: l}
	for _, w := range waves {
		t.Waves = append(t.Waves, WaveAdoption{Number: w.Number, Began: w.Began, Waiting: w.Waiting, Sent: w.States[string(sent)],
			Refused: w.States[string(refused)], Returned: w.Returned, Uncertain: w.States[string(uncertain)]})
	}
	return t, nil
}

// Close ends it.
func (t *Tally) Close() error {
	if t.ledger == nil {
		return nil
	}
	return t.ledger.close()
}

// Add counts those of some accounts that have chosen a password after a mail.
func (t *Tally) Add(ctx context.Context, accounts []adoption.Account) error {
	if t.ledger == nil {
		return nil
	}
	when := map[string]int64{}
	var args []any
	for _, account := range accounts {
		if account.Stage() == adoption.Chosen {
			when[string(account.Account.Identity)] = account.Identity.Password().UpdatedAt.UnixMicro()
			args = append(args, account.Account.Identity)
		}
	}
	if len(args) == 0 {
		return nil
	}
	type got struct {
		wave     int
		identity []byte
		at       int64
	}
	mails, err := each(ctx, t.ledger, func(g *got) []any { return []any{&g.wave, &g.identity, &g.at} },
		"SELECT wave, identity, at FROM mails WHERE identity IN ("+marks(len(args))+") AND state IN ('sent','uncertain') ORDER BY at", args...)
	if err != nil {
		return err
	}
	last := map[string]int{}
	for _, m := range mails {
		if m.at <= when[string(m.identity)] {
			last[string(m.identity)] = m.wave
		}
	}
	for _, number := range last {
		at := slices.IndexFunc(t.Waves, func(w WaveAdoption) bool { return w.Number == number })
		t.Waves[at].Chosen++
	}
	return nil
}
