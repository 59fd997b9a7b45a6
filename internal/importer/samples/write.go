package samples

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// Truth is what an import of the rows must come to, given that the taken addresses are in Kratos.
type Truth struct {
	Read, Created, Conflict, Rejected int
	Reasons                           map[string]int // by code
}

// Add counts a row.
func (t *Truth) Add(r Row) {
	if t.Reasons == nil {
		t.Reasons = map[string]int{}
	}
	t.Read++
	switch {
	case r.Conflict():
		t.Conflict++
	case r.Reason != "":
		t.Rejected++
	default:
		t.Created++
	}
	if r.Taken {
		t.Reasons["taken"]++
	} else if r.Reason != "" {
		t.Reasons[r.Reason]++
	}
}

// WriteCSV writes a file as the portal exports it: semicolons, CRLF, Windows-1252 (UTF-8 with Options.Unicode).
func WriteCSV(w io.Writer, o Options) (Truth, error) {
	var truth Truth
	if !o.Unicode {
		w = charmap.Windows1252.NewEncoder().Writer(w)
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	if err := out.Write(Columns); err != nil {
		return truth, err
	}
	for row := range Rows(o) {
		truth.Add(row)
		if err := out.Write(row.Fields); err != nil {
			return truth, err
		}
	}
	out.Flush()
	return truth, out.Error()
}

// WriteJSONLines writes one object a line. The options must be Structured: an object has no column too many.
func WriteJSONLines(w io.Writer, o Options) (Truth, error) {
	var truth Truth
	if !o.Structured {
		return truth, fmt.Errorf("JSON Lines needs Structured samples")
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for row := range Rows(o) {
		truth.Add(row)
		object := make(map[string]string, len(Columns))
		for i, name := range Columns {
			object[name] = row.Fields[i]
		}
		if err := encoder.Encode(object); err != nil {
			return truth, err
		}
	}
	return truth, nil
}

// Mailbox is the address of a row as Kratos holds it.
func (r Row) Mailbox() string { return strings.ToLower(strings.TrimSpace(r.Address())) }
