package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"efpconnect.example/config"
	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/profiles"
	"efpconnect.example/internal/importer/report"
	"efpconnect.example/internal/importer/samples"
	"efpconnect.example/internal/kratos"
)

// legacyExport is the invented export of the former portal: about one row in twenty has a fault.
var legacyExport = samples.Options{Rows: 300, Seed: 1, Defects: 0.05}

// importLegacy imports the invented export with the real importer, and returns its balance: what import-accounts prints at the
// end of a run. dir is for the export and the import's folder; the caller removes it.
func importLegacy(ctx context.Context, adminURL, dir string) (string, error) {
	mapping, err := profile.Parse(profiles.MesDemarches, config.IdentitySchema())
	if err != nil {
		return "", err
	}
	admin, err := kratos.NewAdmin(adminURL, kratos.AdminOptions{})
	if err != nil {
		return "", err
	}
	input := filepath.Join(dir, "export.csv")
	if err := writeExport(input); err != nil {
		return "", fmt.Errorf("demo: inventing an export: %w", err)
	}
	done, err := importer.Run(ctx, importer.Options{
		Kratos:  admin,
		Profile: mapping,
		Schema:  config.IdentitySchema(),
		Input:   input,
		Dir:     filepath.Join(dir, "import"),
	})
	if err != nil {
		return "", fmt.Errorf("demo: importing the sample export: %w", err)
	}
	return report.Line(done.Balance), nil
}

func writeExport(path string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = samples.WriteCSV(f, legacyExport)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
