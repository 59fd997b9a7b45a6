package importer_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"efpconnect.example/config"
	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/kratos"
)

const twoPeople = "ID;MAIL;PRENOM;NOM\n1;un@mairie.example.test;Anne;Un\n2;deux;Bea;Deux\n"

func checkOptions(t *testing.T, dir string) importer.Options {
	t.Helper()
	return importer.Options{Profile: smallProfile(t, ""), Schema: config.IdentitySchema(), Input: export(t, twoPeople), Dir: dir}
}

// A folder that others may enter is narrowed where it is the import's, and refused where it is somebody's.
func TestFolderOfOthers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		holds string // a file in it; "" for an empty folder
		mode  os.FileMode
		says  string // "" for a folder that is taken
	}{
		"empty and open":         {"", 0o755, ""},
		"an import's, open":      {importer.JournalFile, 0o755, ""},
		"an import's, for all":   {importer.JournalFile, 0o777, ""},
		"somebody's, closed":     {"notes.txt", 0o700, ""},
		"somebody's, open":       {"notes.txt", 0o755, "chmod 700"},
		"somebody's, of a group": {"notes.txt", 0o750, "chmod 700"},
	} {
		dir := filepath.Join(t.TempDir(), "d")
		if err := errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, c.mode)); err != nil {
			t.Fatal(err)
		}
		if c.holds != "" {
			j, err := journal.Open(filepath.Join(dir, c.holds)) // any file will do, but a journal has to be one
			if err != nil || j.Close() != nil {
				t.Fatal(err)
			}
		}
		_, err := importer.Check(t.Context(), checkOptions(t, dir))
		info, statErr := os.Stat(dir)
		if statErr != nil {
			t.Fatal(statErr)
		}
		want := os.FileMode(0o700)
		if c.says != "" {
			want = c.mode
		}
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, err, info.Mode())
		}
	}
	file := export(t, twoPeople)
	if _, err := importer.Check(t.Context(), checkOptions(t, file)); err == nil || !strings.Contains(err.Error(), "pas un dossier") {
		t.Errorf("a file for a folder: %v", err)
	}
}

// Whatever name of ours is a link, what it leads to stays as it was, and is not made either.
func TestNothingThroughALink(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		importer.RejectedFile + ".new", importer.RejectedFile, importer.ConflictsFile + ".new", "source.copy", "draft.sqlite", "draft.sqlite.lock",
		importer.JournalFile, importer.JournalFile + ".lock", importer.JournalFile + "-wal", importer.JournalFile + "-shm",
	} {
		for _, there := range []bool{true, false} {
			dir, elsewhere := filepath.Join(t.TempDir(), "import"), filepath.Join(t.TempDir(), "theirs")
			if err := errors.Join(os.Mkdir(dir, 0o700), os.Symlink(elsewhere, filepath.Join(dir, name))); err != nil {
				t.Fatal(err)
			}
			if there {
				if err := os.WriteFile(elsewhere, nil, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			o := checkOptions(t, dir)
			o.Input, o.Stdin = "-", strings.NewReader(twoPeople)
			_, err := importer.Check(t.Context(), o)
			linked := strings.HasPrefix(name, importer.JournalFile)
			if linked != errors.Is(err, journal.ErrLink) {
				t.Errorf("%s: %v", name, err)
			}
			content, err := os.ReadFile(elsewhere)
			info, statErr := os.Stat(elsewhere)
			if there && (err != nil || statErr != nil || len(content) > 0 || info.Mode().Perm() != 0o644) || !there && !os.IsNotExist(err) {
				t.Errorf("%s: what the link led to is now %q, %v", name, content, err)
			}
		}
	}
}

// A run that was killed while it read, the first as well as a later one: its rows are not told as if they were all.
func TestStatusOfARunKilledWhileReading(t *testing.T) {
	t.Parallel()
	server := newRemembering(0, nil)
	t.Cleanup(server.Close)
	client, err := kratos.NewAdmin(server.URL, kratos.AdminOptions{})
	if err != nil {
		t.Fatal(err)
	}
	o := checkOptions(t, filepath.Join(t.TempDir(), "import"))
	o.Kratos = client
	killedReading(t, o)
	first, err := importer.ReadStatus(t.Context(), o)
	if err != nil || !first.Reading || !first.Running || first.Balance != (journal.Balance{}) || first.Todo != 0 || first.AtWork {
		t.Errorf("the first run: %+v, %v", first, err)
	}
	mustRun(t, o)
	killedReading(t, o)
	second, err := importer.ReadStatus(t.Context(), o)
	if err != nil || !second.Reading || second.Last.Number != 2 || second.Balance != (journal.Balance{}) || len(second.Reasons) > 0 || second.There != 1 {
		t.Errorf("a later run: %+v, %v", second, err)
	}
	elsewhere := filepath.Join(t.TempDir(), "theirs")
	if err := os.Symlink(elsewhere, filepath.Join(o.Dir, importer.ReportFile+".new")); err != nil {
		t.Fatal(err)
	}
	page, err := importer.Report(t.Context(), importer.Options{Dir: o.Dir, Profile: o.Profile})
	if err != nil || !strings.Contains(readLines(t, page), "la source n’a pas été lue jusqu’au bout") || strings.Contains(readLines(t, page), "La somme est juste.") {
		t.Errorf("the report, %v:\n%s", err, page)
	}
	if _, err := os.Lstat(elsewhere); !os.IsNotExist(err) {
		t.Errorf("the report was written through a link: %v", err)
	}
	if s := mustRun(t, o); s.Balance != (journal.Balance{Read: 2, Already: 1, Rejected: 1}) {
		t.Errorf("taken up: %s", show(s.Balance))
	}
	if after, err := importer.ReadStatus(t.Context(), o); err != nil || after.Reading || after.Running {
		t.Errorf("finished: %+v, %v", after, err)
	}
}

// killedReading leaves the journal as a run does that dies in the middle of a source of 60 000 rows, of which 50 000 are written.
func killedReading(t *testing.T, o importer.Options) {
	t.Helper()
	var text strings.Builder
	text.WriteString("ID;MAIL;PRENOM;NOM\n")
	for i := range 60_000 {
		fmt.Fprintf(&text, "n%d;n%d@mairie.example.test;A;B\n", i, i)
	}
	o.Input = export(t, text.String())
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	o.Every = 1
	o.Progress = func(p importer.Progress) {
		if p.Phase == importer.PhaseRead && p.Done > 55_000 {
			stop()
		}
	}
	if _, err := importer.Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("it was not stopped while it read: %v", err)
	}
}
