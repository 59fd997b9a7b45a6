// Package send brings accounts into Kratos in batches and finds out what became of each. Called by the importer.
//
// A batch walks this path until every row of it has a result:
//
//	PATCH /admin/identities
//	  all created                → created
//	  some refused               → v1.3.x has rolled back the whole batch and says "create" all the same:
//	                               every reported id is read back, the missing rows are sent again
//	  409 for a row              → the holder of the address is found: ours, or a conflict
//	  400 for the whole          → the batch is halved until the row at fault is alone
//	  400 for a row              → rejected; the first one is sent once more by itself, which tells a wrong schema from a wrong row
//	  429, 5xx, timeout, cut     → wait; then the addresses are looked for before anything is sent again,
//	                               since Kratos may have committed what it could not answer
//
// Addresses are looked up, or all accounts listed where a look-up takes long (list.go).
//
// Nothing can arrive twice: an address is unique in Kratos, and the account that holds it carries the mark of its row.
package send

import (
	"context"
	"errors"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/legacy"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/kratos"
)

const (
	// maxAttempts is how often a row is sent when Kratos answers for it alone that it failed.
	maxAttempts = 5
	// arrivedProbe is how many rows of a batch without an answer are looked up to tell whether it arrived.
	arrivedProbe = 10
)

// Item is a row to send.
type Item struct {
	journal.Todo
	Person profile.Person
	Body   []byte // the JSON of "create"; empty for an account that is there
}

// Engine sends items. Its fields are set once.
type Engine struct {
	Admin   *kratos.Admin
	Mapper  *profile.Mapper
	Schema  string       // id of the identity schema
	Stamp   legacy.Stamp // Source, ImportedAt and Run of this run
	Workers int
	Pace    *Pace

	room   room
	finder finder
	first  sync.Once // of the rows that Kratos refuses
}

// Run sends batches until the channel is closed, and gives the results of each to save, one call at a time. It returns the first
// error: of save, of a Kratos that is not one, or ErrGaveUp. When ctx ends, batches under way are finished and saved.
func (e *Engine) Run(ctx context.Context, batches <-chan []Item, save func([]journal.Result) error) error {
	group, ctx := errgroup.WithContext(ctx)
	var mu sync.Mutex
	for range e.Workers {
		group.Go(func() error {
			for {
				select {
				case <-ctx.Done():
					return ctx.Err()
				case batch, open := <-batches:
					if !open {
						return nil
					}
					results, err := e.deliver(ctx, batch)
					// What is known is saved even when the rest failed.
					mu.Lock()
					saveErr := save(results)
					mu.Unlock()
					if err := errors.Join(err, saveErr); err != nil {
						return err
					}
				}
			}
		})
	}
	return group.Wait()
}

// deliver settles a batch: its creations together, the accounts that are there one by one.
func (e *Engine) deliver(ctx context.Context, batch []Item) ([]journal.Result, error) {
	var creations []Item
	var results []journal.Result
	for _, item := range batch {
		one := e.update
		switch item.Outcome {
		case journal.ToUpdate:
		case journal.ToAttach:
			one = e.attach
		default:
			creations = append(creations, item)
			continue
		}
		result, err := one(ctx, item)
		if err != nil {
			return results, err
		}
		results = append(results, result)
	}
	created, err := e.create(ctx, creations)
	return append(results, created...), err
}

// result is the result of an item; identity may be "".
func (e *Engine) result(item Item, outcome journal.Outcome, identity, reason string) journal.Result {
	r := journal.Result{Number: item.Number, LegacyID: item.Person.LegacyID, Digest: item.Digest, Outcome: outcome, Reason: reason, Attempts: 1}
	if id, err := uuid.Parse(identity); err == nil {
		r.Identity = id[:]
	}
	return r
}
