package send

import (
	"context"
	"encoding/json"
	"errors"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/legacy"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/kratos"
)

// Registered tells whether an account is one that its person created on the site, and that no import has marked. The permit of the
// registration says where it comes from (selfservice-ui/hook); nobody else writes metadata_public.
func Registered(identity kratos.Identity) bool {
	var public struct {
		Origin string `json:"origin"`
	}
	_, marked := legacy.Parse(identity.MetadataAdmin)
	return !marked && json.Unmarshal(identity.MetadataPublic, &public) == nil && public.Origin == kratos.OriginRegistration
}

// attach gives the mark of a row, and what services need of it, to the account that its person created on the site. All else of the
// account stays.
func (e *Engine) attach(ctx context.Context, item Item) (journal.Result, error) {
	found, err := e.known(ctx, item)
	if errors.Is(err, kratos.ErrNotFound) {
		return e.result(item, journal.Failed, "", profile.CodeFailed), nil // the next run creates the account
	}
	if err != nil {
		return journal.Result{}, err
	}
	identity := found.ID
	// The account may have been marked, or have taken another address, since it was listed.
	if _, holds := Keys(found)[item.Person.Key]; !holds || !Registered(found) {
		return e.result(item, journal.Conflict, "", profile.CodeTaken), nil
	}
	stamp := e.Stamp
	stamp.ID, stamp.Updated, stamp.Attached = item.Person.LegacyID, e.Stamp.Run, true
	changes := []kratos.Change{{Op: "add", Path: "/metadata_admin", Value: stamp.Merge(found.MetadataAdmin)}}
	if values := legacyOf(item.Person.Public); values != nil {
		changes = append(changes, kratos.Change{Op: "add", Path: "/metadata_public/legacy", Value: values})
	}
	err = e.Pace.Write(ctx, func(ctx context.Context) error { return e.Admin.Patch(ctx, identity, changes) })
	switch {
	case errors.Is(err, kratos.ErrNotFound): // removed since it was read
		return e.result(item, journal.Failed, "", profile.CodeFailed), nil
	case errors.Is(err, kratos.ErrNoSchema):
		return journal.Result{}, e.noSchema()
	case errors.Is(err, kratos.ErrRefused):
		return e.result(item, journal.Rejected, "", profile.CodeRefused), nil
	case err != nil:
		return journal.Result{}, err
	}
	return e.attached(item, identity, stamp), nil
}

// attached is the result of a row whose account is its person's own: what the row says of names and address is never written.
func (e *Engine) attached(item Item, identity string, stamp legacy.Stamp) journal.Result {
	result := e.result(item, journal.Already, identity, profile.CodeUsed)
	if stamp.Updated == e.Stamp.Run {
		result.Outcome, result.Reason = journal.Updated, ""
	}
	result.Attached = true
	return result
}

// legacyOf is the member of a metadata_public that services read; nil when there is none.
func legacyOf(public json.RawMessage) json.RawMessage {
	var members struct {
		Legacy json.RawMessage `json:"legacy"`
	}
	if json.Unmarshal(public, &members) != nil {
		return nil
	}
	return members.Legacy
}

// Detach takes from an account what attach gave it.
func Detach(ctx context.Context, admin *kratos.Admin, pace *Pace, identity kratos.Identity) error {
	changes := []kratos.Change{{Op: "remove", Path: "/metadata_admin/legacy"}}
	if legacyOf(identity.MetadataPublic) != nil {
		changes = append(changes, kratos.Change{Op: "remove", Path: "/metadata_public/legacy"})
	}
	return pace.Write(ctx, func(ctx context.Context) error { return admin.Patch(ctx, identity.ID, changes) })
}
