package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"regexp"
	"strings"
)

// jsonStream reads JSON whose objects lie over any lines. It holds one of them at a time.
type jsonStream struct {
	decoder *json.Decoder
	window  *window
	members *members
	path    []string
	list    bool // the file is a list

	next  func() (Record, error, bool)
	stop  func()
	found bool     // the path led to a list
	lists []string // members of the outermost object that are lists, when the path leads nowhere
	c     io.Closer
}

func newJSONStream(text io.Reader, c io.Closer, m *members, path string, list bool) *jsonStream {
	s := &jsonStream{window: newWindow(text), members: m, list: list, c: c}
	s.decoder = json.NewDecoder(s.window)
	if path != "" {
		s.path = strings.Split(path, ".")
	}
	s.next, s.stop = iter.Pull2(s.all)
	return s
}

func (s *jsonStream) Columns() []string { return s.members.columns }

func (s *jsonStream) Close() error {
	s.stop()
	return s.c.Close()
}

func (s *jsonStream) Next() (Record, error) {
	record, err, more := s.next()
	if !more {
		return Record{}, io.EOF
	}
	return record, err
}

// all gives every row, and the error that ends them.
func (s *jsonStream) all(yield func(Record, error) bool) {
	err := s.walk(func(r Record) error {
		if !yield(r, nil) {
			return errStopped
		}
		return nil
	})
	if err == nil {
		err = s.members.missing()
	}
	if err != nil && err != errStopped {
		yield(Record{}, s.said(err))
	}
}

// errStopped ends a walk whose rows nobody wants any more.
var errStopped = errors.New("closed")

// said puts an error of the decoder in words.
func (s *jsonStream) said(err error) error {
	line := s.window.pass(s.decoder.InputOffset())
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, ErrUnreadable):
		return err
	case errors.As(err, &syntax):
		return unreadable(s.window.pass(syntax.Offset), "JSON mal écrit à partir d’ici")
	case errors.Is(err, errTooLong):
		return unreadable(line, "un objet de plus de %d octets ; si les personnes sont une liste dans cet objet, nommez-la dans json.path", MaxRecordBytes)
	case err == io.EOF, err == io.ErrUnexpectedEOF:
		return unreadable(s.window.pass(s.window.read), "le fichier JSON s’arrête avant sa fin : il est coupé")
	}
	return unreadable(line, "JSON mal écrit à partir d’ici")
}

// walk goes over the whole file.
func (s *jsonStream) walk(row func(Record) error) error {
	for first := true; ; first = false {
		s.window.pass(s.decoder.InputOffset())
		var err error
		switch {
		case len(s.path) > 0:
			err = s.descend(s.path, row, true)
		case s.list && first:
			if _, err = s.token(); err == nil {
				err = s.elements(row)
			}
		case s.list:
			if _, err = s.token(); err == nil {
				return unreadable(s.window.line, "du texte suit la fin de la liste")
			}
		default:
			err = s.object(row)
		}
		if err == io.EOF { // between two values
			break
		}
		if err != nil {
			return err
		}
	}
	if len(s.path) > 0 && !s.found {
		return s.noList()
	}
	return nil
}

// descend follows the path from the value that comes next. A list on the way is followed into each element.
func (s *jsonStream) descend(path []string, row func(Record) error, outermost bool) error {
	token, err := s.token()
	if err != nil {
		return err
	}
	switch {
	case token == json.Delim('['):
		for s.decoder.More() {
			if err := s.inside(s.descend(path, row, outermost)); err != nil {
				return err
			}
		}
		_, err = s.token()
	case token == json.Delim('{'):
		for s.decoder.More() {
			if err := s.inside(s.member(path, row, outermost)); err != nil {
				return err
			}
		}
		_, err = s.token()
	}
	return s.inside(err)
}

// member reads one member of an object on the path.
func (s *jsonStream) member(path []string, row func(Record) error, outermost bool) error {
	name, err := s.token()
	if err != nil {
		return err
	}
	if name != path[0] {
		return s.skip(name.(string), outermost)
	}
	if len(path) > 1 {
		return s.descend(path[1:], row, false)
	}
	token, err := s.token()
	switch {
	case err != nil:
		return err
	case token != json.Delim('['):
		return unreadable(s.window.pass(s.decoder.InputOffset()), "« %s » n’est pas une liste", strings.Join(s.path, "."))
	}
	s.found = true
	return s.elements(row)
}

// elements gives the rows of a list that is open.
func (s *jsonStream) elements(row func(Record) error) error {
	for s.decoder.More() {
		if err := s.inside(s.object(row)); err != nil {
			return err
		}
	}
	_, err := s.token()
	return s.inside(err)
}

// object reads a whole value and gives its row.
func (s *jsonStream) object(row func(Record) error) error {
	var text json.RawMessage
	if err := s.decoder.Decode(&text); err != nil {
		return err
	}
	line := s.window.pass(s.decoder.InputOffset() - int64(len(text)))
	if len(text) > MaxRecordBytes {
		return errTooLong
	}
	return row(s.members.record(line, bytes.TrimSpace(text)))
}

// skip passes over a member that is not wanted, in pieces: it may be most of the file.
func (s *jsonStream) skip(name string, outermost bool) error {
	for depth, first := 0, true; first || depth > 0; first = false {
		token, err := s.token()
		if err != nil {
			return err
		}
		if first && outermost && token == json.Delim('[') && plainMember.MatchString(name) && len(s.lists) < 20 {
			s.lists = append(s.lists, name)
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
}

// plainMember is the name of a list, and hardly anything about a person.
var plainMember = regexp.MustCompile(`^[A-Za-z_][A-Za-z_-]{0,39}$`)

func (s *jsonStream) noList() error {
	others := "il n’en a aucune"
	if len(s.lists) > 0 {
		others = "il a : " + strings.Join(s.lists, ", ")
	}
	return unreadable(1, "le fichier n’a pas de liste « %s » (json.path) ; %s", strings.Join(s.path, "."), others)
}

func (s *jsonStream) token() (json.Token, error) {
	token, err := s.decoder.Token()
	s.window.pass(s.decoder.InputOffset())
	return token, err
}

// inside tells an end of file in the middle of a value from one between two.
func (s *jsonStream) inside(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
