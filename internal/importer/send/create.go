package send

import (
	"context"
	"errors"
	"fmt"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/legacy"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/kratos"
)

// create brings items into Kratos, as many at once as it has lately been able to take.
func (e *Engine) create(ctx context.Context, items []Item) (results []journal.Result, err error) {
	for len(items) > 0 && err == nil {
		part := items[:min(len(items), e.room.now(len(items)))]
		items = items[len(part):]
		var done []journal.Result
		done, err = e.together(ctx, part)
		results = append(results, done...)
	}
	return results, err
}

// together brings items into Kratos in one request, however often it takes.
func (e *Engine) together(ctx context.Context, items []Item) ([]journal.Result, error) {
	var results []journal.Result
	troubles := 0 // of a row that is alone: Kratos is there, and cannot take it
	for attempt := 1; len(items) > 0; attempt++ {
		done, left, err := e.attempt(ctx, items)
		results = append(results, done...)
		switch {
		case errors.Is(err, kratos.ErrUnavailable):
			done, left, waitErr := e.recover(ctx, items, err)
			results = append(results, done...)
			if waitErr != nil {
				return results, waitErr
			}
			if len(left) > 1 {
				more, err := e.create(ctx, left)
				return append(results, more...), err
			}
			if items = left; !kratos.Limited(err) {
				troubles++
			}
			if attempt = 0; troubles == maxAttempts {
				return append(results, e.failed(items)...), nil
			}
		case errors.Is(err, kratos.ErrRefused) && len(items) > 1:
			return e.halves(ctx, items, results)
		case errors.Is(err, kratos.ErrRefused):
			done, err := e.refused(ctx, items[0])
			return append(results, done...), err
		case err != nil:
			return results, err
		default:
			e.room.grow(len(items))
			if items = left; attempt == maxAttempts {
				return append(results, e.failed(items)...), nil
			}
		}
	}
	return results, nil
}

func (e *Engine) failed(items []Item) (results []journal.Result) {
	for _, item := range items {
		results = append(results, e.result(item, journal.Failed, "", profile.CodeFailed))
	}
	return results
}

// recover waits for Kratos after a batch without an answer, and looks what of it arrived. left is to be sent again, in smaller batches in
// case it was the size that took too long.
func (e *Engine) recover(ctx context.Context, items []Item, cause error) (done []journal.Result, left []Item, err error) {
	e.room.shrink(len(items))
	if err := e.Pace.wait(ctx, cause); err != nil {
		return nil, nil, err
	}
	// A batch arrives whole or not at all: a few of its rows tell. Were they wrong, the others would be found when they are sent
	// again, as conflicts with themselves.
	ends := min(len(items), arrivedProbe)
	if e.finder.lists() { // one listing tells of all
		ends = len(items)
	}
	done, left, err = e.settle(ctx, items[:ends])
	if err != nil || len(done) == 0 {
		return done, items, err
	}
	rest, more, err := e.settle(ctx, items[ends:])
	return append(done, rest...), append(left, more...), err
}

func (e *Engine) halves(ctx context.Context, items []Item, results []journal.Result) ([]journal.Result, error) {
	for _, half := range [][]Item{items[:len(items)/2], items[len(items)/2:]} {
		done, err := e.create(ctx, half)
		results = append(results, done...)
		if err != nil {
			return results, err
		}
	}
	return results, nil
}

// attempt sends items once. left are those that have to be sent again.
func (e *Engine) attempt(ctx context.Context, items []Item) (done []journal.Result, left []Item, err error) {
	bodies := make([][]byte, len(items))
	for i, item := range items {
		bodies[i] = item.Body
	}
	var answers []kratos.Created
	err = e.Pace.once(ctx, true, func(ctx context.Context) (err error) {
		answers, err = e.Admin.CreateBatch(ctx, bodies)
		return err
	})
	if errors.Is(err, kratos.ErrConflict) { // Kratos's way to say it for a batch in which nothing went well
		return e.settleOr(ctx, items, journal.Conflict, profile.CodeTaken)
	}
	if err != nil {
		return nil, nil, err
	}
	clean := true
	for _, a := range answers {
		clean = clean && a.Status == 0
	}
	if clean {
		touched := e.touched(ctx, answers[0].ID, answers[len(answers)-1].ID)
		for i, item := range items {
			result := e.result(item, journal.Created, answers[i].ID, "")
			result.Touched = touched
			done = append(done, result)
		}
		return done, nil, nil
	}
	return e.sort(ctx, items, answers)
}

// refused settles a row that Kratos refuses. A batch does not say why: the first such row is sent once more by itself, since a schema
// that Kratos does not know would reject everybody.
func (e *Engine) refused(ctx context.Context, item Item) (done []journal.Result, err error) {
	result := e.result(item, journal.Rejected, "", profile.CodeRefused)
	e.first.Do(func() {
		var id string
		again := e.Pace.once(ctx, true, func(ctx context.Context) (err error) {
			id, err = e.Admin.Create(ctx, item.Body)
			return err
		})
		switch {
		case again == nil: // it was not the row
			result = e.result(item, journal.Created, id, "")
		case errors.Is(again, kratos.ErrNoSchema):
			err = e.noSchema()
		}
	})
	if err != nil {
		return nil, err
	}
	return []journal.Result{result}, nil
}

func (e *Engine) noSchema() error {
	return fmt.Errorf("Kratos ne connaît pas le schéma d’identité « %s » : corrigez « schema » dans le profil, ou identity.schemas dans la configuration de Kratos", e.Schema)
}

// touched is when Kratos has written all credentials of a batch. It writes them in order, so the first and the last account tell.
// It is asked once and at once: after a pause the answer might hold what a person has done meanwhile. 0 when it does not answer, or
// when the credential is not the first one.
func (e *Engine) touched(ctx context.Context, first, last string) (at int64) {
	found, err := e.Admin.ByIDs(ctx, []string{first, last})
	if err != nil {
		return 0
	}
	for _, identity := range found {
		password := identity.Password()
		if password.UpdatedAt.After(password.CreatedAt) || password.CreatedAt.Sub(identity.CreatedAt) > longestBatch {
			return 0
		}
		at = max(at, password.UpdatedAt.UnixMicro())
	}
	return at
}

// sort settles a batch of which a part was refused.
func (e *Engine) sort(ctx context.Context, items []Item, answers []kratos.Created) (done []journal.Result, left []Item, err error) {
	var ids []string
	for _, a := range answers {
		if a.ID != "" {
			ids = append(ids, a.ID)
		}
	}
	there, err := e.existing(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	var taken []Item
	for i, item := range items {
		switch {
		case there[answers[i].ID] != 0:
			result := e.result(item, journal.Created, answers[i].ID, "")
			result.Touched = there[answers[i].ID]
			done = append(done, result)
		case answers[i].Status == 409:
			taken = append(taken, item)
		case answers[i].Status == 400:
			result, err := e.refused(ctx, item)
			if done = append(done, result...); err != nil {
				return done, nil, err
			}
		default: // rolled back, or failed for a reason of Kratos's own
			left = append(left, item)
		}
	}
	settled, _, err := e.settleOr(ctx, taken, journal.Conflict, profile.CodeTaken)
	return append(done, settled...), left, err
}

// existing reads ids back, and when their credentials were written.
func (e *Engine) existing(ctx context.Context, ids []string) (map[string]int64, error) {
	there := make(map[string]int64, len(ids))
	for len(ids) > 0 {
		part := ids[:min(len(ids), kratos.MaxIDs)]
		ids = ids[len(part):]
		var found []kratos.Identity
		err := e.Pace.Read(ctx, func(ctx context.Context) (err error) {
			found, err = e.Admin.ByIDs(ctx, part)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, identity := range found {
			there[identity.ID] = identity.Password().UpdatedAt.UnixMicro()
		}
	}
	return there, nil
}

// settle finds which items are in Kratos. left are those that are not.
func (e *Engine) settle(ctx context.Context, items []Item) (done []journal.Result, left []Item, err error) {
	if len(items) == 0 {
		return nil, nil, nil
	}
	found, err := e.finder.find(ctx, e.Admin, e.Pace, items)
	if err != nil {
		return nil, nil, err
	}
	for _, item := range items {
		if identity, there := found[item.Person.Key]; there {
			done = append(done, e.holder(item, identity))
		} else {
			left = append(left, item)
		}
	}
	return done, left, nil
}

// holder judges the account that holds an item's address.
func (e *Engine) holder(item Item, found kratos.Identity) journal.Result {
	stamp, ok := legacy.Parse(found.MetadataAdmin)
	switch {
	case Registered(found): // since the listing
		return e.result(item, journal.Conflict, "", profile.CodeRegistered)
	case !ok || stamp.Source != e.Stamp.Source || stamp.ID != item.Person.LegacyID:
		return e.result(item, journal.Conflict, "", profile.CodeTaken)
	case stamp.Run == e.Stamp.Run: // made by an attempt whose answer was lost
		return e.result(item, journal.Created, found.ID, "")
	default:
		r := e.result(item, journal.Already, found.ID, "")
		r.Found, r.Digest = true, nil // whether it is up to date is for the next run to see
		return r
	}
}

// settleOr settles items that Kratos says are taken; those that nobody is found to hold get the outcome.
func (e *Engine) settleOr(ctx context.Context, items []Item, outcome journal.Outcome, reason string) ([]journal.Result, []Item, error) {
	done, left, err := e.settle(ctx, items)
	if err != nil {
		return done, nil, err
	}
	for _, item := range left {
		done = append(done, e.result(item, outcome, "", reason))
	}
	return done, nil, nil
}
