package importer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/send"
	"efpconnect.example/internal/kratos"
)

// Summary is what a verb that read the source found or did.
type Summary struct {
	Balance journal.Balance  `json:"balance"`
	Reasons []journal.Reason `json:"reasons"`
	// Dropped counts, by column, the values of the source that the profile lets accounts do without.
	Dropped map[string]int `json:"dropped,omitempty"`
	// ToCreate and ToUpdate are what a plan would do; a finished run has none.
	ToCreate int `json:"to_create,omitempty"`
	ToUpdate int `json:"to_update,omitempty"`
	// Disappeared is how many accounts of earlier runs the source no longer has.
	Disappeared int `json:"disappeared"`
	// Partial is set when the source was a corrected file of ours: part of the rows.
	Partial bool          `json:"partial"`
	Elapsed time.Duration `json:"-"`
	Files   []string      `json:"files"`
}

// Run imports the source and returns the balance. Called again after whatever ended it early, it goes on where it was. An error
// means that it did not finish; rejected and conflicting rows are no error.
func Run(ctx context.Context, o Options) (Summary, error) {
	if err := o.setDefaults(); err != nil {
		return Summary{}, err
	}
	if err := o.makeDir(); err != nil {
		return Summary{}, err
	}
	j, err := journal.Open(o.path(JournalFile))
	if err != nil {
		return Summary{}, err
	}
	defer j.Close()
	r, err := o.begin(ctx, j)
	if err != nil {
		return Summary{}, err
	}
	defer r.close()
	return r.all(ctx)
}

// begin opens the source and takes up, or begins, a run on it. The caller closes the run.
func (o *Options) begin(ctx context.Context, j *journal.Journal) (*run, error) {
	in, err := o.openInput(ctx)
	if err != nil {
		return nil, err
	}
	current, err := j.Begin(ctx, o.Profile.Source, in.partial, o.Now())
	if err != nil {
		in.remove()
		return nil, err
	}
	return &run{Options: o, journal: j, in: in, progress: newProgress(o), pace: send.NewPace(o.Concurrency, o.GiveUp, o.Wait), current: current}, nil
}

// run is one pass of the verb run, or of plan without its end.
type run struct {
	*Options
	journal  *journal.Journal
	in       *input
	progress *progress
	pace     *send.Pace
	current  journal.Run
	rated    time.Time
	dropped  map[string]int // values of the source that accounts do without, by column
}

func (r *run) close() {
	r.progress.end()
	r.in.remove()
}

func (r *run) all(ctx context.Context) (Summary, error) {
	began := r.Now()
	if err := r.prepare(ctx); err != nil {
		return Summary{}, err
	}
	if err := r.send(ctx); err != nil {
		return Summary{}, err
	}
	summary, err := r.summary(ctx)
	if err != nil {
		return summary, err
	}
	if summary.ToCreate+summary.ToUpdate > 0 {
		return summary, errors.New("des lignes n’ont pas encore de sort : relancez")
	}
	r.progress.begin(PhaseFiles, 0, journal.Balance{})
	if summary.Files, err = r.files(ctx); err != nil {
		return summary, err
	}
	r.progress.end()
	summary.Elapsed = r.Now().Sub(began)
	return summary, r.journal.Finish(ctx, r.current, summary.Balance, r.Now())
}

// prepare reads the source and Kratos; nothing is changed in Kratos.
func (r *run) prepare(ctx context.Context) error {
	if err := r.ready(ctx); err != nil {
		return err
	}
	if err := r.scan(ctx); err != nil {
		return err
	}
	columns, err := r.columns()
	if err != nil {
		return err
	}
	return r.inventory(ctx, r.journal, r.current, columns, r.pace, r.progress)
}

// ready tells at once what waiting would not mend: an address where nobody answers, or somebody else does.
func (o *Options) ready(ctx context.Context) error {
	err := o.Kratos.Ready(ctx)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, kratos.ErrUnavailable):
		return fmt.Errorf("Kratos ne répond pas sur son API d’administration (--kratos) : %w", err)
	}
	return fmt.Errorf("--kratos n’est pas l’adresse de l’API d’administration de Kratos : %w", err)
}

func (r *run) columns() ([]string, error) {
	reader, err := r.in.open()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return reader.Columns(), nil
}

// send brings what is left into Kratos.
func (r *run) send(ctx context.Context) error {
	balance, todo, err := r.journal.Count(ctx)
	if err != nil || todo == 0 {
		return err
	}
	r.progress.begin(PhaseSend, balance.Read, balance)
	reader, err := r.in.open()
	if err != nil {
		return err
	}
	defer reader.Close()
	mapper, err := profile.NewMapper(r.Profile, r.Schema, reader.Columns())
	if err != nil {
		return err
	}
	feeder := &feeder{journal: r.journal, run: r.current, reader: reader, mapper: mapper, stamp: stamp(r.current), size: r.Batch}
	engine := &send.Engine{Admin: r.Kratos, Mapper: mapper, Schema: r.Profile.Schema, Stamp: stamp(r.current), Workers: r.Concurrency, Pace: r.pace}
	batches := make(chan []send.Item, 1)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return feeder.feed(ctx, batches) })
	group.Go(func() error {
		return engine.Run(ctx, batches, func(results []journal.Result) error { return r.save(ctx, results) })
	})
	return group.Wait()
}

// save writes results even when the run is being interrupted: they are what Kratos did.
func (r *run) save(ctx context.Context, results []journal.Result) error {
	ctx = context.WithoutCancel(ctx)
	if err := r.journal.Save(ctx, r.current, results); err != nil {
		return err
	}
	r.progress.settle(results)
	if now := r.Now(); now.Sub(r.rated) >= time.Second {
		r.rated = now
		return r.journal.AddRate(ctx, r.current, journal.Rate{Second: int(now.Sub(r.current.Started).Seconds()), Done: r.progress.settled()})
	}
	return nil
}

func (r *run) summary(ctx context.Context) (s Summary, err error) {
	var todo int
	if s.Balance, todo, err = r.journal.Count(ctx); err != nil {
		return s, err
	}
	if s.ToUpdate, err = r.journal.CountToUpdate(ctx); err != nil {
		return s, err
	}
	s.ToCreate = todo - s.ToUpdate
	s.Partial, s.Dropped = r.in.partial, r.dropped
	if !s.Partial {
		if s.Disappeared, err = r.journal.CountDisappeared(ctx); err != nil {
			return s, err
		}
	}
	s.Reasons, err = r.journal.Reasons(ctx)
	return s, err
}

// Check reads the source alone: what a run would reject, and the duplicates. It writes rejected.csv and conflicts.csv.
func Check(ctx context.Context, o Options) (Summary, error) {
	return o.draft(ctx, func(r *run) error { return r.scan(ctx) })
}

// Plan is a run that changes nothing in Kratos.
func Plan(ctx context.Context, o Options) (Summary, error) {
	return o.draft(ctx, func(r *run) error { return r.prepare(ctx) })
}

// draft works on a copy of the journal and removes it. It writes the files that a run writes, so it waits for none to be at work.
func (o Options) draft(ctx context.Context, work func(*run) error) (s Summary, err error) {
	if err := o.setDefaults(); err != nil {
		return s, err
	}
	if err := o.makeDir(); err != nil {
		return s, err
	}
	lock, err := journal.Lock(o.path(JournalFile))
	if err != nil {
		return s, err
	}
	defer lock.Unlock()
	began := o.Now()
	draft := o.path(draftFile)
	remove := func() {
		for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
			os.Remove(draft + suffix)
		}
	}
	remove()
	defer remove()
	if err := journal.Copy(ctx, o.path(JournalFile), draft); err != nil {
		return s, err
	}
	j, err := journal.Open(draft)
	if err != nil {
		return s, err
	}
	defer j.Close()
	r, err := o.begin(ctx, j)
	if err != nil {
		return s, err
	}
	defer r.close()
	if err := work(r); err != nil {
		return s, err
	}
	if s, err = r.summary(ctx); err != nil {
		return s, err
	}
	r.progress.end()
	s.Files, err = r.files(ctx)
	s.Elapsed = o.Now().Sub(began)
	return s, err
}
