package send

import (
	"context"
	"errors"
	"sync"
	"time"

	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/kratos"
)

// EachAccount gives all accounts of Kratos to f, page by page.
func EachAccount(ctx context.Context, admin *kratos.Admin, pace *Pace, f func([]kratos.Identity) error) error {
	token := ""
	for {
		var page []kratos.Identity
		var next string
		err := pace.Read(ctx, func(ctx context.Context) (err error) {
			page, next, err = admin.Page(ctx, token)
			return err
		})
		if err != nil {
			return err
		}
		if err := f(page); err != nil {
			return err
		}
		if next == "" || next == token {
			return nil
		}
		token = next
	}
}

// Keys are those of the addresses by which an account is known.
func Keys(identity kratos.Identity) map[profile.Key]bool {
	keys := map[profile.Key]bool{}
	for _, address := range identity.Addresses {
		keys[profile.AddressKey(address.Value)] = true
	}
	for _, identifier := range identity.Password().Identifiers {
		keys[profile.AddressKey(identifier)] = true
	}
	return keys
}

const (
	// lookupFirst and lookupEach are how long the look-ups of a batch may take in all, for the first and for each.
	lookupFirst = time.Second
	lookupEach  = 20 * time.Millisecond
)

// finder finds the accounts that hold addresses. It looks each up, which PostgreSQL answers in milliseconds. SQLite walks all accounts
// for each account: minutes for one look-up among twenty thousand, during which nobody writes. Where look-ups take too long, all accounts
// are listed instead, from then on. The zero value is ready.
type finder struct {
	mu   sync.Mutex // one listing at a time
	list bool
}

// lists tells whether look-ups have proved too slow.
func (f *finder) lists() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.list
}

// find returns the accounts that hold the items' addresses, by the key of the address.
func (f *finder) find(ctx context.Context, admin *kratos.Admin, pace *Pace, items []Item) (map[profile.Key]kratos.Identity, error) {
	found := make(map[profile.Key]kratos.Identity, len(items))
	if !f.lists() {
		quick, err := lookUp(ctx, admin, pace, items, found)
		if quick || err != nil {
			return found, err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = true
	wanted := make(map[profile.Key]bool, len(items))
	for _, item := range items {
		wanted[item.Person.Key] = true
	}
	err := EachAccount(ctx, admin, pace, func(page []kratos.Identity) error {
		for _, identity := range page {
			for key := range Keys(identity) {
				if wanted[key] {
					found[key] = identity
				}
			}
		}
		return nil
	})
	return found, err
}

// lookUp looks addresses up one by one. quick is false when that took too long, and was given up.
func lookUp(ctx context.Context, admin *kratos.Admin, pace *Pace, items []Item, found map[profile.Key]kratos.Identity) (quick bool, err error) {
	left := lookupFirst
	for _, item := range items {
		left += lookupEach
		slow := false
		err := pace.Read(ctx, func(ctx context.Context) error {
			began := time.Now()
			bounded, cancel := context.WithTimeout(ctx, left)
			defer cancel()
			identity, err := admin.ByAddress(bounded, item.Person.Address)
			left -= time.Since(began)
			switch {
			case bounded.Err() != nil || left <= 0: // Kratos is not in trouble: it is the question
				slow = true
				return nil
			case err == nil:
				found[item.Person.Key] = identity
			case !errors.Is(err, kratos.ErrNotFound):
				return err
			}
			return nil
		})
		if err != nil || slow {
			return false, err
		}
	}
	return true, nil
}
