package source

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// CSVOptions say how a CSV file is written.
type CSVOptions struct {
	Delimiter string // ";" in French exports; "" stands for it
	Encoding  string // one of Encodings
	// Quote is the character around fields, `"` by default, or QuoteNone for a file that has none.
	Quote string
	// Escape is the character that makes the next one plain text, as MySQL and PostgreSQL write it; "" for none.
	Escape string
	// LazyQuotes accepts a quote in the middle of a field, as some old exports write them.
	LazyQuotes bool
	// Columns are the titles of a file that has no line of them.
	Columns []string

	trusted bool // a copy that we wrote
}

// QuoteNone is the Quote of a file in which quotes are letters like others.
const QuoteNone = "none"

// csvReader reads a CSV file.
type csvReader struct {
	read      func() ([]string, error) // the next record
	lines     *lines
	delimiter string
	columns   []string
	trusted   bool
	refused   []line // of the last record, still to be given as rows with a fault
	fault     string // theirs
	closer    io.Closer
}

// NewCSV reads a CSV file; it closes c when it is closed. The first line names the columns, unless the options do.
//
// A stray quote must cost its own line alone, not the people after it; and text that somebody wrote in a field must never become
// another person's row. When quotes are wrong, the first line of the record is a row with a fault, and the reading goes on at the
// second. When they are right and yet the record, over several lines, has not the columns of the titles or may have swallowed rows, each of
// its lines is a row with a fault: none is read as a person, none is lost. Other records over several lines are rows.
func NewCSV(r io.Reader, c io.Closer, o CSVOptions) (Reader, error) {
	text, err := Decode(r, o.Encoding)
	if err != nil {
		return nil, err
	}
	reader := &csvReader{
		lines:     &lines{text: buffered(text), trusted: o.trusted},
		delimiter: cmp.Or(o.Delimiter, ";"),
		trusted:   o.trusted,
		closer:    c,
	}
	if !o.trusted {
		if err := otherText(reader.lines.text, "csv"); err != nil {
			return nil, err
		}
		reader.announced()
	}
	reader.read = o.parser(reader.lines, reader.delimiter)
	begin := reader.header
	if len(o.Columns) > 0 {
		reader.columns, begin = titles(o.Columns), reader.untitled
	}
	if err := begin(); err != nil {
		return nil, err
	}
	return reader, nil
}

// parser reads records: encoding/csv where it can, our own for what it does not know.
func (o CSVOptions) parser(lines *lines, delimiter string) func() ([]string, error) {
	quote := cmp.Or(o.Quote, `"`)
	if utf8.RuneCountInString(delimiter) > 1 || quote != `"` || o.Escape != "" {
		d := &dialect{lines: lines, delimiter: delimiter, quote: quote, escape: o.Escape, lazy: o.LazyQuotes}
		if quote == QuoteNone {
			d.quote = ""
		}
		return d.read
	}
	reader := csv.NewReader(lines)
	reader.Comma, _ = utf8.DecodeRuneInString(delimiter)
	reader.LazyQuotes = o.LazyQuotes
	reader.FieldsPerRecord = -1 // counted here, so that a short row is rejected alone
	return reader.Read
}

// announced takes the line "sep=;" that begins some files at its word: a spreadsheet reads the delimiter there.
func (r *csvReader) announced() {
	start, _ := r.lines.text.Peek(16)
	line, _, whole := bytes.Cut(start, []byte{'\n'})
	name := strings.Trim(strings.TrimRight(string(line), "\r"), `"`)
	if delimiter, ok := strings.CutPrefix(strings.ToLower(name), "sep="); ok && whole && utf8.RuneCountInString(delimiter) == 1 {
		r.delimiter = delimiter
		r.lines.text.Discard(len(line) + 1)
		r.lines.number = 1
	}
}

// header reads the line of titles.
func (r *csvReader) header() error {
	header, err := r.read()
	switch {
	case err == io.EOF:
		return fmt.Errorf("%w : fichier vide, sans ligne de titres", ErrUnreadable)
	case errors.Is(err, ErrUnreadable):
		return err
	case err != nil, r.lines.ended, !r.trusted && swallowed(r.lines.taken(), r.delimiter, len(header)):
		return unreadable(1, "ligne de titres mal écrite")
	case len(header) > MaxColumns:
		return unreadable(1, "plus de %d colonnes", MaxColumns)
	}
	r.columns = titles(header)
	return nil
}

// untitled refuses a file that has titles where it was said to have none: they would be a person.
func (r *csvReader) untitled() error {
	r.lines.begin()
	first, err := r.read()
	r.lines.at, r.lines.rest, r.lines.ended = r.lines.first, nil, false // to be read again as a row
	switch {
	case errors.Is(err, ErrUnreadable):
		return err
	case err == nil && slices.Equal(titles(first), r.columns):
		return unreadable(1, "le fichier commence par les titres des colonnes : retirez csv.columns du profil")
	}
	return nil
}

// titles are names of columns as they are compared: without spaces around them, in Unicode form C.
func titles(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = norm.NFC.String(strings.TrimSpace(name))
	}
	return out
}

func (r *csvReader) Columns() []string { return r.columns }

func (r *csvReader) Close() error { return r.closer.Close() }

func (r *csvReader) Next() (Record, error) {
	if len(r.refused) > 0 {
		return r.refuse(), nil
	}
	r.lines.begin()
	fields, err := r.read()
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
	taken, short := r.lines.taken(), len(fields) != len(r.columns)
	switch {
	case r.trusted && (wrong || short):
		return Record{}, unreadable(taken[0].number, "la copie de la source est abîmée")
	case wrong:
		r.refused, r.fault = taken[:1], "guillemets mal placés"
		r.lines.again()
	case short:
		r.refused, r.fault = taken, fmt.Sprintf("%d colonnes au lieu de %d", len(fields), len(r.columns))
	case !r.trusted && swallowed(taken, r.delimiter, len(r.columns)):
		r.refused, r.fault = taken, "un champ entre guillemets contient des lignes qui ressemblent à d’autres lignes du fichier"
	default:
		return Record{Line: taken[0].number, Fields: fields}, nil
	}
	return r.refuse(), nil
}

// refuse gives the next line that is a row with a fault. Blank ones are no rows, here as elsewhere.
func (r *csvReader) refuse() Record {
	raw := r.refused[0].raw()
	record := Record{Line: r.refused[0].number, Raw: raw, Fields: strings.Split(raw, r.delimiter), Fault: r.fault}
	r.refused = r.refused[1:]
	for len(r.refused) > 0 && r.refused[0].raw() == "" {
		r.refused = r.refused[1:]
	}
	return record
}

// swallowed tells that a record may hold other rows between its quotes: one of its lines beyond the first has the delimiters of a
// whole row, and an address, which every account has. A first line without a delimiter is the beginning of a first column.
func swallowed(record []line, delimiter string, columns int) bool {
	d := []byte(delimiter)
	if !bytes.Contains(record[0].text, d) {
		return false
	}
	return slices.ContainsFunc(record[1:], func(l line) bool {
		return bytes.Count(l.text, d) >= columns-1 && bytes.IndexByte(l.text, '@') >= 0
	})
}
