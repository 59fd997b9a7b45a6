package importer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"efpconnect.example/internal/importer/source"
)

// The columns that our own files add to the source's. A source that has them is one of those files, corrected: it holds part of
// the rows, and its cells are defused.
var addedColumns = []string{"import_ligne", "import_colonne", "import_motif"}

// input is a source that can be read several times.
type input struct {
	open    func() (source.Reader, error)
	partial bool // a file of ours that comes back
	csv     bool // the source is a CSV file: our files look like it
	remove  func()
}

// openInput prepares the source. What can be read only once is copied to the import's folder until close.
func (o *Options) openInput(ctx context.Context) (*input, error) {
	format := o.Format
	if format == "" {
		format = o.Profile.Format
	}
	in := &input{remove: func() {}, csv: format == "csv"}
	switch {
	case format == "sql" && o.Input != "":
		return nil, errors.New("une source SQL ne se lit pas dans un fichier : choisissez --format csv ou jsonl")
	case format == "sql":
		return in, o.copyQuery(ctx, in)
	case format != "csv" && format != "jsonl":
		return nil, fmt.Errorf("format inconnu %q", format)
	case o.Input == "":
		return nil, errors.New("il manque le fichier à lire (--input)")
	}
	path := o.Input
	if path == "-" {
		path = o.path(spoolFile)
		if err := source.SpoolBytes(path, o.Stdin); err != nil {
			return nil, fmt.Errorf("copie de l’entrée standard : %w", err)
		}
		in.remove = func() { os.Remove(path) }
	}
	in.open = func() (source.Reader, error) { return o.openFile(path, format) }
	reader, err := in.open() // so that what is plainly wrong shows at once
	if err != nil {
		in.remove()
		return nil, err
	}
	in.partial = isOurs(reader.Columns())
	return in, reader.Close()
}

func (o *Options) copyQuery(ctx context.Context, in *input) error {
	dsn := os.Getenv(o.Profile.SQL.DSNEnv)
	if dsn == "" {
		return fmt.Errorf("la variable d’environnement %s, qui donne l’adresse de la base, est vide", o.Profile.SQL.DSNEnv)
	}
	s := o.Profile.SQL
	query, err := source.NewSQL(ctx, source.SQLOptions{Driver: s.Driver, DSN: dsn, Query: s.Query, Key: s.Key})
	if err != nil {
		return err
	}
	defer query.Close()
	path := o.path(spoolFile)
	in.remove = func() { os.Remove(path) }
	if err := source.Spool(path, query); err != nil {
		in.remove()
		return err
	}
	in.open = func() (source.Reader, error) { return source.OpenSpool(path) }
	return nil
}

func (o *Options) openFile(path, format string) (source.Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	var reader source.Reader
	if format == "csv" {
		reader, err = source.NewCSV(f, f, o.Profile.CSVOptions())
	} else {
		reader, err = source.NewJSONLines(f, f, o.Profile.JSONL.Encoding, o.Profile.Columns())
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s : %w", path, err)
	}
	if isOurs(reader.Columns()) {
		return &returned{reader}, nil
	}
	return reader, nil
}

func isOurs(columns []string) bool {
	return !slices.ContainsFunc(addedColumns, func(name string) bool { return !slices.Contains(columns, name) })
}

// returned reads a file of ours that comes back: its cells are armed again.
type returned struct{ source.Reader }

func (r *returned) Next() (source.Record, error) {
	record, err := r.Reader.Next()
	for i, field := range record.Fields {
		record.Fields[i] = arm(field)
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
