package source

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// JSONOptions say how a JSON file is written, and what is wanted of it.
type JSONOptions struct {
	Encoding string // one of Encodings
	// Path leads to the list of people: "users", "export.users"; "" when the file is the list, or one object after the other. A list on the
	// way is followed into each of its objects.
	Path string
	// Columns are the members wanted, each by its name or its path.
	Columns []string
	// Whole are those of Columns that may be objects or lists: they are given as JSON text.
	Whole []string
}

// NewJSON reads people from JSON of any layout: an object a line, objects one after the other, a list, or a list in an object. Members
// that are not wanted are left out, as is the absence of one that is (""); one that no object of the whole file has is an error at its
// end. It closes c when it is closed.
func NewJSON(r io.Reader, c io.Closer, o JSONOptions) (Reader, error) {
	text, err := Decode(r, o.Encoding)
	if err != nil {
		return nil, err
	}
	buffered := bufio.NewReaderSize(text, peekBytes)
	if err := otherText(buffered, "json"); err != nil {
		return nil, err
	}
	head, err := buffered.Peek(peekBytes)
	if err != nil && err != io.EOF && len(head) == 0 {
		return nil, err
	}
	m := newMembers(o.Columns, o.Whole)
	start := bytes.TrimSpace(head)
	switch {
	case o.Path != "" && len(start) == 0:
		return nil, fmt.Errorf("%w : le fichier est vide", ErrUnreadable)
	case o.Path == "" && len(start) > 0 && start[0] == '{' && m.listsInstead(start) != "":
		return nil, unreadable(1, "le fichier est un objet qui contient des listes (%s) : nommez celle des personnes dans json.path", m.listsInstead(start))
	case o.Path == "" && (len(start) == 0 || start[0] == '{' && lineByLine(head)):
		return newJSONLines(buffered, c, m), nil
	}
	return newJSONStream(buffered, c, m, o.Path, start[0] == '['), nil
}

// lineByLine tells from the beginning of a file whether each line is an object. The first line may be badly written: the file is taken
// for another layout only when an object begins there and soundly goes on over several lines, or beyond what is known of the file.
func lineByLine(head []byte) bool {
	first, _, more := bytes.Cut(bytes.TrimLeft(head, " \t\r\n"), []byte{'\n'})
	if json.Valid(first) {
		return true
	}
	err := json.NewDecoder(bytes.NewReader(head)).Decode(new(json.RawMessage))
	wrong, cut := err != nil, err == io.ErrUnexpectedEOF
	return wrong && !cut || cut && more && len(head) < peekBytes
}

// listsInstead names the lists of objects in the object that begins a file, when it has no member that is wanted: the people are in
// one of them.
func (m *members) listsInstead(head []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(head))
	decoder.Token()
	var lists []string
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			break
		}
		name, _ := token.(string)
		if slices.Contains(m.names, norm.NFC.String(name)) ||
			slices.ContainsFunc(m.paths, func(p []step) bool { return p[0].name == name }) {
			return ""
		}
		at := bytes.TrimLeft(head[decoder.InputOffset():], ": \t\r\n")
		if plainMember.MatchString(name) && bytes.HasPrefix(at, []byte{'['}) && bytes.HasPrefix(bytes.TrimSpace(at[1:]), []byte{'{'}) {
			lists = append(lists, name)
		}
		if decoder.Decode(new(json.RawMessage)) != nil {
			break
		}
	}
	return strings.Join(lists, ", ")
}
