package source_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"efpconnect.example/internal/importer/source"
)

const people = "id;nom\n1;Zoé Lefèvre\n2;\"Du;pont\nMartin\"\n3;Noël\n"

func encoded(t testing.TB, text string, encode func(string) (string, error)) []byte {
	t.Helper()
	out, err := encode(text)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(out)
}

func gzipped(text []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(text)
	w.Close()
	return b.Bytes()
}

// The same people, however the file is written.
func TestEncodings(t *testing.T) {
	utf16 := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String
	cases := map[string]struct {
		bytes []byte
		name  string
	}{
		"utf-8":                              {[]byte(people), "utf-8"},
		"utf-8 with a mark":                  {[]byte("\ufeff" + people), "utf-8"},
		"the mark wins over the profile":     {[]byte("\ufeff" + people), "windows-1252"},
		"utf-16, as a spreadsheet's Unicode": {encoded(t, people, utf16), "utf-8"},
		"iso-8859-1":                         {encoded(t, people, charmap.ISO8859_1.NewEncoder().String), "iso-8859-1"},
		"windows-1252":                       {encoded(t, people, charmap.Windows1252.NewEncoder().String), "windows-1252"},
		"gzip":                               {gzipped([]byte(people)), "utf-8"},
		"gzip of windows-1252":               {gzipped(encoded(t, people, charmap.Windows1252.NewEncoder().String)), "windows-1252"},
		"CRLF":                               {[]byte(strings.ReplaceAll(people, "\n", "\r\n")), "utf-8"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for _, reader := range []io.Reader{bytes.NewReader(c.bytes), iotest.OneByteReader(bytes.NewReader(c.bytes))} {
				r, err := source.NewCSV(reader, io.NopCloser(nil), source.CSVOptions{Delimiter: ";", Encoding: c.name})
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				var lines []int64
				for {
					record, err := r.Next()
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil {
						t.Fatal(err)
					}
					got, lines = append(got, record.Fields[1]), append(lines, record.Line)
				}
				if want := []string{"Zoé Lefèvre", "Du;pont\nMartin", "Noël"}; strings.Join(got, "|") != strings.Join(want, "|") {
					t.Errorf("got %q, want %q", got, want)
				}
				if lines[0] != 2 || lines[1] != 3 || lines[2] != 5 { // the second row has two lines
					t.Errorf("lines %v, want 2, 3, 5", lines)
				}
			}
		})
	}
}

// A file that is not what the profile says ends the reading at its line, in words that help. Long enough that the fault is not in the
// first read.
func TestUnreadable(t *testing.T) {
	long := strings.Repeat("1;nom ordinaire\n", 10_000)
	cases := map[string]struct {
		text, encoding, says string
	}{
		"windows-1252 read as UTF-8":     {"id;nom\n" + long + "2;Zo\xe9\n", "utf-8", "ligne 10002"},
		"a byte that windows-1252 lacks": {"id;nom\n" + long + "2;Zo\x81\n", "windows-1252", "ligne 10002"},
		"UTF-8 read as windows-1252":     {"id;nom\n" + long + "2;Zoé\n", "windows-1252", "ligne 10002 : le fichier est en UTF-8"},
		"UTF-8 read as iso-8859-1":       {"id;nom\n" + long + "2;Zoé\n" + long, "iso-8859-1", "ligne 10002 : le fichier est en UTF-8"},
		"UTF-8 with a byte astray":       {"id;nom\n1;Noël\n" + long + "2;Zo\xe9\n3;Zoé", "windows-1252", "ligne 10003 : un octet isolé"},
		"UTF-8 cut at the end":           {"id;nom\n1;Zoé\n2;Zo\xc3", "windows-1252", "ligne 2 : le fichier est en UTF-8"},
		"a character cut at the end":     {"id;nom\n2;Zo\xc3", "utf-8", "ligne 2"},
		"a line without end":             {"id;nom\n1;a\n2;" + strings.Repeat("x", 2<<20), "utf-8", "ligne 3"},
		"titles without end":             {"id;\"nom\n" + strings.Repeat(long, 10), "utf-8", "titres"},
		"empty":                          {"", "utf-8", "vide"},
		"gzip cut short":                 {string(gzipped([]byte("id;nom\n" + strings.Repeat("a;b\n", 9999)))[:30]), "utf-8", "gzip"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r, err := source.NewCSV(strings.NewReader(c.text), io.NopCloser(nil), source.CSVOptions{Delimiter: ";", Encoding: c.encoding})
			for err == nil {
				_, err = r.Next()
			}
			if !errors.Is(err, source.ErrUnreadable) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want ErrUnreadable that says %q", err, c.says)
			}
			if err != nil && strings.Contains(err.Error(), "Zo") {
				t.Error("the message quotes the file")
			}
		})
	}
}

// A row with a fault of its own is one row: the next ones are read.
func TestFaultyRows(t *testing.T) {
	text := "id;nom\n1;a\n2;b;c\n3\n4;x\"y\n5;e\n"
	r, err := source.NewCSV(strings.NewReader(text), io.NopCloser(nil), source.CSVOptions{Delimiter: ";", Encoding: "utf-8"})
	if err != nil {
		t.Fatal(err)
	}
	var faults []bool
	for {
		record, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		faults = append(faults, record.Fault != "")
	}
	if want := []bool{false, true, true, true, false}; len(faults) != 5 || faults[0] != want[0] || faults[1] != want[1] || faults[2] != want[2] || faults[3] != want[3] || faults[4] != want[4] {
		t.Errorf("faults %v, want %v", faults, want)
	}
}

func TestJSONLines(t *testing.T) {
	text := `{"id": 12345678901234567890, "nom": "Zoé", "actif": true, "autre": [1]}

{"id": "2"}
nonsense
{"id": {"a": 1}}
[1]
`
	r, err := source.NewJSON(strings.NewReader(text), io.NopCloser(nil), source.JSONOptions{Encoding: "utf-8", Columns: []string{"id", "nom", "actif"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		line   int64
		fields string
		fault  bool
	}{
		{1, "12345678901234567890|Zoé|true", false}, // a long id does not go through a float; what is not asked for may be anything
		{3, "2||", false},
		{4, "||", true},
		{5, "||", true},
		{6, "||", true},
	}
	raw := map[int64]string{4: "nonsense", 5: `{"id": {"a": 1}}`, 6: "[1]"}
	for _, w := range want {
		record, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if record.Line != w.line || strings.Join(record.Fields, "|") != w.fields || (record.Fault != "") != w.fault {
			t.Errorf("got %+v, want %+v", record, w)
		}
		if record.Raw != raw[record.Line] {
			t.Errorf("line %d: %q is kept of it", w.line, record.Raw)
		}
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last row: %v", err)
	}
}

// A member that no object has is a name misspelt in the profile. One that some lack is an empty value.
func TestJSONLinesMember(t *testing.T) {
	for text, says := range map[string]string{
		"{\"id\": 1, \"nom\": \"a\"}\n{\"id\": 2}\n":  "",
		"{\"id\": 1, \"name\": \"a\"}\n{\"id\": 2}\n": "nom",
		"": "",
	} {
		r, err := source.NewJSON(strings.NewReader(text), io.NopCloser(nil), source.JSONOptions{Encoding: "utf-8", Columns: []string{"id", "nom"}})
		for err == nil {
			_, err = r.Next()
		}
		if says == "" && !errors.Is(err, io.EOF) || says != "" && (!errors.Is(err, source.ErrUnreadable) || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
}

// A temporary copy gives back what it was given, line breaks and quotes included.
func TestCopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copy")
	in, err := source.NewCSV(strings.NewReader(people), io.NopCloser(nil), source.CSVOptions{Delimiter: ";", Encoding: "utf-8"})
	if err != nil {
		t.Fatal(err)
	}
	if err := source.WriteCopy(path, in); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v: it holds personal data", info.Mode(), err)
	}
	out, err := source.OpenCopy(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	for _, want := range []string{"Zoé Lefèvre", "Du;pont\nMartin", "Noël"} {
		record, err := out.Next()
		if err != nil || record.Fields[1] != want {
			t.Errorf("got %q, %v; want %q", record.Fields, err, want)
		}
	}
}

// No file makes the CSV reader panic, loop, or give a row whose faults it hides.
func FuzzCSV(f *testing.F) {
	f.Add([]byte(people), byte(';'), byte(0))
	f.Add([]byte("a\"b;c\n\"d"), byte(','), byte(2))
	f.Add([]byte("id;x;y\n1;a;\"b\n2;p@x;c\n\n\"\n3;d;e\n"), byte(';'), byte(0))
	f.Add([]byte("id;x;y\n1;\"a\n2;p@x;c\n3;d\";e\n"), byte(';'), byte(0))
	f.Add([]byte("id;x\n\xabCAF\xc9\xbb;ANDR\xc9\xa0\n"), byte(';'), byte(2))
	f.Add(gzipped([]byte(people)), byte(';'), byte(1))
	f.Fuzz(func(t *testing.T, text []byte, delimiter, encoding byte) {
		if delimiter == 0 || delimiter == '"' || delimiter == '\r' || delimiter == '\n' || delimiter >= 0x80 {
			return
		}
		r, err := source.NewCSV(bytes.NewReader(text), io.NopCloser(nil), source.CSVOptions{Delimiter: string(rune(delimiter)), Encoding: source.Encodings[int(encoding)%3]})
		drain(t, r, err)
	})
}

// What a query or a pipe gave is read back from its copy as it was.
func FuzzCopy(f *testing.F) {
	f.Add([]byte(people))
	f.Add([]byte("a;b\n\"x\r\ny\";\"\"\"\"\n"))
	f.Add([]byte("\xef\xbb\xbfa\n\xef\xbb\xbf\n"))
	f.Add([]byte("a\n\"\"\nb\n"))            // one column, and nothing in it
	f.Add([]byte("a;b\n\"x\n,\"\"@;\";c\n")) // a row for commas only
	f.Fuzz(func(t *testing.T, text []byte) {
		read := func(r source.Reader, err error) (rows []string) {
			for err == nil {
				var record source.Record
				if record, err = r.Next(); err == nil && record.Fault != "" {
					return nil // a query has no such row
				}
				rows = append(rows, strings.Join(record.Fields, "\x00"))
			}
			if !errors.Is(err, io.EOF) {
				return nil
			}
			return rows
		}
		csvOf := func() (source.Reader, error) {
			return source.NewCSV(bytes.NewReader(text), io.NopCloser(nil), source.CSVOptions{Delimiter: ";", Encoding: "utf-8"})
		}
		want := read(csvOf())
		if want == nil {
			return
		}
		path := filepath.Join(t.TempDir(), "copy")
		in, err := csvOf()
		if err != nil {
			t.Fatal(err)
		}
		if err := source.WriteCopy(path, in); err != nil {
			t.Fatal(err)
		}
		if got := read(source.OpenCopy(path)); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func FuzzJSONLines(f *testing.F) {
	f.Add([]byte(`{"id":1,"nom":"x"}`+"\n"), byte(0))
	f.Add([]byte(`{"id":{}}`), byte(1))
	f.Fuzz(func(t *testing.T, text []byte, encoding byte) {
		r, err := source.NewJSON(bytes.NewReader(text), io.NopCloser(nil), source.JSONOptions{Encoding: source.Encodings[int(encoding)%3], Columns: []string{"id", "nom"}})
		drain(t, r, err)
	})
}

func drain(t *testing.T, r source.Reader, err error) {
	for n := 0; err == nil; n++ {
		var record source.Record
		record, err = r.Next()
		if err == nil && record.Fault == "" && len(record.Fields) != len(r.Columns()) {
			t.Fatalf("a sound row of %d fields under %d columns", len(record.Fields), len(r.Columns()))
		}
		if err == nil && (record.Fault != "") != (record.Raw != "") {
			t.Fatalf("a row with a fault keeps its line, another none: %+v", record)
		}
		if n > 1<<20 {
			t.Fatal("does not end")
		}
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, source.ErrUnreadable) {
		t.Fatalf("an error without a name: %v", err)
	}
}
