// Package trial imports invented people with the real import, for whoever wants to see it at work. Called by the demo.
package trial

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/samples"
	"efpconnect.example/internal/kratos"
)

// Options of a trial.
type Options struct {
	AdminURL string // Kratos's admin API
	Dir      string // for the export and the import's folder; the caller removes it
	Profile  []byte // the text of cmd/import-accounts/profiles/mes-demarches.yml
	Schema   []byte // the identity schema that Kratos uses
	Rows     int
	Seed     uint64
}

// Import writes an export of invented people, about one row in twenty with a fault, and imports it. The summary's balance is
// told by report.Line.
func Import(ctx context.Context, o Options) (importer.Summary, error) {
	p, err := profile.Parse(o.Profile, o.Schema)
	if err != nil {
		return importer.Summary{}, err
	}
	admin, err := kratos.NewAdmin(o.AdminURL, kratos.AdminOptions{})
	if err != nil {
		return importer.Summary{}, err
	}
	input := filepath.Join(o.Dir, "export.csv")
	if err := write(input, samples.Options{Rows: o.Rows, Seed: o.Seed, Defects: 0.05}); err != nil {
		return importer.Summary{}, fmt.Errorf("inventing an export: %w", err)
	}
	return importer.Run(ctx, importer.Options{Kratos: admin, Profile: p, Schema: o.Schema, Input: input, Dir: filepath.Join(o.Dir, "import")})
}

func write(path string, o samples.Options) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = samples.WriteCSV(f, o)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
