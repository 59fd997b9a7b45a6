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
}

// csvReader reads a CSV file whose first line names the columns.
type csvReader struct {
	csv     *csv.Reader
	bound   *bounded
	columns []string
	closer  io.Closer
}

// NewCSV reads a CSV file; it closes c when it is closed. The first line names the columns.
func NewCSV(r io.Reader, c io.Closer, o CSVOptions) (Reader, error) {
	text, err := Decode(r, o.Encoding)
	if err != nil {
		return nil, err
	}
	bound := &bounded{r: text}
	reader := csv.NewReader(bound)
	reader.Comma = o.Delimiter
	reader.LazyQuotes = o.LazyQuotes
	reader.FieldsPerRecord = -1 // counted here, so that a short row is rejected alone
	header, err := reader.Read()
	switch {
	case err == io.EOF:
		return nil, fmt.Errorf("%w : fichier vide, sans ligne de titres", ErrUnreadable)
	case err != nil:
		return nil, fatal(err, 1)
	case len(header) > MaxColumns:
		return nil, unreadable(1, "plus de %d colonnes", MaxColumns)
	}
	for i, name := range header {
		header[i] = strings.TrimSpace(name)
	}
	return &csvReader{csv: reader, bound: bound, columns: header, closer: c}, nil
}

func (r *csvReader) Columns() []string { return r.columns }

func (r *csvReader) Close() error { return r.closer.Close() }

func (r *csvReader) Next() (Record, error) {
	r.bound.used = 0
	fields, err := r.csv.Read()
	var syntax *csv.ParseError
	switch {
	case err == io.EOF:
		return Record{}, io.EOF
	case errors.As(err, &syntax) && !errors.Is(err, ErrUnreadable):
		// encoding/csv goes on at the next line.
		return Record{Line: int64(syntax.StartLine), Fields: fields, Fault: "guillemets mal placés"}, nil
	case err != nil:
		return Record{}, fatal(err, 0)
	}
	line, _ := r.csv.FieldPos(0)
	record := Record{Line: int64(line), Fields: fields}
	if len(fields) != len(r.columns) {
		record.Fault = fmt.Sprintf("%d colonnes au lieu de %d", len(fields), len(r.columns))
	}
	return record, nil
}

// fatal keeps our own errors and names the others without quoting the file.
func fatal(err error, line int64) error {
	if errors.Is(err, ErrUnreadable) {
		return err
	}
	if line > 0 {
		return unreadable(line, "ligne de titres mal écrite")
	}
	return fmt.Errorf("%w : %w", ErrUnreadable, err)
}

// bounded ends the reading when one record takes more than MaxRecordBytes: a quote that is never closed would otherwise
// swallow the rest of the file, and the memory with it.
type bounded struct {
	r    io.Reader
	used int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.used > MaxRecordBytes {
		return 0, fmt.Errorf("%w : une ligne dépasse %d octets, un guillemet ouvert n’est sans doute jamais fermé", ErrUnreadable, MaxRecordBytes)
	}
	n, err := b.r.Read(p)
	b.used += n
	return n, err
}
