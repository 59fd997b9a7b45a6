package source_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"efpconnect.example/internal/importer/source"
)

// readAll gives each row as "line:field|field", with "!" and its fault when it has one, and the error that ended the reading ("" at the end).
func readAll(t testing.TB, r source.Reader, err error) (rows []string, end string) {
	t.Helper()
	for err == nil {
		var record source.Record
		if record, err = r.Next(); err == nil {
			row := fmt.Sprintf("%d:%s", record.Line, strings.Join(record.Fields, "|"))
			if record.Fault != "" {
				row += "!" + record.Fault
			}
			rows = append(rows, row)
		}
	}
	if r != nil {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if errors.Is(err, io.EOF) {
		return rows, ""
	}
	if !errors.Is(err, source.ErrUnreadable) {
		t.Errorf("an error without a name: %v", err)
	}
	return rows, err.Error()
}

type nopCloser struct{}

func (nopCloser) Close() error { return nil }

// The same two people, in every layout that exports have.
func TestJSONLayouts(t *testing.T) {
	cases := map[string]struct {
		text, path string
		lines      [2]int
	}{
		"lines":                     {`{"id":1,"nom":"Zoé"}` + "\n" + `{"id":2,"nom":"Noël"}`, "", [2]int{1, 2}},
		"a list on a line":          {`[{"id":1,"nom":"Zoé"},{"id":2,"nom":"Noël"}]`, "", [2]int{1, 1}},
		"a list, an object a line":  {"[\n" + `{"id":1,"nom":"Zoé"},` + "\n" + `{"id":2,"nom":"Noël"}` + "\n]\n", "", [2]int{2, 3}},
		"commas at the line start":  {`[{"id":1,"nom":"Zoé"}` + "\n" + `,{"id":2,"nom":"Noël"}` + "\n]", "", [2]int{1, 2}},
		"a list, indented":          {"[\r\n  {\r\n    \"id\": 1,\r\n    \"nom\": \"Zoé\"\r\n  },\r\n  {\r\n    \"id\": 2, \"nom\": \"Noël\"\r\n  }\r\n]\r\n", "", [2]int{2, 6}},
		"objects, indented":         {"{\n  \"id\": 1,\n  \"nom\": \"Zoé\"\n}\n{\n  \"id\": 2,\n  \"nom\": \"Noël\"\n}\n", "", [2]int{1, 5}},
		"blank lines before":        {"\n\n" + `[{"id":1,"nom":"Zoé"},` + "\n" + `{"id":2,"nom":"Noël"}]`, "", [2]int{3, 4}},
		"a list in an object":       {`{"realm":"r","users":[{"id":1,"nom":"Zoé"},` + "\n" + `{"id":2,"nom":"Noël"}],"roles":{"users":[{"id":3}]}}`, "users", [2]int{1, 2}},
		"after larger members":      {`{"clients":[{"users":[{"id":9}]}],"users":[` + "\n" + `{"id":1,"nom":"Zoé"},{"id":2,"nom":"Noël"}]}`, "users", [2]int{2, 2}},
		"deeper":                    {`{"a":{"b":{"users":[{"id":1,"nom":"Zoé"},{"id":2,"nom":"Noël"}]}}}`, "a.b.users", [2]int{1, 1}},
		"several realms":            {`[{"users":[{"id":1,"nom":"Zoé"}]},` + "\n" + `{"users":[{"id":2,"nom":"Noël"}]}]`, "users", [2]int{1, 2}},
		"a file after the other":    {`{"users":[{"id":1,"nom":"Zoé"}]}` + "\n" + `{"users":[{"id":2,"nom":"Noël"}]}`, "users", [2]int{1, 2}},
		"members in form D":         {`{"id":1,"nom":"Zoé"}` + "\n" + `{"id":2,"nom":"Noël"}`, "", [2]int{1, 2}},
		"with a byte order mark":    {"\ufeff[" + `{"id":1,"nom":"Zoé"},{"id":2,"nom":"Noël"}]`, "", [2]int{1, 1}},
		"escapes, unknown members":  {`[{"x":{"y":[1,[2]]},"id":1,"nom":"Zo\u00e9"},{"id":2,"nom":"No\u00ebl","z":null}]`, "", [2]int{1, 1}},
		"numbers as they are typed": {`[{"id":1,"nom":"Zoé"},{"id":2,"nom":"Noël","n":1e999999}]`, "", [2]int{1, 1}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			want := fmt.Sprintf("%d:1|Zoé %d:2|Noël", c.lines[0], c.lines[1])
			for _, file := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text))} {
				r, err := source.NewJSON(file, nopCloser{}, source.JSONOptions{Encoding: "utf-8", Path: c.path, Columns: []string{"id", "nom"}})
				if rows, end := readAll(t, r, err); strings.Join(rows, " ") != want || end != "" {
					t.Errorf("%v %s, want %s", rows, end, want)
				}
			}
		})
	}
}

// Members inside members, as user stores nest them.
func TestJSONPaths(t *testing.T) {
	text := `[{"_id":{"$oid":"65f"},"attributes":{"phone":["06","07"],"a.b":"point","grid":[["x","y"]]},"user_metadata":{"phone":"+33"},
		"actif":false,"rien":null,"https://x.test/titre":"Mme","creds":[{"type":"password","n":1}]}]`
	cases := map[string]string{
		"_id.$oid":                  "1:65f",
		"attributes.phone[0]":       "1:06",
		"attributes.phone[1]":       "1:07",
		"attributes.phone[9]":       "1:!n’a aucun des membres que nomme le profil",
		"attributes.grid[0][1]":     "1:y",
		"user_metadata.phone":       "1:+33",
		"actif":                     "1:false",
		"rien":                      "1:",
		"https://x.test/titre":      "1:Mme", // a name with dots, as it is
		"attributes.phone":          "1:!« attributes.phone » est une liste : nommez son premier élément par [0]",
		"_id":                       "1:!« _id » est un objet : nommez l’un de ses membres après un point",
		"actif.x":                   "1:!n’a aucun des membres que nomme le profil",
		"attributes[0]":             "1:!n’a aucun des membres que nomme le profil",
		"attributes.phone[-1]":      "1:!n’a aucun des membres que nomme le profil",
		"attributes.phone[1000000]": "1:!n’a aucun des membres que nomme le profil",
	}
	for column, want := range cases {
		r, err := source.NewJSON(strings.NewReader(text), nopCloser{}, source.JSONOptions{Encoding: "utf-8", Columns: []string{column}})
		if rows, _ := readAll(t, r, err); len(rows) != 1 || rows[0] != want {
			t.Errorf("%s: %q, want %q", column, rows, want)
		}
	}
	r, err := source.NewJSON(strings.NewReader(text), nopCloser{}, source.JSONOptions{Encoding: "utf-8", Columns: []string{"creds"}, Whole: []string{"creds"}})
	if rows, end := readAll(t, r, err); len(rows) != 1 || rows[0] != `1:[{"type":"password","n":1}]` {
		t.Errorf("a whole member: %q %s", rows, end)
	}
}

// A member that is there twice has two values, and nobody knows which is right. The others do not matter.
func TestJSONRepeatedMembers(t *testing.T) {
	text := `{"id":1,"id":2,"nom":"a"}` + "\n" + `{"id":3,"nom":"b","x":1,"x":2}` + "\n" + `{"id":4,"e\u0301":1,"\u00e9":2,"nom":"c"}`
	r, err := source.NewJSON(strings.NewReader(text), nopCloser{}, source.JSONOptions{Encoding: "utf-8", Columns: []string{"id", "nom"}})
	rows, _ := readAll(t, r, err)
	if want := "1:1|a!« id » est plusieurs fois dans l’objet 2:3|b 3:4|c"; strings.Join(rows, " ") != want {
		t.Errorf("%q, want %q", rows, want)
	}
}

// What cannot be read on is said with its line; the rows before it are sound.
func TestJSONUnreadable(t *testing.T) {
	long := strings.Repeat("x", source.MaxRecordBytes)
	cases := map[string]struct {
		text, path string
		rows       int
		says       string
	}{
		"nothing":              {" \n", "users", 0, "le fichier est vide"},
		"cut in a list":        {"[{\"id\":1},\n{\"id\":2},\n{\"id\":", "", 2, "ligne 3 : le fichier JSON s’arrête avant sa fin"},
		"cut after a comma":    {"[{\"id\":1},\n", "", 1, "s’arrête avant sa fin"},
		"cut before its end":   {"[{\"id\":1}\n", "", 1, "s’arrête avant sa fin"},
		"cut on the path":      {"{\"users\":[{\"id\":1}]", "users", 1, "s’arrête avant sa fin"},
		"a comma missing":      {"[{\"id\":1}\n{\"id\":2}]", "", 1, "ligne 2 : JSON mal écrit"},
		"text after the list":  {"[{\"id\":1}]\n{\"id\":2}", "", 1, "ligne 2 : du texte suit la fin de la liste"},
		"no such list":         {`{"clients":[],"people":[{"id":1}]}`, "users", 0, "il a : clients, people"},
		"no list at all":       {`{"a":1}`, "users", 0, "il n’en a aucune"},
		"an object there":      {`{"users":{"u1":{"id":1}}}`, "users", 0, "« users » n’est pas une liste"},
		"the path is missing":  {`{"kind":"x","users":[{"id":1}]}`, "", 0, "des listes (users) : nommez celle des personnes dans json.path"},
		"CSV":                  {"id;nom\n1;Zoé\n", "", 0, "ce n’est pas du JSON"},
		"an object too large":  {`[{"id":1},{"id":"` + long + `"}]`, "", 1, "plus de 1048576 octets"},
		"a huge one":           {`[{"id":1},{"id":"` + strings.Repeat(long, 8) + `"}]`, "", 1, "plus de 1048576 octets"},
		"a name nobody has":    {`[{"ID":1}]`, "", 1, "aucune ligne n’a : id"},
		"another list in list": {`[[{"id":1}],{"id":2}]`, "", 2, ""}, // the first is a row with a fault
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r, err := source.NewJSON(strings.NewReader(c.text), nopCloser{}, source.JSONOptions{Encoding: "utf-8", Path: c.path, Columns: []string{"id"}})
			rows, end := readAll(t, r, err)
			if len(rows) != c.rows || !strings.Contains(end, c.says) || (c.says == "") != (end == "") {
				t.Errorf("%d rows, %q; want %d, %q", len(rows), end, c.rows, c.says)
			}
		})
	}
}

// A list of any length is read in the same little memory: nothing is held but the object under way.
func TestJSONIsStreamed(t *testing.T) {
	row := `{"id":1,"nom":"` + strings.Repeat("n", 1000) + `"},` + "\n"
	const rows = 5_000
	file := io.MultiReader(strings.NewReader("["), &repeated{text: row, left: rows}, strings.NewReader(`{"id":2}]`))
	r, err := source.NewJSON(file, nopCloser{}, source.JSONOptions{Encoding: "utf-8", Columns: []string{"id"}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for range rows {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if record, err := r.Next(); err != nil || record.Line != rows+1 || record.Fields[0] != "2" {
		t.Errorf("the last row: %+v, %v", record, err)
	}
}

// repeated is a text many times over.
type repeated struct {
	text string
	left int
	rest string
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.rest == "" {
		if r.left == 0 {
			return 0, io.EOF
		}
		r.left--
		r.rest = r.text
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func FuzzJSON(f *testing.F) {
	for _, text := range []string{`[{"id":1,"nom":{"x":["y"]}}]`, `{"users":[{"id":1}]}`, "{\n\"id\":1}\n{\"id\":2}", `[{"id":1,"id":2}`, `[[[`, `{"users":{"users":[1,2]}}`} {
		f.Add([]byte(text), "users")
		f.Add([]byte(text), "")
	}
	f.Fuzz(func(t *testing.T, text []byte, path string) {
		o := source.JSONOptions{Encoding: "utf-8", Path: path, Columns: []string{"id", "nom.x[0]"}}
		r, err := source.NewJSON(bytes.NewReader(text), nopCloser{}, o)
		if r != nil {
			defer r.Close()
		}
		drain(t, r, err)
	})
}
