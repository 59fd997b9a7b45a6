package sitetest

import (
	"bytes"
	"encoding/json"
	"strings"
)

// entry is one line of a log, as the fields that its bytes belong to: where each ends, in order.
type entry []field

type field struct {
	end  int
	path string
}

const noEntry = "no entry"

// readEntry reads a line of JSON; any other line is one field, noEntry.
func readEntry(line []byte) entry {
	r := entryReader{decoder: json.NewDecoder(bytes.NewReader(line))}
	if !json.Valid(line) || r.value("") != nil {
		return entry{{len(line), noEntry}}
	}
	return r.read
}

// fieldAt is the field that a byte of the line belongs to.
func (e entry) fieldAt(at int) string {
	for _, f := range e {
		if at < f.end {
			return f.path
		}
	}
	return noEntry
}

type entryReader struct {
	decoder *json.Decoder
	read    entry
}

func (r *entryReader) token(path string) (json.Token, error) {
	token, err := r.decoder.Token()
	r.read = append(r.read, field{int(r.decoder.InputOffset()), path})
	return token, err
}

// value reads one value and all that is in it. A list's values have its path, a name has its value's.
func (r *entryReader) value(path string) error {
	token, err := r.token(path)
	if err != nil {
		return err
	}
	kind, nested := token.(json.Delim)
	for nested && r.decoder.More() {
		inner := path
		if kind == '{' {
			at := len(r.read)
			name, err := r.token(path)
			if err != nil {
				return err
			}
			inner = strings.TrimPrefix(path+"."+name.(string), ".")
			r.read[at].path = inner
		}
		if err := r.value(inner); err != nil {
			return err
		}
	}
	if nested {
		_, err = r.token(path)
	}
	return err
}
