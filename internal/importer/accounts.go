package importer

import (
	"context"

	"github.com/google/uuid"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/legacy"
	"efpconnect.example/internal/importer/send"
	"efpconnect.example/internal/kratos"
)

// imported is an account of the journal as Kratos has it now.
type imported struct {
	journal.Account
	Identity kratos.Identity
	// There is false when Kratos no longer has the account, or when it is no longer this legacy account's.
	There bool
}

// eachImported reads the journal's accounts back from Kratos, hundreds at a time and without password hashes, and gives them
// to f by portions.
func (o *Options) eachImported(ctx context.Context, j *journal.Journal, source string, pace *send.Pace, f func([]imported) error) error {
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
		portion, err := readBack(ctx, o.Kratos, accounts, source, pace)
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

func readBack(ctx context.Context, admin *kratos.Admin, accounts []journal.Account, source string, pace *send.Pace) ([]imported, error) {
	ids := make([]string, len(accounts))
	for i, account := range accounts {
		id, err := uuid.FromBytes(account.Identity)
		if err != nil {
			return nil, journal.ErrCorrupt
		}
		ids[i] = id.String()
	}
	var found []kratos.Identity
	err := pace.Read(ctx, func(ctx context.Context) (err error) {
		found, err = admin.ByIDs(ctx, ids)
		return err
	})
	if err != nil {
		return nil, err
	}
	byID := make(map[string]kratos.Identity, len(found))
	for _, identity := range found {
		byID[identity.ID] = identity
	}
	portion := make([]imported, len(accounts))
	for i, account := range accounts {
		identity, there := byID[ids[i]]
		stamp, marked := legacy.Parse(identity.MetadataAdmin)
		there = there && marked && stamp.Source == source && stamp.ID == account.LegacyID
		portion[i] = imported{account, identity, there}
	}
	return portion, nil
}
