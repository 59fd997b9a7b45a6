package source

import (
	"encoding/csv"
	"io"
	"strings"
)

// dialect reads the records that encoding/csv does not know: a delimiter of several characters, another quote or none, and backslashes
// before what is plain text. Quotes are doubled inside quotes, as everywhere.
type dialect struct {
	lines     *lines
	delimiter string
	quote     string // "" for none
	escape    string // "" for none
	lazy      bool

	rest string // of the line under way
}

// errQuote is a quote that is opened, closed or left where it cannot be. The caller tells a csv.ParseError from an error of the file.
var errQuote = &csv.ParseError{Err: csv.ErrQuote}

// read gives the next record; io.EOF after the last one.
func (d *dialect) read() (fields []string, err error) {
	if d.rest, err = d.lines.line(); err != nil {
		return nil, err
	}
	for {
		field, last, err := d.field()
		if err == io.EOF {
			return fields, errQuote // the file ends inside a field
		}
		if err != nil {
			return fields, err
		}
		if fields = append(fields, field); last {
			return fields, nil
		}
	}
}

// field reads up to the next delimiter, or to the end of the record.
func (d *dialect) field() (field string, last bool, err error) {
	if d.quote != "" && strings.HasPrefix(d.rest, d.quote) {
		return d.quoted()
	}
	if null := d.escape + "N"; d.escape != "" && strings.HasPrefix(d.rest, null) && d.endsAt(len(null)) {
		d.rest = d.rest[len(null):]
		return "", d.passed(), nil
	}
	var b strings.Builder
	for {
		switch {
		case d.endsAt(0):
			return b.String(), d.passed(), nil
		case d.escape != "" && strings.HasPrefix(d.rest, d.escape):
			if err := d.escaped(&b); err != nil {
				return "", false, err
			}
		case d.quote != "" && strings.HasPrefix(d.rest, d.quote) && !d.lazy:
			return "", false, errQuote
		default:
			b.WriteByte(d.rest[0])
			d.rest = d.rest[1:]
		}
	}
}

// quoted reads a field between quotes, which may go over lines.
func (d *dialect) quoted() (field string, last bool, err error) {
	d.rest = d.rest[len(d.quote):]
	var b strings.Builder
	for {
		switch {
		case d.rest == "":
			b.WriteByte('\n')
			if d.rest, err = d.lines.line(); err != nil {
				return "", false, err
			}
		case d.escape != "" && d.escape != d.quote && strings.HasPrefix(d.rest, d.escape):
			if err := d.escaped(&b); err != nil {
				return "", false, err
			}
		case !strings.HasPrefix(d.rest, d.quote):
			b.WriteByte(d.rest[0])
			d.rest = d.rest[1:]
		case strings.HasPrefix(d.rest[len(d.quote):], d.quote):
			b.WriteString(d.quote)
			d.rest = d.rest[2*len(d.quote):]
		case d.endsAt(len(d.quote)):
			d.rest = d.rest[len(d.quote):]
			return b.String(), d.passed(), nil
		case d.lazy:
			b.WriteString(d.quote)
			d.rest = d.rest[len(d.quote):]
		default:
			return "", false, errQuote
		}
	}
}

// escapes are the characters that stand for another one after a backslash; any other stands for itself.
var escapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', '0': 0, 'b': '\b', 'f': '\f', 'v': '\v', 'Z': 26}

// escaped takes an escape and what follows it. At the end of a line it is the line end that is plain text.
func (d *dialect) escaped(b *strings.Builder) (err error) {
	d.rest = d.rest[len(d.escape):]
	if d.rest == "" {
		b.WriteByte('\n')
		d.rest, err = d.lines.line()
		return err
	}
	next := d.rest[0]
	if plain, ok := escapes[next]; ok && d.escape == `\` {
		next = plain
	}
	b.WriteByte(next)
	d.rest = d.rest[1:]
	return nil
}

// endsAt tells whether a field that is at bytes long ends there.
func (d *dialect) endsAt(at int) bool {
	return len(d.rest) == at || strings.HasPrefix(d.rest[at:], d.delimiter)
}

// passed goes past the delimiter after a field; it tells whether there is none, and the record is over.
func (d *dialect) passed() (last bool) {
	if d.rest == "" {
		return true
	}
	d.rest = d.rest[len(d.delimiter):]
	return false
}
