package importer

import (
	"context"
	"errors"
	"io"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/legacy"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/send"
	"efpconnect.example/internal/importer/source"
	"efpconnect.example/internal/kratos"
)

// todoPage is how many rows to send are asked of the journal at once.
const todoPage = 4000

// feeder walks the source again beside the journal's list of rows to send, and makes batches of them.
type feeder struct {
	journal *journal.Journal
	run     journal.Run
	reader  source.Reader
	mapper  *profile.Mapper
	stamp   legacy.Stamp
	size    int

	todos []journal.Todo // the next rows to send
	last  int64          // position up to which the journal was asked
	at    int64          // position in the source
}

// feed sends all batches to out and closes it.
func (f *feeder) feed(ctx context.Context, out chan<- []send.Item) error {
	defer close(out)
	var batch []send.Item
	bytes := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		select {
		case out <- batch:
			batch, bytes = nil, 0
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for {
		item, err := f.next(ctx)
		if errors.Is(err, io.EOF) {
			return flush()
		}
		if err != nil {
			return err
		}
		if len(batch) == f.size || bytes+len(item.Body) > kratos.MaxBatchBytes {
			if err := flush(); err != nil {
				return err
			}
		}
		batch = append(batch, item)
		bytes += len(item.Body) + 100 // its frame in the request
	}
}

// next returns the next row to send; io.EOF when none is left.
func (f *feeder) next(ctx context.Context) (send.Item, error) {
	if len(f.todos) == 0 {
		var err error
		if f.todos, err = f.journal.Todos(ctx, f.run, f.last, todoPage); err != nil {
			return send.Item{}, err
		}
		if len(f.todos) == 0 {
			return send.Item{}, io.EOF
		}
		f.last = f.todos[len(f.todos)-1].Number
	}
	todo := f.todos[0]
	f.todos = f.todos[1:]
	var record source.Record
	for f.at < todo.Number {
		var err error
		if record, err = f.reader.Next(); errors.Is(err, io.EOF) {
			return send.Item{}, ErrSourceChanged
		} else if err != nil {
			return send.Item{}, err
		}
		f.at++
	}
	person, rejection := f.mapper.Remap(record)
	if rejection != nil || string(person.Digest[:]) != string(todo.Digest) {
		return send.Item{}, ErrSourceChanged
	}
	item := send.Item{Todo: todo, Person: person}
	if todo.Outcome == journal.Pending {
		stamp := f.stamp
		stamp.ID = person.LegacyID
		item.Body = f.mapper.Create(person, stamp)
	}
	return item, nil
}
