package importer

import (
	"context"

	"efpconnect.example/internal/importer/adoption"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/send"
	"efpconnect.example/internal/kratos"
)

// eachImported reads the journal's accounts back from Kratos, hundreds at a time and without password hashes, and gives them
// to f by portions.
func (o *Options) eachImported(ctx context.Context, j *journal.Journal, source string, pace *send.Pace, f func([]adoption.Account) error) error {
	there, _, err := j.CountAccounts(ctx)
	if err != nil {
		return err
	}
	p := newProgress(o)
	defer p.end()
	p.begin(PhaseAccounts, there, journal.Balance{})
	after, seen := "", 0
	for {
		accounts, err := j.Accounts(ctx, after, kratos.MaxIDs)
		if err != nil || len(accounts) == 0 {
			return err
		}
		after = accounts[len(accounts)-1].LegacyID
		portion, err := adoption.Read(ctx, o.Kratos, accounts, source, pace)
		if err != nil {
			return err
		}
		if err := f(portion); err != nil {
			return err
		}
		seen += len(portion)
		p.read(seen)
	}
}
