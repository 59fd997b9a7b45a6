package source_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/charmap"

	"efpconnect.example/internal/importer/source"
)

// A file said to be in Windows-1252 is, unless its letters are proofs of UTF-8. Some pairs of French in Windows-1252 are characters of
// UTF-8 by accident.
func TestWhichEncoding(t *testing.T) {
	windows := func(text string) string { return string(encoded(t, text, charmap.Windows1252.NewEncoder().String)) }
	cases := map[string]struct {
		text string
		want string // "" for a file that is refused
		says string
	}{
		"capitals before quotation marks":     {windows("«CAFÉ»"), "«CAFÉ»", ""},
		"capitals before a no-break space":    {windows("ANDRÉ\u00a0"), "ANDRÉ\u00a0", ""},
		"capitals before an apostrophe":       {windows("É’T"), "É’T", ""},
		"nothing but such pairs":              {windows("CAFÉ»\nÉ’T\nANDRÉ\u00a0\nNOËL»\nÎ’\nÇ»\nÔ…"), "CAFÉ»\nÉ’T\nANDRÉ\u00a0\nNOËL»\nÎ’\nÇ»\nÔ…", ""},
		"an accent, a space and a mark":       {windows("à\u00a0«\u00a0é\u00a0»\nà\u00a0»"), "à\u00a0«\u00a0é\u00a0»\nà\u00a0»", ""},
		"a ligature and a euro":               {windows("€ œuvre"), "€ œuvre", ""},
		"its last letter has an accent":       {windows("Zoé"), "Zoé", ""},
		"many letters, one pasted from UTF-8": {windows("Zoé\nNoël\n") + "Zoé", "Zoé\nNoël\nZoÃ©", ""},
		"nothing beyond ASCII":                {"Zoe", "Zoe", ""},

		"UTF-8, an accent":                   {"a\nZoé", "", "ligne 2 : le fichier est en UTF-8"},
		"UTF-8, capitals and marks":          {"«\u00a0CAFÉ\u00a0»", "", "ligne 1 : le fichier est en UTF-8"},
		"UTF-8, an apostrophe":               {"l’Isle", "", "le fichier est en UTF-8"},
		"UTF-8, a ligature":                  {"Cœur", "", "le fichier est en UTF-8"},
		"UTF-8, a euro":                      {"12 €", "", "le fichier est en UTF-8"},
		"UTF-8, cut in its last character":   {"Zoé\nZo\xc3", "", "ligne 1 : le fichier est en UTF-8"},
		"UTF-8, one pasted from windows":     {"Zoé\nNoël\n" + windows("Zoé "), "", "ligne 3 : un octet isolé"},
		"UTF-8, a pair of both beside it":    {"Zoé\nNoël\n" + windows("É»"), "", "ligne 1 : le fichier est en UTF-8"},
		"UTF-8, letters of other alphabets":  {"Zoé Αθήνα Čapek 日本", "", "le fichier est en UTF-8"},
		"UTF-8, with its replacement sign":   {"Zoé \uFFFD", "", "le fichier est en UTF-8"},
		"windows, cut after a capital of it": {"Zo\xe9\nANDR\xc9", "Zoé\nANDRÉ", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text))} {
				text, err := source.Decode(r, "windows-1252")
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(text)
				switch {
				case c.says == "" && (err != nil || string(got) != c.want):
					t.Errorf("got %q, %v; want %q", got, err, c.want)
				case c.says != "" && (!errors.Is(err, source.ErrUnreadable) || !strings.Contains(err.Error(), c.says)):
					t.Errorf("got %q, %v; want an error that says %q", got, err, c.says)
				}
			}
		})
	}
}

// A few kilobytes of gzip hold blanks for hours: whatever the format, the reading ends, and says why. What a spreadsheet leaves at its end is read.
func TestBlanksEnd(t *testing.T) {
	first := map[string]string{
		"csv":   "id;nom\n1;Zoé\n",
		"jsonl": "{\"id\":1}\n",
		"json":  "[{\"id\":1}",
		"ldif":  "dn: uid=1\nuid: 1\n\n",
		"fixed": "1 Zoé\n",
	}
	for format, start := range first {
		for size, want := range map[int]error{1 << 19: nil, 5 << 20: source.ErrUnreadable} {
			end := map[string]string{"json": "]"}[format]
			path := filepath.Join(t.TempDir(), "export.gz")
			if err := os.WriteFile(path, gzipped([]byte(start+strings.Repeat("\n", size)+end)), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := readFormat(path, format); !errors.Is(err, want) && (want != nil || err != io.EOF) {
				t.Errorf("%s, %d blank lines: %v", format, size, err)
			}
		}
	}
}

// readFormat reads a file to its end.
func readFormat(path, format string) error {
	r, err := source.Open(path, source.Options{
		Format: format,
		CSV:    source.CSVOptions{Delimiter: ";", Encoding: "utf-8"},
		JSON:   source.JSONOptions{Encoding: "utf-8", Columns: []string{"id"}},
		LDIF:   source.LDIFOptions{Encoding: "utf-8", Columns: []string{"uid"}},
		Fixed:  source.FixedOptions{Encoding: "utf-8", Columns: []source.FixedColumn{{Name: "id", From: 1, To: 1}}},
	})
	if err != nil {
		return err
	}
	defer r.Close()
	for err == nil {
		_, err = r.Next()
	}
	return err
}
