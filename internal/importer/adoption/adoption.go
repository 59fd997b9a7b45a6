// Package adoption tells who of the imported people has chosen a password since. The importer counts them for its report; the
// reminders look before each mail.
//
// Kratos moves the time of a credential whenever it writes the account, so a name that an administrator corrects moves it too. Who
// has no password at all has therefore chosen none, whatever was edited. Where the import carried a hash, a time that has moved
// counts as a choice: a person may be counted too early, and is never reminded in vain.
package adoption

import (
	"context"

	"github.com/google/uuid"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/legacy"
	"efpconnect.example/internal/importer/send"
	"efpconnect.example/internal/kratos"
)

// Account is an account of the journal as Kratos has it now.
type Account struct {
	journal.Account
	Identity kratos.Identity
	// There is false when Kratos no longer has the account, or when it is no longer this legacy account's.
	There bool
	// Chosen is set by Judge.
	Chosen bool
}

// Stage is how far an imported person has come.
type Stage int

// The stages. A person who waits is one to remind.
const (
	Waiting  Stage = iota // has not chosen a password yet
	Chosen                // has
	Inactive              // cannot: the account is inactive
	Gone                  // the account is no longer in Kratos
)

// Stage tells it of an account that Judge has judged.
func (a Account) Stage() Stage {
	switch {
	case !a.There:
		return Gone
	case a.Identity.State != "active":
		return Inactive
	case a.Chosen:
		return Chosen
	}
	return Waiting
}

// Read asks Kratos for accounts, at most kratos.MaxIDs, by their ids.
func Read(ctx context.Context, admin *kratos.Admin, accounts []journal.Account, source string, pace *send.Pace) ([]Account, error) {
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
	all := make([]Account, len(accounts))
	for i, account := range accounts {
		identity, there := byID[ids[i]]
		stamp, marked := legacy.Parse(identity.MetadataAdmin)
		there = there && marked && stamp.Source == source && stamp.ID == account.LegacyID
		all[i] = Account{Account: account, Identity: identity, There: there}
	}
	return all, nil
}

// Judge sets Chosen of accounts that Read returned. Kratos is asked for hashes only of those whose credential has moved, and what
// it answers is read for being there or not.
func Judge(ctx context.Context, admin *kratos.Admin, accounts []Account, pace *send.Pace) error {
	var moved []string
	for _, account := range accounts {
		if account.There && send.PasswordSince(account.Identity, account.Touched) {
			moved = append(moved, account.Identity.ID)
		}
	}
	var has map[string]bool
	var err error
	if len(moved) > 0 {
		err = pace.Read(ctx, func(ctx context.Context) (err error) {
			has, err = admin.HavePassword(ctx, moved)
			return err
		})
	}
	for i := range accounts {
		own := accounts[i].State == journal.StateAttached // its person made it: nobody is to remind them of it
		accounts[i].Chosen = accounts[i].There && (own || has[accounts[i].Identity.ID])
	}
	return err
}
