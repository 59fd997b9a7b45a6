package importer

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/source"
)

// A file of ours comes back from a spreadsheet in the spreadsheet's own way of writing, whatever the profile says of the source: the
// same cells, armed again, with the lines of the source.
func TestReimport(t *testing.T) {
	t.Parallel()
	const ours = "ID;NOM;TELEPHONE;import_ligne;import_colonne;import_motif\n7;Lefèvre, née Serve;'+33 1;12;NOM;L’adresse n’est pas valable.\n8;Cœur;'-x;;;\n"
	with := func(delimiter rune) string {
		rows := csv.NewReader(strings.NewReader(ours))
		rows.Comma = ';'
		all, err := rows.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		w := csv.NewWriter(&b)
		w.Comma = delimiter
		w.WriteAll(all)
		return b.String()
	}
	encoded := func(text string, encode func(string) (string, error)) string {
		out, err := encode(text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	saved := map[string]string{
		"as we wrote it":                  "\ufeff" + ours,
		"UTF-8 without its mark":          ours,
		"Windows-1252":                    encoded(ours, charmap.Windows1252.NewEncoder().String),
		"with commas":                     with(','),
		"with tabs, as Unicode text":      encoded(with('\t'), unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String),
		"with the line ends of an office": strings.ReplaceAll(ours, "\n", "\r\n"),
		"with those of an old one":        strings.ReplaceAll(ours, "\n", "\r"),
		"a title over two lines":          strings.Replace(ours, "NOM;TEL", "\"NOM\nusuel\";TEL", 1),
	}
	for name, text := range saved {
		for _, format := range []string{"csv", "jsonl", "sql"} {
			t.Run(name+" under "+format, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "rejected.csv")
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				o := Options{Profile: &profile.Profile{Format: format, CSV: profile.CSV{Delimiter: ";", Encoding: "windows-1252"}}}
				open, partial, err := o.opener(path, format)
				if err != nil || !partial {
					t.Fatalf("taken for one of ours: %v, %v", partial, err)
				}
				reader, err := open()
				if err != nil {
					t.Fatal(err)
				}
				defer reader.Close()
				first, err := reader.Next()
				if err != nil || first.Line != 12 || !slices.Equal(first.Fields[:3], []string{"7", "Lefèvre, née Serve", "+33 1"}) {
					t.Errorf("%+v, %v", first, err)
				}
				second, err := reader.Next() // a row that somebody added
				if err != nil || second.Line != int64(3+strings.Count(text, "\nusuel")) || !slices.Equal(second.Fields[:3], []string{"8", "Cœur", "-x"}) {
					t.Errorf("%+v, %v", second, err)
				}
			})
		}
	}
}

// A row of the wrong number of cells has no line of the source: another cell, here a telephone number, stands there.
func TestReimportShifted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rejected.csv")
	text := "ID;NOM;TEL;import_ligne;import_colonne;import_motif;import_brut\n1;A;B;0612345678;2;NOM;motif;\n2;C;0612345679;7;NOM;motif;\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{Profile: &profile.Profile{CSV: profile.CSV{Delimiter: ";", Encoding: "utf-8"}}}
	open, _, err := o.opener(path, "csv")
	if err != nil {
		t.Fatal(err)
	}
	reader, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for _, want := range []source.Record{{Line: 2, Fault: "8 colonnes au lieu de 7"}, {Line: 7}} {
		if got, err := reader.Next(); err != nil || got.Line != want.Line || got.Fault != want.Fault {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}
}

// Any file is one of ours or is not, and one of ours is read to its end or refused by name.
func FuzzReimport(f *testing.F) {
	f.Add([]byte("ID;import_ligne;import_colonne;import_motif\n'=1;5;;x\n"))
	f.Add([]byte("ID;import_ligne;import_colonne;import_motif\n1;2;3;4;5\n\"a\n;b@;;\n\";1;;\n"))
	f.Add([]byte("\xff\xfeI\x00D\x00"))
	f.Add([]byte{0x1f, 0x8b, 8})
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "rejected.csv")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		o := Options{Profile: &profile.Profile{CSV: profile.CSV{Delimiter: ";", Encoding: "utf-8"}}}
		open, partial, err := o.opener(path, "csv")
		if err != nil {
			t.Fatal(err)
		}
		reader, err := open()
		if err != nil {
			if !errors.Is(err, source.ErrUnreadable) {
				t.Fatalf("an error without a name: %v", err)
			}
			return
		}
		defer reader.Close()
		for err == nil {
			_, err = reader.Next()
		}
		if !errors.Is(err, io.EOF) && !errors.Is(err, source.ErrUnreadable) {
			t.Fatalf("an error without a name: %v", err)
		}
		if partial && !isOurs(reader.Columns()) {
			t.Error("taken for one of ours without its columns")
		}
	})
}
