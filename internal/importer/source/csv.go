package source

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// CSVOptions say how a CSV file is written.
type CSVOptions struct {
	Delimiter rune   // ';' in French exports
	Encoding  string // one of Encodings
	// LazyQuotes accepts a quote in the middle of a field, as some old exports write them.
	LazyQuotes bool

	trusted bool // a copy that we wrote
}

// csvReader reads a CSV file whose first line names the columns.
type csvReader struct {
	csv     *csv.Reader
	lines   *lines
	columns []string
	trusted bool
	refused []line // of the last record, still to be given as rows with a fault
	fault   string // theirs
	closer  io.Closer
}

// NewCSV reads a CSV file; it closes c when it is closed. The first line names the columns.
//
// A stray quote must cost its own line alone, not the people after it; and text that somebody wrote in a field must never become
// another person's row. When quotes are wrong, the first line of the record is a row with a fault, and the reading goes on at the
// second. When they are right and yet the record, over several lines, has not the columns of the titles or may have swallowed rows, each of
// its lines is a row with a fault: none is read as a person, none is lost. Other records over several lines are rows.
func NewCSV(r io.Reader, c io.Closer, o CSVOptions) (Reader, error) {
	text, err := Decode(r, o.Encoding)
	if err != nil {
		return nil, err
	}
	lines := &lines{text: buffered(text), trusted: o.trusted}
	reader := csv.NewReader(lines)
	reader.Comma = o.Delimiter
	reader.LazyQuotes = o.LazyQuotes
	reader.FieldsPerRecord = -1 // counted here, so that a short row is rejected alone
	header, err := reader.Read()
	switch {
	case err == io.EOF:
		return nil, fmt.Errorf("%w : fichier vide, sans ligne de titres", ErrUnreadable)
	case errors.Is(err, ErrUnreadable):
		return nil, err
	case err != nil, lines.ended, !o.trusted && swallowed(lines.taken(), o.Delimiter, len(header)):
		return nil, unreadable(1, "ligne de titres mal écrite")
	case len(header) > MaxColumns:
		return nil, unreadable(1, "plus de %d colonnes", MaxColumns)
	}
	for i, name := range header {
		header[i] = strings.TrimSpace(name)
	}
	return &csvReader{csv: reader, lines: lines, columns: header, trusted: o.trusted, closer: c}, nil
}

func (r *csvReader) Columns() []string { return r.columns }

func (r *csvReader) Close() error { return r.closer.Close() }

func (r *csvReader) Next() (Record, error) {
	if len(r.refused) > 0 {
		return r.refuse(), nil
	}
	r.lines.begin()
	fields, err := r.csv.Read()
	var syntax *csv.ParseError
	wrong := errors.As(err, &syntax) || errors.Is(err, errSpan) || r.lines.ended
	switch {
	case wrong:
	case err == io.EOF:
		return Record{}, io.EOF
	case errors.Is(err, ErrUnreadable):
		return Record{}, err
	case err != nil:
		return Record{}, fmt.Errorf("%w : %w", ErrUnreadable, err)
	}
	taken, short := r.lines.taken(), len(fields) != len(r.columns)
	switch {
	case r.trusted && (wrong || short):
		return Record{}, unreadable(taken[0].number, "la copie de la source est abîmée")
	case wrong:
		r.refused, r.fault = taken[:1], "guillemets mal placés"
		r.lines.again()
	case short:
		r.refused, r.fault = taken, fmt.Sprintf("%d colonnes au lieu de %d", len(fields), len(r.columns))
	case !r.trusted && swallowed(taken, r.csv.Comma, len(r.columns)):
		r.refused, r.fault = taken, "un champ entre guillemets contient des lignes qui ressemblent à d’autres lignes du fichier"
	default:
		return Record{Line: taken[0].number, Fields: fields}, nil
	}
	return r.refuse(), nil
}

// refuse gives the next line that is a row with a fault. Blank ones are no rows, here as elsewhere.
func (r *csvReader) refuse() Record {
	raw := r.refused[0].raw()
	record := Record{Line: r.refused[0].number, Raw: raw, Fields: strings.Split(raw, string(r.csv.Comma)), Fault: r.fault}
	r.refused = r.refused[1:]
	for len(r.refused) > 0 && r.refused[0].raw() == "" {
		r.refused = r.refused[1:]
	}
	return record
}

// swallowed tells that a record may hold other rows between its quotes: one of its lines beyond the first has the delimiters of a
// whole row, and an address, which every account has. A first line without a delimiter is the beginning of a first column.
func swallowed(record []line, delimiter rune, columns int) bool {
	d := []byte(string(delimiter))
	if !bytes.Contains(record[0].text, d) {
		return false
	}
	return slices.ContainsFunc(record[1:], func(l line) bool {
		return bytes.Count(l.text, d) >= columns-1 && bytes.IndexByte(l.text, '@') >= 0
	})
}
