package importer

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"efpconnect.example/internal/importer/source"
)

// The columns that our own files add to the source's: line, column, reason. A source that has them is one of those files, corrected:
// it holds part of the rows, and its cells are defused.
var addedColumns = []string{"import_ligne", "import_colonne", "import_motif"}

func isAdded(column string) bool { return slices.Contains(addedColumns, column) }

func isOurs(columns []string) bool {
	return !slices.ContainsFunc(addedColumns, func(name string) bool { return !slices.Contains(columns, name) })
}

// returnedOptions tells whether a file is one of ours, and how it is written now: each spreadsheet saves it its own way, with
// another delimiter, without the byte order mark, or in Windows-1252.
func (o *Options) returnedOptions(path string) (options source.CSVOptions, ours bool, err error) {
	options = o.Profile.CSVOptions()
	header, err := firstLine(path)
	if err != nil {
		return options, false, err
	}
	for _, delimiter := range []rune{options.Delimiter, ';', ',', '\t'} {
		reader := csv.NewReader(strings.NewReader(header))
		reader.Comma = delimiter
		if columns, err := reader.Read(); err == nil && isOurs(columns) {
			options.Delimiter = delimiter
			options.Encoding, err = returnedEncoding(path)
			return options, true, err
		}
	}
	return options, false, nil
}

// firstLine is the beginning of a file, of which letters beyond ASCII may be wrong; "" when it is no text.
func firstLine(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := source.Decode(f, "iso-8859-1")
	if err != nil {
		return "", nil // what it is wrong with is for its reader to say
	}
	line, err := bufio.NewReader(io.LimitReader(text, 64<<10)).ReadString('\n')
	if err != nil && line == "" {
		return "", nil
	}
	return line, nil
}

// returnedEncoding is UTF-8, as we write, unless the file is not.
func returnedEncoding(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := source.Decode(f, "utf-8")
	if err == nil {
		_, err = io.Copy(io.Discard, text)
	}
	if errors.Is(err, source.ErrUnreadable) {
		return "windows-1252", nil
	}
	return "utf-8", err
}

// returned reads a file of ours that comes back: its cells are armed again, and its rows have the lines of the source.
type returned struct {
	source.Reader
	line int // index of the column of the line
}

func newReturned(f *os.File, options source.CSVOptions) (source.Reader, error) {
	inner, err := source.NewCSV(f, f, options)
	if err != nil {
		return nil, err
	}
	return &returned{inner, slices.Index(inner.Columns(), addedColumns[0])}, nil
}

func (r *returned) Next() (source.Record, error) {
	record, err := r.Reader.Next()
	for i, field := range record.Fields {
		record.Fields[i] = arm(field)
	}
	if r.line < len(record.Fields) {
		if line, err := strconv.ParseInt(record.Fields[r.line], 10, 64); err == nil && line > 0 {
			record.Line = line
		}
	}
	return record, err
}

// dangerous are the first characters that make a spreadsheet take a cell for a formula.
const dangerous = "=+-@\t\r"

// defuse keeps a spreadsheet from executing a cell (OWASP "CSV injection"). arm is its inverse.
func defuse(cell string) string {
	if cell != "" && (strings.ContainsRune(dangerous, rune(cell[0])) || cell[0] == '\'') {
		return "'" + cell
	}
	return cell
}

func arm(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && rest != "" && (strings.ContainsRune(dangerous, rune(rest[0])) || rest[0] == '\'') {
		return rest
	}
	return cell
}
