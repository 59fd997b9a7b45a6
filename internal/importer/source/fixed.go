package source

import (
	"fmt"
	"io"
	"strings"
)

// FixedOptions say how a file without delimiters is written: each column takes the same characters of each line.
type FixedOptions struct {
	Encoding string // one of Encodings
	Skip     int    // lines before the first person
	Columns  []FixedColumn
}

// FixedColumn is a column and its first and last character, counted from 1.
type FixedColumn struct {
	Name string `yaml:"name"`
	From int    `yaml:"from"`
	To   int    `yaml:"to"`
}

// fixedReader reads lines of columns of fixed width.
type fixedReader struct {
	lines   *lines
	columns []string
	cuts    []FixedColumn
	closer  io.Closer
}

// NewFixed reads a file of fixed width. Positions are characters, whatever the encoding; spaces around a value are dropped, and what a
// line lacks at its end is empty. It closes c when it is closed.
func NewFixed(r io.Reader, c io.Closer, o FixedOptions) (Reader, error) {
	text, err := Decode(r, o.Encoding)
	if err != nil {
		return nil, err
	}
	reader := &fixedReader{lines: &lines{text: buffered(text)}, cuts: o.Columns, closer: c}
	for _, column := range o.Columns {
		reader.columns = append(reader.columns, column.Name)
	}
	reader.columns = titles(reader.columns)
	if err := otherText(reader.lines.text, "fixed"); err != nil {
		return nil, err
	}
	for range o.Skip {
		reader.lines.begin()
		if _, err := reader.lines.line(); err == io.EOF {
			return nil, fmt.Errorf("%w : le fichier n’a pas plus de %d lignes (fixed.skip)", ErrUnreadable, o.Skip)
		} else if err != nil {
			return nil, err
		}
	}
	return reader, nil
}

func (r *fixedReader) Columns() []string { return r.columns }

func (r *fixedReader) Close() error { return r.closer.Close() }

func (r *fixedReader) Next() (Record, error) {
	r.lines.begin()
	text, err := r.lines.line()
	if err != nil {
		return Record{}, err
	}
	record := Record{Line: r.lines.number, Fields: make([]string, len(r.cuts))}
	characters := []rune(text)
	for i, cut := range r.cuts {
		from, to := min(cut.From-1, len(characters)), min(cut.To, len(characters))
		record.Fields[i] = strings.TrimSpace(string(characters[from:to]))
	}
	if strings.Contains(text, "\t") {
		record.Fault, record.Raw = "contient une tabulation : les positions de ses colonnes ne sont plus sûres", text
	}
	return record, nil
}
