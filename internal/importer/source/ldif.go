package source

import (
	"bufio"
	"cmp"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// LDIFOptions say what is wanted of a directory's export.
type LDIFOptions struct {
	Encoding string // one of Encodings; RFC 2849 has UTF-8 alone
	// ObjectClass leaves out every entry that is not of this class (organizational units, groups); "" takes them all.
	ObjectClass string
	// Columns are the attributes wanted, in any case: `mail` is the first value of the attribute, `mail[1]` the second, `dn` the entry's name.
	Columns []string
}

// ldifReader reads the entries of an LDIF file (RFC 2849), one at a time.
type ldifReader struct {
	wanted
	names   []string // of columns: the attribute, in lower case
	indexes []int    // of columns: which of its values
	class   string
	text    *bufio.Reader
	line    int64 // lines read so far
	people  int
	others  int // entries of another class
	closer  io.Closer
}

// NewLDIF reads a directory's export. A value in base64 is given as text when it is text, and as it is written when it is not: objectGUID
// alone, which directories use as an identifier, in the usual form of one. An attribute that no entry of the whole file has is an error at its
// end. It closes c when it is closed.
func NewLDIF(r io.Reader, c io.Closer, o LDIFOptions) (Reader, error) {
	text, err := Decode(r, o.Encoding)
	if err != nil {
		return nil, err
	}
	reader := &ldifReader{wanted: newWanted(o.Columns), class: o.ObjectClass, text: buffered(text), closer: c}
	for _, column := range o.Columns {
		index := 0
		name := strings.ToLower(column)
		if steps := parsePath(name); len(steps) == 2 && steps[1].name == "" {
			name, index = steps[0].name, steps[1].index
		}
		reader.names, reader.indexes = append(reader.names, name), append(reader.indexes, index)
	}
	if err := otherText(reader.text, "ldif"); err != nil {
		return nil, err
	}
	return reader, nil
}

func (r *ldifReader) Columns() []string { return r.columns }

func (r *ldifReader) Close() error { return r.closer.Close() }

func (r *ldifReader) Next() (Record, error) {
	for {
		entry, err := r.entry()
		if err == io.EOF {
			return Record{}, cmp.Or(r.nobody(), r.missing(), err)
		}
		if err != nil {
			return Record{}, err
		}
		if entry.isPerson(r.class) {
			r.people++
			return r.record(entry)
		}
		if entry.values["dn"] != nil {
			r.others++
		}
	}
}

// nobody is an error for a file that has entries and no person: its objectClass was not asked for, or is another one.
func (r *ldifReader) nobody() error {
	if r.people > 0 || r.others == 0 {
		return nil
	}
	return fmt.Errorf("%w : aucune des entrées (%d) n’est un objectClass: %s (ldif.object_class) ; "+
		"demandez objectClass dans l’export, ou nommez une autre classe", ErrUnreadable, r.others, r.class)
}

// ldifEntry is an entry: the values of each attribute.
type ldifEntry struct {
	line   int64
	raw    strings.Builder
	values map[string][]string // by the attribute in lower case, with its options
	fault  string
}

// entry reads up to the blank line that ends an entry.
func (r *ldifReader) entry() (*ldifEntry, error) {
	e := &ldifEntry{values: map[string][]string{}}
	logical, began := []byte(nil), false // the line under way, which may be folded
	for {
		text, err := r.physical()
		if err != nil && err != io.EOF {
			return nil, err
		}
		if e.raw.Len()+len(text) > MaxRecordBytes {
			return nil, unreadable(r.line, "une entrée de plus de %d octets : exportez sans les photos ni les certificats", MaxRecordBytes)
		}
		if began && strings.HasPrefix(text, " ") {
			e.raw.WriteString("\n" + text)
			logical = append(logical, text[1:]...)
			continue
		}
		if began {
			e.add(string(logical))
		}
		if text == "" && (began || err == io.EOF) {
			if e.raw.Len() == 0 {
				return nil, io.EOF
			}
			return e, nil
		}
		if began = text != ""; began {
			if e.raw.Len() > 0 {
				e.raw.WriteByte('\n')
			} else {
				e.line = r.line
			}
			e.raw.WriteString(text)
			logical = append(logical[:0], text...)
		}
	}
}

// physical gives a line of the file without its end; io.EOF comes with "" alone.
func (r *ldifReader) physical() (string, error) {
	var whole []byte
	for {
		part, err := r.text.ReadSlice('\n')
		whole = append(whole, part...)
		switch {
		case len(whole) > MaxRecordBytes:
			return "", unreadable(r.line+1, "plus de %d octets", MaxRecordBytes)
		case err == bufio.ErrBufferFull:
		case err == io.EOF && len(whole) == 0, err != nil && err != io.EOF:
			return "", err
		default:
			r.line++
			return strings.TrimSuffix(strings.TrimSuffix(string(whole), "\n"), "\r"), nil
		}
	}
}

// add takes one line: an attribute and a value.
func (e *ldifEntry) add(line string) {
	if strings.HasPrefix(line, "#") {
		return
	}
	name, value, ok := strings.Cut(line, ":")
	if !ok || name == "" || strings.HasPrefix(name, " ") {
		e.fault = cmp.Or(e.fault, "a une ligne sans attribut")
		return
	}
	name = strings.ToLower(name)
	switch {
	case strings.HasPrefix(value, ":"):
		bytes, err := base64.StdEncoding.DecodeString(strings.TrimSpace(value[1:]))
		if err != nil {
			e.fault = cmp.Or(e.fault, "« "+name+" » n’est pas du base64 bien écrit")
			return
		}
		value = ldifText(name, bytes)
	case strings.HasPrefix(value, "<"):
		value = "" // a file on the directory's machine
	default:
		value = strings.TrimLeft(value, " ")
	}
	e.values[name] = append(e.values[name], value)
}

// ldifText is what the bytes of a value say.
func ldifText(name string, bytes []byte) string {
	if id, err := uuid.FromBytes(bytes); err == nil && name == "objectguid" {
		// Microsoft writes the first three parts of it with the lowest byte first.
		slices.Reverse(id[0:4])
		slices.Reverse(id[4:6])
		slices.Reverse(id[6:8])
		return id.String()
	}
	if text := string(bytes); utf8.Valid(bytes) && !strings.ContainsFunc(text, isBinary) {
		return text
	}
	return base64.StdEncoding.EncodeToString(bytes)
}

func isBinary(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }

// isPerson leaves out what is no entry (the version of the file, comments, the result that ldapsearch writes at the end), and entries of
// other classes.
func (e *ldifEntry) isPerson(class string) bool {
	switch {
	case e.fault != "":
		return true
	case e.values["dn"] == nil:
		for _, aside := range []string{"version", "search", "result"} {
			delete(e.values, aside)
		}
		return len(e.values) > 0
	}
	return class == "" || slices.ContainsFunc(e.values["objectclass"], func(v string) bool { return strings.EqualFold(v, class) })
}

func (r *ldifReader) record(e *ldifEntry) (Record, error) {
	record := Record{Line: e.line, Fields: make([]string, len(r.columns)), Fault: e.fault}
	if change := e.values["changetype"]; len(change) > 0 && change[0] != "add" {
		return Record{}, unreadable(e.line, "c’est un LDIF de modifications (changetype: %.20s) : exportez les entrées elles-mêmes, avec ldapsearch ou slapcat", change[0])
	}
	r.rows = true
	found := false
	for i, name := range r.names {
		values := e.values[name]
		if len(values) > r.indexes[i] {
			record.Fields[i] = values[r.indexes[i]]
			r.seen[i], found = true, true
		}
	}
	switch {
	case record.Fault != "":
	case e.values["dn"] == nil:
		record.Fault = "est une entrée sans dn"
	case !found && len(r.columns) > 0:
		record.Fault = "n’a aucun des attributs que nomme le profil"
	}
	if record.Fault != "" {
		record.Raw = e.raw.String()
	}
	return record, nil
}
