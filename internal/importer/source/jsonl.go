package source

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
)

// jsonLines reads JSON Lines: one object a line. A line that is none costs itself alone.
type jsonLines struct {
	lines   *bufio.Scanner
	line    int64
	members *members
	closer  io.Closer
}

func newJSONLines(text io.Reader, c io.Closer, m *members) *jsonLines {
	lines := bufio.NewScanner(text)
	lines.Buffer(make([]byte, 0, 64<<10), MaxRecordBytes)
	return &jsonLines{lines: lines, members: m, closer: c}
}

func (r *jsonLines) Columns() []string { return r.members.columns }

func (r *jsonLines) Close() error { return r.closer.Close() }

func (r *jsonLines) Next() (Record, error) {
	for r.lines.Scan() {
		r.line++
		if text := bytes.TrimSpace(r.lines.Bytes()); len(text) > 0 {
			return r.members.record(r.line, text), nil
		}
	}
	err := r.lines.Err()
	switch {
	case err == nil:
		return Record{}, cmp.Or(r.members.missing(), io.EOF)
	case errors.Is(err, bufio.ErrTooLong):
		return Record{}, unreadable(r.line+1, "plus de %d octets", MaxRecordBytes)
	case errors.Is(err, ErrUnreadable):
		return Record{}, err
	default:
		return Record{}, fmt.Errorf("%w : %w", ErrUnreadable, err)
	}
}
