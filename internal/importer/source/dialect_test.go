package source_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"efpconnect.example/internal/importer/source"
)

// Files of columns as other programs than French spreadsheets write them.
func TestDialects(t *testing.T) {
	cases := map[string]struct {
		options source.CSVOptions
		text    string
		rows    string
	}{
		"a BOM and sep=":                      {source.CSVOptions{}, "\ufeffsep=,\r\nid,nom\r\n1,\"a,b\"\r\n", "3:1|a,b"},
		"sep= in quotes":                      {source.CSVOptions{}, "\"sep=\t\"\nid\tnom\n1\ta\n", "3:1|a"},
		"sep= is a title, with more after it": {source.CSVOptions{}, "sep=;id\n1;2\n", "2:1|2"},
		"no titles":                           {source.CSVOptions{Columns: []string{"id", " nom "}}, "1;a\n2;b\n", "1:1|a 2:2|b"},
		"no titles, blank lines":              {source.CSVOptions{Columns: []string{"id", "nom"}}, "\n\n1;a\n\n2;\"b\nc\"\n", "3:1|a 5:2|b\nc"},
		"no titles, a stray quote":            {source.CSVOptions{Columns: []string{"id", "nom"}}, "1;\"a\n2;b\n", `1:1|"a!guillemets mal placés 2:2|b`},
		"quote: none":                         {source.CSVOptions{Quote: source.QuoteNone}, "id;nom\n1;\"a\n2;d\"\"b\"\n3;\"c;d\"\n", `2:1|"a 3:2|d""b" 4:3|"c|d"!3 colonnes au lieu de 2`},
		"single quotes":                       {source.CSVOptions{Quote: "'"}, "id;nom\n1;'l''a;b'\n2;\"c\"\n3;'d\ne'\n4;''\n", "2:1|l'a;b 3:2|\"c\" 4:3|d\ne 6:4|"},
		"single quotes, stray":                {source.CSVOptions{Quote: "'"}, "id;nom\n1;'a\n2;b\n3;d'e\n4;'f'g\n", "2:1|'a!guillemets mal placés 3:2|b 4:3|d'e!guillemets mal placés 5:4|'f'g!guillemets mal placés"},
		"single quotes, lazy":                 {source.CSVOptions{Quote: "'", LazyQuotes: true}, "id;nom\n1;d'e\n2;'f'g'\n", "2:1|d'e 3:2|f'g"},
		"backslashes in quotes":               {source.CSVOptions{Delimiter: ",", Escape: `\`}, "id,nom\n\"1\",\"a\\\"b\\\\\"\n\"2\",\"c\\\nd\"\n3,\\N\n", "2:1|a\"b\\ 3:2|c\nd 5:3|"},
		"MySQL, OUTFILE":                      {source.CSVOptions{Delimiter: "\t", Quote: source.QuoteNone, Escape: `\`}, "id\tnom\n1\ta\\\tb\n2\t\\N\n3\tc\\\nd\n4\t\"e\n", "2:1|a\tb 3:2| 4:3|c\nd 6:4|\"e"},
		"PostgreSQL, COPY":                    {source.CSVOptions{Delimiter: "\t", Quote: source.QuoteNone, Escape: `\`, Columns: []string{"id", "nom"}}, "1\ta\\tb\\nc\n2\t\\N\n3\t\\\\N\n", "1:1|a\tb\nc 2:2| 3:3|\\N"},
		"two characters":                      {source.CSVOptions{Delimiter: "||"}, "id||nom\n1||a|b\n2||\"c||d\"\n3||e||f\n", "2:1|a|b 3:2|c||d 4:3|e|f!3 colonnes au lieu de 2"},
		"three, with accents":                 {source.CSVOptions{Delimiter: "~é~", Quote: source.QuoteNone}, "id~é~nom\r\n1~é~a\r\n", "2:1|a"},
		"an unfinished escape":                {source.CSVOptions{Escape: `\`}, "id;nom\n1;a\\", "2:1|a\\!guillemets mal placés"},
		"titles in form D":                    {source.CSVOptions{}, "id;pre\u0301nom\n1;a\n", "2:1|a"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.options.Encoding = "utf-8"
			for _, trim := range []string{c.text, strings.TrimSuffix(c.text, "\n")} {
				r, err := source.NewCSV(iotest.HalfReader(strings.NewReader(trim)), nopCloser{}, c.options)
				if rows, end := readAll(t, r, err); strings.Join(rows, " ") != c.rows || end != "" {
					t.Errorf("%q %s, want %q", strings.Join(rows, " "), end, c.rows)
				}
			}
		})
	}
}

// Titles that an Apple program wrote are those that a profile names.
func TestTitlesInFormC(t *testing.T) {
	r, err := source.NewCSV(strings.NewReader("id;pre\u0301nom\n1;a\n"), nopCloser{}, source.CSVOptions{Encoding: "utf-8"})
	if err != nil || r.Columns()[1] != "prénom" {
		t.Errorf("%q, %v", r.Columns(), err)
	}
}

// A file that was said to have no titles and has some would make a person of them.
func TestTitlesThatShouldNotBe(t *testing.T) {
	_, err := source.NewCSV(strings.NewReader("id;nom\n1;a\n"), nopCloser{}, source.CSVOptions{Encoding: "utf-8", Columns: []string{"id", "nom"}})
	if err == nil || !strings.Contains(err.Error(), "retirez csv.columns") {
		t.Errorf("%v", err)
	}
}

func TestFixed(t *testing.T) {
	o := source.FixedOptions{Encoding: "utf-8", Skip: 1, Columns: []source.FixedColumn{{Name: "id", From: 1, To: 4}, {Name: "nom", From: 5, To: 12}, {Name: "ville", From: 13, To: 20}}}
	text := "EN-TETE\n" + "0001Lefèvre Évry    \r\n" + "0002Noël\n" + "\n" + "0003\tx\n" + "0004DUPONT  PARIS   reste\n"
	r, err := source.NewFixed(strings.NewReader(text), nopCloser{}, o)
	rows, end := readAll(t, r, err)
	want := "2:0001|Lefèvre|Évry 3:0002|Noël| 5:0003|x|!contient une tabulation : les positions de ses colonnes ne sont plus sûres 6:0004|DUPONT|PARIS"
	if got := strings.Join(rows, " "); got != want || end != "" {
		t.Errorf("%q %s, want %q", got, end, want)
	}
	o.Skip = 9
	if _, err := source.NewFixed(strings.NewReader(text), nopCloser{}, o); err == nil || !strings.Contains(err.Error(), "fixed.skip") {
		t.Errorf("skipping more than there is: %v", err)
	}
}

// UTF-16 and UTF-32 are recognised, with a byte order mark or without, whatever the profile says; a broken one is not read as letters.
func TestWideEncodings(t *testing.T) {
	encodings := map[string]encoding.Encoding{
		"UTF-16LE":     unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
		"UTF-16BE":     unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
		"UTF-16LE BOM": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		"UTF-16BE BOM": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
		"UTF-32LE":     utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM),
		"UTF-32BE":     utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM),
		"UTF-32LE BOM": utf32.UTF32(utf32.LittleEndian, utf32.UseBOM),
		"UTF-32BE BOM": utf32.UTF32(utf32.BigEndian, utf32.UseBOM),
	}
	for name, e := range encodings {
		file := encoded(t, people, e.NewEncoder().String)
		for _, said := range []string{"utf-8", "windows-1252", "iso-8859-1"} {
			for _, content := range [][]byte{file, gzipped(file)} {
				r, err := source.NewCSV(bytes.NewReader(content), nopCloser{}, source.CSVOptions{Delimiter: ";", Encoding: said})
				rows, end := readAll(t, r, err)
				if got := strings.Join(rows, " "); got != "2:1|Zoé Lefèvre 3:2|Du;pont\nMartin 5:3|Noël" || end != "" {
					t.Errorf("%s said to be %s: %q %s", name, said, got, end)
				}
			}
		}
		r, err := source.NewCSV(bytes.NewReader(file[:len(file)-1]), nopCloser{}, source.CSVOptions{Delimiter: ";", Encoding: "utf-8"})
		if _, end := readAll(t, r, err); !strings.Contains(end, "ne connaît pas") {
			t.Errorf("%s, cut in a character: %q", name, end)
		}
	}
}

func FuzzDialect(f *testing.F) {
	f.Add([]byte("id;nom\n1;'a''b'\n"), ";", "'", "")
	f.Add([]byte("id||nom\n1||a\\|b\\\n||\n"), "||", "none", `\`)
	f.Add([]byte("sep=,\nid,nom\n1,\"a\n\n\"\n"), ";", `"`, `\`)
	f.Fuzz(func(t *testing.T, text []byte, delimiter, quote, escape string) {
		if delimiter == "" || quote == "" || len(delimiter) > 4 || len(escape) > 1 || strings.ContainsAny(delimiter+quote+escape, "\r\n\ufffd") || quote == delimiter || escape == delimiter {
			return // the profile refuses them
		}
		o := source.CSVOptions{Delimiter: delimiter, Encoding: "utf-8", Quote: quote, Escape: escape}
		r, err := source.NewCSV(bytes.NewReader(text), nopCloser{}, o)
		drain(t, r, err)
	})
}

func FuzzFixed(f *testing.F) {
	f.Add([]byte("0001Zoé  \n"), 1, 4, 5, 9)
	f.Fuzz(func(t *testing.T, text []byte, a, b, c, d int) {
		if a < 1 || b < a || c < 1 || d < c {
			return // the profile refuses them
		}
		r, err := source.NewFixed(bytes.NewReader(text), nopCloser{}, source.FixedOptions{Encoding: "utf-8", Columns: []source.FixedColumn{{Name: "id", From: a, To: b}, {Name: "nom", From: c, To: d}}})
		drain(t, r, err)
	})
}
