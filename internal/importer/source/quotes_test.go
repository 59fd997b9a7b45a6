package source_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"efpconnect.example/internal/importer/source"
)

// read gives each row as "line fields", with "!" for one that has a fault, and its raw line.
func read(t *testing.T, text string, lazy bool) (rows, raw []string) {
	t.Helper()
	r, err := source.NewCSV(strings.NewReader(text), io.NopCloser(nil), source.CSVOptions{Delimiter: ';', Encoding: "utf-8", LazyQuotes: lazy})
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
		"opened in one row, closed in another":            {"2;\"c;d\n3;e;f\n4;g\";h\n5;i;j\n", false, "2 ! / 3 3|e|f / 4 ! / 5 5|i|j", `2;"c;d / 4;g";h`},
		"lazy, and a later row has quotes that are right": {"2;\"c;d\n3;\"e\";f\n", true, "2 ! / 3 3|e|f", `2;"c;d`},
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

// Quotes that are wrong in every row take no more time than rows.
func TestStrayQuoteInEveryRow(t *testing.T) {
	const rows = 200_000
	text := "id;x;y\n" + strings.Repeat("1;\"x;y\n", rows)
	if _, raw := read(t, text, true); len(raw) != rows {
		t.Errorf("%d rows with a fault, want all %d", len(raw), rows)
	}
}
