package importer_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"efpconnect.example/config"
	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/samples"
	"efpconnect.example/internal/importer/source"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// check and plan write the files that a run writes: beside a run they are refused like a second run.
func TestCheckBesideARun(t *testing.T) {
	t.Parallel()
	input, _ := sampleFile(t, samples.Options{Rows: 10, Seed: 1})
	o := importer.Options{Profile: exampleProfile(t), Schema: config.IdentitySchema(), Input: input, Dir: t.TempDir()}
	j, err := journal.Open(filepath.Join(o.Dir, importer.JournalFile))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := importer.Check(t.Context(), o); !errors.Is(err, journal.ErrBusy) {
		t.Errorf("beside a run: %v, want ErrBusy", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := importer.Check(t.Context(), o); err != nil {
		t.Errorf("after it: %v", err)
	}
}

// What is wrong before the first account stops there: one clear message, and Kratos is as it was.
func TestTouchesNothing(t *testing.T) {
	t.Parallel()
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	input, _ := sampleFile(t, samples.Options{Rows: 3000, Seed: 1})
	good := readLines(t, input)
	cases := map[string]struct {
		prepare func(*testing.T, *importer.Options)
		want    error
		says    string
	}{
		"an encoding that is not the file's": {func(t *testing.T, o *importer.Options) { o.Profile.CSV.Encoding = "utf-8" }, source.ErrUnreadable, "windows-1252"},
		"a file that turns bad at its end": {func(t *testing.T, o *importer.Options) {
			o.Input = filepath.Join(t.TempDir(), "bad.csv")
			os.WriteFile(o.Input, []byte(good+"x\x81y;z\r\n"), 0o600)
		}, source.ErrUnreadable, "ligne 3002"},
		"columns that the profile does not find": {func(t *testing.T, o *importer.Options) {
			o.Input = filepath.Join(t.TempDir(), "other.csv")
			os.WriteFile(o.Input, []byte("a;b\n1;2\n"), 0o600)
		}, nil, "ADRESSE_MAIL"},
		"titles and nobody": {func(t *testing.T, o *importer.Options) {
			o.Input = filepath.Join(t.TempDir(), "titles.csv")
			titles, _, _ := strings.Cut(good, "\n")
			os.WriteFile(o.Input, []byte(titles+"\n"), 0o600)
		}, nil, "ne contient personne"},
		"no file": {func(t *testing.T, o *importer.Options) { o.Input = "/nonexistent/export.csv" }, os.ErrNotExist, "export.csv"},
		"a corrupt journal": {func(t *testing.T, o *importer.Options) {
			os.MkdirAll(o.Dir, 0o700)
			os.WriteFile(filepath.Join(o.Dir, importer.JournalFile), []byte(strings.Repeat("not a journal ", 999)), 0o600)
		}, journal.ErrForeign, "journal"},
		"an import at work on the journal": {func(t *testing.T, o *importer.Options) {
			os.MkdirAll(o.Dir, 0o700)
			j, err := journal.Open(filepath.Join(o.Dir, importer.JournalFile))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { j.Close() })
		}, journal.ErrBusy, "autre import"},
		"a full disk": {fullDisk, journal.ErrFull, "place"},
		"no Kratos": {func(t *testing.T, o *importer.Options) {
			o.Kratos = admin(t, "http://127.0.0.1:1", kratos.AdminOptions{})
		}, kratos.ErrUnavailable, "Kratos ne répond pas"},
		"a Kratos that is none": {func(t *testing.T, o *importer.Options) {
			o.Kratos = admin(t, k.PublicURL+"/self-service", kratos.AdminOptions{})
		}, nil, "--kratos n’est pas"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := options(t, k.AdminURL, input)
			c.prepare(t, &o)
			_, err := importer.Run(t.Context(), o)
			if err == nil || (c.want != nil && !errors.Is(err, c.want)) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %v that says %q", err, c.want, c.says)
			}
			if there, others := everybody(t, k); len(there)+others != 0 {
				t.Fatalf("%d accounts in Kratos", len(there)+others)
			}
		})
	}
}
