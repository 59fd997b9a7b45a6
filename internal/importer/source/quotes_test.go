package source_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"efpconnect.example/internal/importer/source"
)

// read gives each row as "line fields", with "!" for one that has a fault, and its raw line.
func read(t *testing.T, text string, lazy bool) (rows, raw []string) {
	t.Helper()
	r, err := source.NewCSV(strings.NewReader(text), io.NopCloser(nil), source.CSVOptions{Delimiter: ";", Encoding: "utf-8", LazyQuotes: lazy})
	if err != nil {
		t.Fatal(err)
	}
	for {
		record, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, raw
		}
		if err != nil {
			t.Fatal(err)
		}
		if record.Fault != "" {
			rows, raw = append(rows, fmt.Sprintf("%d !", record.Line)), append(raw, record.Raw)
		} else {
			rows = append(rows, fmt.Sprintf("%d %s", record.Line, strings.Join(record.Fields, "|")))
		}
	}
}

// A stray quote costs its own line. A field that spans lines, as it should, costs nothing.
func TestStrayQuotes(t *testing.T) {
	cases := map[string]struct {
		text      string
		lazy      bool
		rows, raw string // joined by " / "
	}{
		"two quotes, each left open":                      {"1;a;b\n2;\"c;d\n3;e;f\n4;\"g;h\n5;i;j\n", false, "2 1|a|b / 3 ! / 4 3|e|f / 5 ! / 6 5|i|j", `2;"c;d / 4;"g;h`},
		"the same, lazy":                                  {"1;a;b\n2;\"c;d\n3;e;f\n4;\"g;h\n5;i;j\n", true, "2 1|a|b / 3 ! / 4 3|e|f / 5 ! / 6 5|i|j", `2;"c;d / 4;"g;h`},
		"open up to the end":                              {"1;a;b\n2;c;\"d\n3;e;f", false, "2 1|a|b / 3 ! / 4 3|e|f", `2;c;"d`},
		"the same, lazy, last column: it would parse":     {"1;a;b\n2;c;\"d\n3;e;f", true, "2 1|a|b / 3 ! / 4 3|e|f", `2;c;"d`},
		"opened in one row, closed in another":            {"2;\"c;d@x\n3;e;f@x\n\n4;g\";h@x\n5;i;j@x\n", false, "2 ! / 3 ! / 5 ! / 6 5|i|j@x", `2;"c;d@x / 3;e;f@x / 4;g";h@x`},
		"lazy, and a later row has quotes that are right": {"2;\"c;d@x\n3;\"e\";f@x\n", true, "2 ! / 3 !", `2;"c;d@x / 3;"e";f@x`},
		"somebody's text that is written like a row":      {"1;a;\"Bonjour,\n2;pirate@x;x\nmerci\"\n2;b;c\n", false, "2 ! / 3 ! / 4 ! / 5 2|b|c", `1;a;"Bonjour, / 2;pirate@x;x / merci"`},
		"the same in the middle column":                   {"1;\"Bonjour,\n2;pirate@x;x\";b\n2;b;c\n", false, "2 ! / 3 ! / 4 2|b|c", `1;"Bonjour, / 2;pirate@x;x";b`},
		"the same, and quotes that are wrong":             {"1;a;\"Bonjour,\n2;b;c\nmerci\" x\n", false, "2 ! / 3 2|b|c / 4 !", `1;a;"Bonjour, / merci" x`},
		"prose with delimiters, without an address":       {"1;a;\"Bonjour ;\nrue ; escalier ; porte\"\n2;c;d\n", false, "2 1|a|Bonjour ;\nrue ; escalier ; porte / 4 2|c|d", ""},
		"an address with too few delimiters":              {"1;a;\"écrire à\nmoi@x ; merci\"\n2;c;d\n", false, "2 1|a|écrire à\nmoi@x ; merci / 4 2|c|d", ""},
		"a first column over lines":                       {"\"1\nbis\";a@x;b\n2;c;d\n", false, "2 1\nbis|a@x|b / 4 2|c|d", ""},
		"a field over lines":                              {"1;\"rue\nde la\n\nPaix\";b\n2;c;d\n", false, "2 1|rue\nde la\n\nPaix|b / 6 2|c|d", ""},
		"delimiters and quotes in it":                     {"1;a;\"x;y\n\"\"z\"\"\"\n2;c;d\n", false, "2 1|a|x;y\n\"z\" / 4 2|c|d", ""},
		"over lines, and a column too many":               {"1;\"rue\nParis\";b;c\n2;c;d\n", false, "2 ! / 3 ! / 4 2|c|d", `1;"rue / Paris";b;c`},
		"blank lines between":                             {"1;a;b\n\n\r\n2;\"c;d\r\n\r\n3;e;f\r\n", false, "2 1|a|b / 5 ! / 7 3|e|f", `2;"c;d`},
		"line ends of another age":                        {"1;a;b\r2;c;d\r", false, "2 1|a|b / 3 2|c|d", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			head := "id;x;y\n"
			if strings.Contains(name, "another age") {
				head = "id;x;y\r"
			}
			rows, raw := read(t, head+c.text, c.lazy)
			if got := strings.Join(rows, " / "); got != c.rows || strings.Join(raw, " / ") != c.raw {
				t.Errorf("got  %s (%s)\nwant %s (%s)", got, strings.Join(raw, " / "), c.rows, c.raw)
			}
		})
	}
}

// Of many rows, one with a stray quote is missing, wherever the next quote is.
func TestStrayQuoteAmongMany(t *testing.T) {
	for _, lazy := range []bool{false, true} {
		for _, last := range []string{"", "5001;\"z\";z\n"} {
			var text strings.Builder
			text.WriteString("id;x;y\n")
			for i := 1; i <= 5000; i++ {
				if i == 2 {
					text.WriteString("2;\"x;" + strings.Repeat("y", 500) + "\n")
					continue
				}
				fmt.Fprintf(&text, "%d;x;%s\n", i, strings.Repeat("y", 500)) // in all more than a record may take
			}
			rows, raw := read(t, text.String()+last, lazy)
			sound := 0
			for _, row := range rows {
				if !strings.HasSuffix(row, "!") {
					sound++
				}
			}
			if want := 4999 + strings.Count(last, "\n"); sound != want || len(raw) != 1 || !strings.HasPrefix(raw[0], "2;\"x;") {
				t.Errorf("lazy %v: %d sound rows and %d others, want %d and 1", lazy, sound, len(raw), want)
			}
		}
	}
}

// A quote that is opened in one row and closed in another, far away: nobody is lost, and nobody has the address of another. Near
// enough for a record, all lines are apart; further, the first is and the reading goes on.
func TestStrayQuoteFarAway(t *testing.T) {
	for rows, sound := range map[int]int{source.MaxRecordLines: 1, source.MaxRecordLines + 1: source.MaxRecordLines} {
		var text strings.Builder
		text.WriteString("id;x;mail\n1;\"Les Lilas\n")
		for i := 2; i < rows; i++ {
			fmt.Fprintf(&text, "%d;rue;u%d@example.test\n", i, i)
		}
		fmt.Fprintf(&text, "%d;12 rue\";z@example.test\n%d;x;y@example.test\n", rows, rows+1)
		got, raw := read(t, text.String(), false)
		if len(got) != rows+1 || len(got)-len(raw) != sound || raw[0] != "1;\"Les Lilas" {
			t.Errorf("a quote open for %d lines: %d rows, %d sound, want %d and %d", rows, len(got), len(got)-len(raw), rows+1, sound)
		}
		for _, row := range got {
			if strings.HasPrefix(row, "2 1|") {
				t.Error("the first row has the cells of another")
			}
		}
	}
}

// Titles with a stray quote would be made of the first rows.
func TestStrayQuoteInTitles(t *testing.T) {
	text := "id;mail;\"x\n1;a@example.test;\"\n2;b@example.test;c\n"
	if _, err := source.NewCSV(strings.NewReader(text), io.NopCloser(nil), source.CSVOptions{Delimiter: ";", Encoding: "utf-8"}); !errors.Is(err, source.ErrUnreadable) {
		t.Errorf("got %v, want ErrUnreadable", err)
	}
}

// Quotes that are left open in every row, and lines without anything on them, take a bounded time and memory.
func TestStrayQuoteInEveryRow(t *testing.T) {
	const rows = 20_000
	text := "id;x;y\n" + strings.Repeat("1;\"x;y\n", rows)
	if _, raw := read(t, text, true); len(raw) != rows {
		t.Errorf("%d rows with a fault, want all %d", len(raw), rows)
	}
	blank := "id;x;y\n1;\"x;y\n" + strings.Repeat("\n", 3_000_000) + "2;c;d\n"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if rows, _ := read(t, blank, false); len(rows) != 2 || rows[1] != "3000003 2|c|d" {
		t.Errorf("got %v", rows)
	}
	if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 64<<20 {
		t.Errorf("%d MiB for blank lines", (after.TotalAlloc-before.TotalAlloc)>>20)
	}
}

// What a database gave is never guessed at: a long text of lines like rows is one value of one row. A row over the bound ends the
// reading, since a file could not hold it either. A copy that is damaged says so.
func TestCopyIsBelieved(t *testing.T) {
	lines := strings.Repeat("2;\"pirate\",pirate@example.test,x\n", 30_000)
	for name, c := range map[string]struct {
		note string
		ends bool
	}{"a long note": {lines, false}, "one over the bound": {lines + lines, true}} {
		t.Run(name, func(t *testing.T) {
			dsn, path := filepath.Join(t.TempDir(), "legacy.sqlite"), filepath.Join(t.TempDir(), "copy")
			db := open(t, "sqlite", dsn)
			if _, err := db.Exec("CREATE TABLE usagers (id INTEGER, note TEXT, nom TEXT); INSERT INTO usagers VALUES (1,'a','Un'),(2,?,'Deux')", c.note); err != nil {
				t.Fatal(err)
			}
			in, err := source.NewSQL(t.Context(), source.SQLOptions{Driver: "sqlite", DSN: dsn, Query: "SELECT * FROM usagers", Key: "id"})
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			err = source.WriteCopy(path, in)
			if c.ends {
				if !errors.Is(err, source.ErrUnreadable) || !strings.Contains(err.Error(), "ligne 2 ") {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			rows, err := copied(t, path)
			if !errors.Is(err, io.EOF) || len(rows) != 2 || rows[1].Fields[1] != c.note {
				t.Errorf("%d rows, %v", len(rows), err)
			}
		})
	}
	for name, text := range map[string]string{"a quote": "id,x\n1,\"a\n2,b\n", "a column": "id,x\n1\n2,b\n"} {
		path := filepath.Join(t.TempDir(), "copy")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if rows, err := copied(t, path); len(rows) > 0 || !errors.Is(err, source.ErrUnreadable) {
			t.Errorf("a copy that lacks %s: %d rows, %v", name, len(rows), err)
		}
	}
}

// copied reads a copy up to what ends it.
func copied(t *testing.T, path string) (rows []source.Record, err error) {
	t.Helper()
	out, err := source.OpenCopy(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	for {
		record, err := out.Next()
		if err != nil {
			return rows, err
		}
		rows = append(rows, record)
	}
}
