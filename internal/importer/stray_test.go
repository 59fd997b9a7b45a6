package importer_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"efpconnect.example/config"
	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// smallProfile is of a store with few columns.
func smallProfile(t testing.TB, more string) *profile.Profile {
	t.Helper()
	p, err := profile.Parse([]byte(`
version: 1
source: petit
format: csv
id: {column: ID}
traits:
  email: {column: MAIL}
  given_name: {column: PRENOM}
  family_name: {column: NOM}
`+more), config.IdentitySchema())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// export writes a source.
func export(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "export.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// One stray quote among thousands of people: everybody but that row is imported, and the row is in the file as it came.
func TestStrayQuoteLosesNobody(t *testing.T) {
	t.Parallel()
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	var text strings.Builder
	text.WriteString("ID;MAIL;PRENOM;NOM\n")
	for i := 1; i <= 5000; i++ {
		name := "Prénom"
		if i == 2 {
			name = `"Le Grand`
		}
		fmt.Fprintf(&text, "%d;p%d@mairie.example.test;%s;Nom\n", i, i, name)
	}
	o := options(t, k.AdminURL, export(t, text.String()))
	o.Profile = smallProfile(t, "")
	if s := mustRun(t, o); s.Balance != (journal.Balance{Read: 5000, Created: 4999, Rejected: 1}) {
		t.Errorf("balance %s", show(s.Balance))
	}
	if there, _ := everybody(t, k); len(there) != 4999 {
		t.Errorf("%d accounts", len(there))
	}
	if rejected := readLines(t, filepath.Join(o.Dir, importer.RejectedFile)); !strings.HasSuffix(rejected, `"2;p2@mairie.example.test;""Le Grand;Nom"`+"\n") {
		t.Errorf("the line is not kept as it came: %s", rejected)
	}
}

// A row that could not be read makes no account out of its pieces when it comes back as it was, however often. Corrected, and said
// to be, it does.
func TestUnreadableRowComesBack(t *testing.T) {
	t.Parallel()
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	sources := map[string]struct{ text, format string }{
		"quotes":  {"ID;MAIL;PRENOM;NOM\n2;deux@mairie.example.test;\"Le Grand;Deux\n3;trois@mairie.example.test;Jean \"Jo\";Trois\n", "csv"},
		"columns": {"ID;MAIL;PRENOM;NOM\n12;d@mairie.example.test;a;b;c\n13;t@mairie.example.test;a\n", "csv"},
		"JSON":    {`{"ID":22,"MAIL":"e@mairie.example.test","PRENOM":"a","NOM":"b"` + "\n" + `{"ID":23,"MAIL":"f@mairie.example.test","PRENOM":{},"NOM":"b"}` + "\n", "jsonl"},
	}
	made := 0
	for name, source := range sources {
		t.Run(name, func(t *testing.T) {
			o := options(t, k.AdminURL, export(t, source.text))
			o.Profile, o.Format = smallProfile(t, ""), source.format
			two := journal.Balance{Read: 2, Rejected: 2}
			if s := mustRun(t, o); s.Balance != two {
				t.Fatalf("balance %s", show(s.Balance))
			}
			o.Input = filepath.Join(o.Dir, importer.RejectedFile)
			first := readLines(t, o.Input)
			for run := 2; run <= 3; run++ {
				if s := mustRun(t, o); s.Balance != two {
					t.Fatalf("as it was, in run %d: %s", run, show(s.Balance))
				}
				o.Input = filepath.Join(o.Dir, fmt.Sprintf("rejected-run%d.csv", run))
			}
			if last := readLines(t, o.Input); strings.Count(last, "mairie") != strings.Count(first, "mairie") {
				t.Errorf("a part of the rows is lost on the way:\n%s\n%s", first, last)
			}
			o.Input = withoutRaw(t, o.Input)
			if s := mustRun(t, o); s.Balance != two {
				t.Errorf("a file without the column of lines: %s", show(s.Balance))
			}
			o.Input = filepath.Join(o.Dir, "rejected-run3.csv")
			rewrite(t, o.Input, func(row map[string]string) bool {
				row["ID"], row["MAIL"], row["PRENOM"], row["NOM"], row["import_brut"] = row["import_ligne"]+name, row["import_ligne"]+name+"@mairie.example.test", "Anne", "Serve", ""
				return true
			})
			if s := mustRun(t, o); s.Balance != (journal.Balance{Read: 2, Created: 2}) {
				t.Errorf("corrected: %s", show(s.Balance))
			}
			made += 2
		})
	}
	if there, _ := everybody(t, k); len(there) != made {
		t.Errorf("%d accounts, want the %d that were corrected", len(there), made)
	}
}

// withoutRaw leaves the last column of a file of ours out.
func withoutRaw(t *testing.T, path string) string {
	t.Helper()
	var out bytes.Buffer
	for _, row := range csvRows(t, path) {
		fmt.Fprintf(&out, "%s\n", `"`+strings.Join(escape(row[:len(row)-1]), `";"`)+`"`)
	}
	return export(t, out.String())
}

func escape(cells []string) (out []string) {
	for _, cell := range cells {
		out = append(out, strings.ReplaceAll(cell, `"`, `""`))
	}
	return out
}

// A schema that Kratos does not know rejects nobody: the import stops, and says which.
func TestUnknownSchema(t *testing.T) {
	t.Parallel()
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	for _, rows := range []int{1, 3} {
		text := "ID;MAIL;PRENOM;NOM\n"
		for i := range rows {
			text += fmt.Sprintf("%d;p%d@mairie.example.test;Anne;Serve\n", i, i)
		}
		o := options(t, k.AdminURL, export(t, text))
		o.Profile = smallProfile(t, "schema: nosuch\n")
		if _, err := importer.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "« nosuch »") {
			t.Errorf("%d rows: %v", rows, err)
		}
		o.Profile = smallProfile(t, "") // corrected: the same run goes on
		if s := mustRun(t, o); s.Balance.Created+s.Balance.Already != rows {
			t.Errorf("corrected: %s", show(s.Balance))
		}
	}
}
