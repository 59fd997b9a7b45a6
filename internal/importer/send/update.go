package send

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/legacy"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/kratos"
)

// update brings an account up to date with its row, unless somebody has used the account: from then on it is theirs.
func (e *Engine) update(ctx context.Context, item Item) (journal.Result, error) {
	found, err := e.known(ctx, item)
	if errors.Is(err, kratos.ErrNotFound) {
		return e.result(item, journal.Conflict, "", profile.CodeGone), nil
	}
	if err != nil {
		return journal.Result{}, err
	}
	identity := found.ID
	stamp, _ := legacy.Parse(found.MetadataAdmin)
	if stamp.Attached {
		return e.attached(item, identity, stamp), nil
	}
	if stamp.Updated == e.Stamp.Run && !item.Saved {
		item.Touched = journal.TouchedUnknown // an update of this run whose answer was lost
	}
	used, err := Used(ctx, e.Admin, e.Pace, found, item.Touched)
	if err != nil {
		return journal.Result{}, err
	}
	if used {
		return e.result(item, journal.Already, identity, profile.CodeUsed), nil
	}
	stamp.Updated = e.Stamp.Run
	err = e.Pace.Write(ctx, func(ctx context.Context) error { return e.write(ctx, identity, item, stamp.Merge(found.MetadataAdmin)) })
	switch {
	case errors.Is(err, kratos.ErrNoSchema):
		return journal.Result{}, e.noSchema()
	case errors.Is(err, kratos.ErrConflict):
		return e.result(item, journal.Conflict, "", profile.CodeNewTaken), nil
	case errors.Is(err, kratos.ErrRefused):
		return e.result(item, journal.Rejected, "", profile.CodeRefused), nil
	case errors.Is(err, kratos.ErrNotFound):
		return e.result(item, journal.Conflict, "", profile.CodeGone), nil
	case err != nil:
		return journal.Result{}, err
	}
	// The update itself moved the credential's time: what moves it from here on is the person.
	if found, err = e.read(ctx, identity); err != nil {
		return journal.Result{}, err
	}
	result := e.result(item, journal.Updated, identity, "")
	result.Touched = found.Password().UpdatedAt.UnixMicro()
	return result, nil
}

// known reads the account that the journal knows for an item.
func (e *Engine) known(ctx context.Context, item Item) (kratos.Identity, error) {
	id, err := uuid.FromBytes(item.Identity)
	if err != nil {
		return kratos.Identity{}, journal.ErrCorrupt
	}
	return e.read(ctx, id.String())
}

// read gets one account with the times of its credentials.
func (e *Engine) read(ctx context.Context, identity string) (kratos.Identity, error) {
	var found []kratos.Identity
	err := e.Pace.Read(ctx, func(ctx context.Context) (err error) {
		found, err = e.Admin.ByIDs(ctx, []string{identity})
		return err
	})
	if err == nil && len(found) == 0 {
		err = kratos.ErrNotFound
	}
	if err != nil {
		return kratos.Identity{}, err
	}
	return found[0], nil
}

// write makes an account what its row and the profile say, also where they say less than before.
func (e *Engine) write(ctx context.Context, identity string, item Item, metadata json.RawMessage) error {
	p := item.Person
	err := e.Admin.Patch(ctx, identity, []kratos.Change{
		{Op: "replace", Path: "/traits", Value: p.Traits},
		{Op: "replace", Path: "/state", Value: json.RawMessage(`"` + p.State() + `"`)},
		{Op: "add", Path: "/metadata_admin", Value: metadata},
		{Op: "add", Path: "/metadata_public", Value: p.Public},
		// Kratos keeps of these what the traits hold: a new address would be unproved otherwise.
		{Op: "add", Path: "/verifiable_addresses", Value: append(append([]byte{'['}, p.VerifiableAddress()...), ']')},
	})
	hash := p.Hash
	if hash == "" && e.Mapper.CarriesHashes() {
		hash = nobodysHash()
	}
	if err != nil || hash == "" {
		return err
	}
	body, err := json.Marshal(map[string]any{
		"schema_id": e.Schema, "traits": p.Traits, "state": p.State(), "metadata_admin": metadata, "metadata_public": p.Public,
		"credentials": map[string]any{"password": map[string]any{"config": map[string]string{"hashed_password": hash}}},
	})
	if err != nil {
		return err
	}
	return e.Admin.Replace(ctx, identity, body)
}

// nobodysHash is a hash (64 bytes) and a salt of no password that anybody knows. It takes the place of a hash that the source no longer
// has: v1.3.1 removes no password credential.
func nobodysHash() string {
	digest := make([]byte, 72)
	rand.Read(digest)
	return "{SSHA512}" + base64.StdEncoding.EncodeToString(digest)
}

// Used tells whether somebody has used an account since it was imported: its password credential was written by other than
// our own updates, or it has had a session. touched is journal.Account.Touched.
func Used(ctx context.Context, admin *kratos.Admin, pace *Pace, identity kratos.Identity, touched int64) (used bool, err error) {
	if PasswordSince(identity, touched) {
		return true, nil
	}
	err = pace.Read(ctx, func(ctx context.Context) (err error) {
		used, err = admin.HasSessions(ctx, identity.ID)
		return err
	})
	return used, err
}

// longestBatch bounds the time between the account and its credential in one transaction of Kratos, for accounts of which the journal
// does not know when the credential was written.
const longestBatch = time.Minute

// PasswordSince tells whether a password was set since the import, without seeing it: the credential's time moves when it is
// written, by a person, by an administrator or by us, and touched says when we did. An administrator's PUT makes a new credential.
func PasswordSince(identity kratos.Identity, touched int64) bool {
	password := identity.Password()
	switch touched {
	case journal.TouchedUnknown:
		return false
	case 0:
		return password.UpdatedAt.After(password.CreatedAt) || password.CreatedAt.Sub(identity.CreatedAt) > longestBatch
	default:
		return password.UpdatedAt.UnixMicro() > touched
	}
}
