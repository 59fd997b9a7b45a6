package importer

import (
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/source"
)

// The columns that our own files add to the source's: line, column, reason, and of a row that could not be read the line as it came. A
// source that has the first three is one of those files, corrected: it holds part of the rows, and its cells are escaped.
const (
	lineColumn   = "import_ligne"
	faultColumn  = "import_colonne"
	reasonColumn = "import_motif"
	rawColumn    = "import_brut"
)

var addedColumns = []string{lineColumn, faultColumn, reasonColumn, rawColumn}

func isAdded(column string) bool { return slices.Contains(addedColumns, column) }

func isOurs(columns []string) bool {
	return slices.Contains(columns, lineColumn) && slices.Contains(columns, faultColumn) && slices.Contains(columns, reasonColumn)
}

// reimportOptions tells whether a file is one of ours, and how it is written now: each spreadsheet saves it its own way, with
// another delimiter, without the byte order mark, or in Windows-1252.
func (o *Options) reimportOptions(path string) (options source.CSVOptions, ours bool, err error) {
	for _, delimiter := range []string{string(o.Profile.OwnDelimiter()), ";", ",", "\t"} {
		columns, err := titles(path, delimiter)
		if err != nil {
			return options, false, err
		}
		if isOurs(columns) {
			options = source.CSVOptions{Delimiter: delimiter, LazyQuotes: o.Profile.CSV.LazyQuotes}
			options.Encoding, err = reimportEncoding(path)
			return options, true, err
		}
	}
	return options, false, nil
}

// titles are the columns of a file, in which letters beyond ASCII may be wrong; none when it does not begin like a CSV file: what is wrong
// with it is for its reader to say.
func titles(path, delimiter string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	reader, err := source.NewCSV(f, f, source.CSVOptions{Delimiter: delimiter, Encoding: "iso-8859-1"})
	if err != nil {
		return nil, nil
	}
	return reader.Columns(), nil
}

// reimportEncoding is UTF-8, as we write, unless the file is not.
func reimportEncoding(path string) (string, error) {
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

// reimport reads a file of ours that comes back: its cells are unescaped, and its rows have the lines of the source.
type reimport struct {
	source.Reader
	line, reason int // indexes of columns
	raw          int // -1 in a file without
}

func openReimport(path string, options source.CSVOptions) (source.Reader, error) {
	inner, err := source.Open(path, source.Options{Format: "csv", CSV: options})
	if err != nil {
		return nil, err
	}
	at := func(column string) int { return slices.Index(inner.Columns(), column) }
	return &reimport{inner, at(lineColumn), at(reasonColumn), at(rawColumn)}, nil
}

func (r *reimport) Next() (source.Record, error) {
	record, err := r.Reader.Next()
	for i, field := range record.Fields {
		record.Fields[i] = unescape(field)
	}
	if err != nil || record.Fault != "" { // its cells may have shifted: what stands under the line may be a telephone number
		return record, err
	}
	if line, err := strconv.ParseInt(record.Fields[r.line], 10, 64); err == nil && line > 0 {
		record.Line = line
	}
	r.uncorrected(&record)
	return record, nil
}

// uncorrected marks a row that could not be read and that nobody has said to be right since: its cells are pieces of a line.
func (r *reimport) uncorrected(record *source.Record) {
	switch {
	case r.raw >= 0 && strings.TrimSpace(record.Fields[r.raw]) != "":
		record.Raw = record.Fields[r.raw]
		record.Fault = rawColumn + " n’est pas vide"
	case r.raw < 0 && strings.HasPrefix(record.Fields[r.reason], profile.Sentence(profile.CodeColumns)):
		record.Raw = strings.Join(record.Fields, ";")
		record.Fault = reasonColumn + " n’est pas vide"
	}
}

// dangerous are the first characters that make a spreadsheet take a cell for a formula.
const dangerous = "=+-@\t\r"

// escape keeps a spreadsheet from executing a cell (OWASP "CSV injection"). unescape is its inverse.
func escape(cell string) string {
	if cell != "" && (strings.ContainsRune(dangerous, rune(cell[0])) || cell[0] == '\'') {
		return "'" + cell
	}
	return cell
}

func unescape(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && rest != "" && (strings.ContainsRune(dangerous, rune(rest[0])) || rest[0] == '\'') {
		return rest
	}
	return cell
}
