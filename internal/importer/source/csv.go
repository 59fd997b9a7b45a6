package source

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
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
	closer  io.Closer
}

// NewCSV reads a CSV file; it closes c when it is closed. The first line names the columns.
//
// A stray quote must cost its own line alone, not the people after it. A record over several lines is therefore believed only when
// its quotes are right, its columns as many as the titles, and its lines do not look like two rows. Otherwise its first line is a row
// with a fault, and the reading goes on at the second.
func NewCSV(r io.Reader, c io.Closer, o CSVOptions) (Reader, error) {
	text, err := Decode(r, o.Encoding)
	if err != nil {
		return nil, err
	}
	lines := &lines{text: buffered(text), delimiter: []byte(string(o.Delimiter))}
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
	case err != nil, lines.ended:
		return nil, unreadable(1, "ligne de titres mal écrite")
	case len(header) > MaxColumns:
		return nil, unreadable(1, "plus de %d colonnes", MaxColumns)
	}
	for i, name := range header {
		header[i] = strings.TrimSpace(name)
	}
	if !o.trusted {
		lines.whole = len(header) - 1
	}
	return &csvReader{csv: reader, lines: lines, columns: header, trusted: o.trusted, closer: c}, nil
}

func (r *csvReader) Columns() []string { return r.columns }

func (r *csvReader) Close() error { return r.closer.Close() }

func (r *csvReader) Next() (Record, error) {
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
	taken := r.lines.taken()
	record := Record{Line: taken[0].number, Fields: fields}
	switch {
	case wrong, len(taken) > 1 && !r.trusted && (len(fields) != len(r.columns) || r.lines.twoRows()):
		record.Raw = taken[0].raw()
		record.Fields = strings.Split(record.Raw, string(r.csv.Comma))
		record.Fault = "guillemets mal placés"
		r.lines.again()
	case len(fields) != len(r.columns):
		record.Raw = taken[0].raw()
		record.Fault = fmt.Sprintf("%d colonnes au lieu de %d", len(fields), len(r.columns))
	}
	return record, nil
}
