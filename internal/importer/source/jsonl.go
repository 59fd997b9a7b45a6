package source

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// jsonReader reads JSON Lines: one object a line.
type jsonReader struct {
	lines   *bufio.Scanner
	line    int64
	columns []string
	seen    map[string]bool // of columns: those that some object has
	closer  io.Closer
}

// NewJSONLines reads one JSON object a line and gives the wanted members as columns; others are left out, as is their absence
// (""). A wanted member that no object of the whole file has is an error at its end: a name misspelt would otherwise be a value that
// nobody has. It closes c when it is closed.
func NewJSONLines(r io.Reader, c io.Closer, encoding string, wanted []string) (Reader, error) {
	text, err := Decode(r, encoding)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(text)
	lines.Buffer(make([]byte, 0, 64<<10), MaxRecordBytes)
	return &jsonReader{lines: lines, columns: wanted, seen: map[string]bool{}, closer: c}, nil
}

func (r *jsonReader) Columns() []string { return r.columns }

func (r *jsonReader) Close() error { return r.closer.Close() }

func (r *jsonReader) Next() (Record, error) {
	for r.lines.Scan() {
		r.line++
		if text := bytes.TrimSpace(r.lines.Bytes()); len(text) > 0 {
			return r.record(text), nil
		}
	}
	err := r.lines.Err()
	switch {
	case err == nil:
		return Record{}, r.end()
	case errors.Is(err, bufio.ErrTooLong):
		return Record{}, unreadable(r.line+1, "plus de %d octets", MaxRecordBytes)
	case errors.Is(err, ErrUnreadable):
		return Record{}, err
	default:
		return Record{}, fmt.Errorf("%w : %w", ErrUnreadable, err)
	}
}

// end is io.EOF, unless the file lacks a member altogether.
func (r *jsonReader) end() error {
	var missing []string
	for _, name := range r.columns {
		if !r.seen[name] {
			missing = append(missing, name)
		}
	}
	if len(r.seen) > 0 && len(missing) > 0 {
		return fmt.Errorf("%w : aucune ligne n’a : %s (retirez du profil ce que la source n’a pas)", ErrUnreadable, strings.Join(missing, ", "))
	}
	return io.EOF
}

func (r *jsonReader) record(text []byte) Record {
	record := Record{Line: r.line, Fields: make([]string, len(r.columns))}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil || object == nil {
		record.Fault, record.Raw = "n’est pas un objet JSON sur une ligne", string(text)
		return record
	}
	for i, name := range r.columns {
		raw, there := object[name]
		if there && !r.seen[name] {
			r.seen[name] = true
		}
		value, ok := scalar(raw)
		if !ok {
			record.Fault, record.Raw = fmt.Sprintf("« %s » est un objet ou une liste", name), string(text)
		}
		record.Fields[i] = value
	}
	return record
}

// scalar is the text of a JSON string, number or boolean; "" for null and for nothing. Numbers stay as they are written: an id of
// 20 digits must not go through a float.
func scalar(raw json.RawMessage) (string, bool) {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "", true
	case raw[0] == '{' || raw[0] == '[':
		return "", false
	case raw[0] == '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err == nil
	default:
		return string(raw), true
	}
}
