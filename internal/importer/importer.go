package importer

import (
	"errors"
	"io"
	"path/filepath"
	"time"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/legacy"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/kratos"
)

// ErrSourceChanged is returned when the source is not the same from one pass to the next.
var ErrSourceChanged = errors.New("la source a changé pendant la lecture : relancez, sur une copie que personne ne modifie")

// OptionError is an option that cannot be what it is: the caller's mistake.
type OptionError string

func (e OptionError) Error() string { return string(e) }

// Options of every verb; check needs no Kratos, and report, undo and the reminder no source.
type Options struct {
	Kratos  *kratos.Admin
	Profile *profile.Profile
	Schema  []byte // the identity schema that Kratos uses

	// Input is a file, "-" for Stdin, or "" for the profile's SQL query.
	Input string
	// Format overrides the profile’s: one of profile.Formats.
	Format string
	Stdin  io.Reader

	// Dir is the import's folder, made 0700: the journal and all files.
	Dir string
	// Batch is how many accounts go in one request. Defaults to 1000, the most that every version of Kratos takes.
	Batch int
	// Concurrency is how many requests are under way at once. Defaults to 4.
	Concurrency int
	// GiveUp is how long Kratos may stay unavailable. Defaults to 15 minutes.
	GiveUp time.Duration

	// Progress hears of the work every Every (default 2 s), less often while nothing moves, and at the end of each phase; nil for
	// nobody. Wait hears of each pause.
	Progress func(Progress)
	Every    time.Duration
	Wait     func(pause time.Duration, cause error)
	Now      func() time.Time
}

func (o *Options) setDefaults() error {
	if o.Batch == 0 {
		o.Batch = kratos.MaxBatch
	}
	if o.Batch < 1 || o.Batch > kratos.MaxBatch {
		return OptionError("--batch : de 1 à 1000 comptes par requête")
	}
	if o.Concurrency == 0 {
		o.Concurrency = 4
	}
	if o.Concurrency < 1 || o.Concurrency > 64 {
		return OptionError("--concurrency : de 1 à 64 requêtes en même temps")
	}
	if o.GiveUp == 0 {
		o.GiveUp = 15 * time.Minute
	}
	if o.Every == 0 {
		o.Every = 2 * time.Second
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return nil
}

// Names of what an import leaves in its folder.
const (
	JournalFile     = "journal.sqlite"
	RejectedFile    = "rejected.csv"
	ConflictsFile   = "conflicts.csv"
	KeptFile        = "kept.csv"
	DisappearedFile = "disappeared.csv"
	ReportFile      = "report.html"
	ReminderFile    = "reminder.csv"

	copyFile  = "source.copy"
	draftFile = "draft.sqlite"
)

func (o *Options) path(name string) string { return filepath.Join(o.Dir, name) }

// stamp is the mark of a run's accounts.
func stamp(run journal.Run) legacy.Stamp {
	return legacy.Stamp{Source: run.Source, ImportedAt: run.Started, Run: run.ID}
}
