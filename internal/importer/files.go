package importer

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/source"
)

// files writes the rows that somebody has to look at, and returns the names of the files that hold any. A file of an earlier run
// that would be empty now is removed.
func (r *run) files(ctx context.Context) ([]string, error) {
	reader, err := r.in.open()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	out := &remarkFiles{run: r, columns: reader.Columns(), files: map[string]*outFile{}}
	if err := out.fill(ctx, reader); err != nil {
		return nil, errors.Join(err, out.close(false))
	}
	if !r.in.partial {
		if err := out.disappeared(ctx); err != nil {
			return nil, errors.Join(err, out.close(false))
		}
	}
	names := []string{}
	for _, name := range []string{RejectedFile, ConflictsFile, KeptFile, DisappearedFile} {
		if out.files[name] != nil {
			names = append(names, out.name(name))
		} else {
			os.Remove(out.name(name))
		}
	}
	return names, out.close(true)
}

// remarkFiles are the files being written.
type remarkFiles struct {
	*run
	columns []string // of the source
	files   map[string]*outFile
}

// outFile is written beside its name and takes its place when it is whole.
type outFile struct {
	file *os.File
	csv  *csv.Writer
	name string
}

// name is where a file goes. A corrected file that came back leaves those of the whole source alone, itself among them.
func (f *remarkFiles) name(name string) string {
	if f.in.partial {
		name = strings.TrimSuffix(name, ".csv") + "-run" + strconv.Itoa(f.current.Number) + ".csv"
	}
	return f.path(name)
}

func (f *remarkFiles) file(name string, header []string) (*outFile, error) {
	if open := f.files[name]; open != nil {
		return open, nil
	}
	file, err := source.CreateFile(f.name(name) + ".new")
	if err != nil {
		return nil, err
	}
	// So that spreadsheets, and our own reader, take it for UTF-8.
	if _, err := file.WriteString("\ufeff"); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	w := csv.NewWriter(file)
	w.Comma = f.Profile.OwnDelimiter()
	f.files[name] = &outFile{file: file, csv: w, name: f.name(name)}
	return f.files[name], w.Write(header)
}

// fill walks the source beside the journal's remarks.
func (f *remarkFiles) fill(ctx context.Context, reader source.Reader) error {
	var at, last int64
	for {
		remarks, err := f.journal.Remarks(ctx, last, todoPage)
		if err != nil || len(remarks) == 0 {
			return err
		}
		for _, remark := range remarks {
			last = remark.Number
			var record source.Record
			for ; at < remark.Number; at++ {
				if record, err = reader.Next(); errors.Is(err, io.EOF) {
					return ErrSourceChanged
				} else if err != nil {
					return err
				}
			}
			if err := f.remark(record, remark); err != nil {
				return err
			}
		}
		f.progress.read(int(at))
	}
}

func (f *remarkFiles) remark(record source.Record, remark journal.Remark) error {
	name := RejectedFile
	switch remark.Outcome {
	case journal.Conflict:
		name = ConflictsFile
	case journal.Already:
		name = KeptFile
	}
	var header []string
	for _, column := range f.columns {
		if !isAdded(column) {
			header = append(header, column)
		}
	}
	file, err := f.file(name, append(header, addedColumns...))
	if err != nil {
		return err
	}
	row := f.cells(record)
	reason := profile.Sentence(remark.Reason)
	if record.Fault != "" {
		reason += " (" + record.Fault + ") Corrigez les cellules, puis videz " + rawColumn + "."
	}
	return file.csv.Write(append(row, strconv.FormatInt(remark.Line, 10), escape(remark.Column), reason, escape(record.Raw)))
}

// cells are a row's own, one for each column. What is beyond the columns stays in the last one: nothing of the row may be lost.
func (f *remarkFiles) cells(record source.Record) []string {
	var row []string
	for i, column := range f.columns {
		switch {
		case isAdded(column):
		case i < len(record.Fields):
			row = append(row, record.Fields[i])
		default:
			row = append(row, "")
		}
	}
	if extra := len(record.Fields) - len(f.columns); extra > 0 && len(row) > 0 {
		delimiter := string(f.Profile.OwnDelimiter())
		row[len(row)-1] += delimiter + strings.Join(record.Fields[len(f.columns):], delimiter)
	}
	for i := range row {
		row[i] = escape(row[i])
	}
	return row
}

// disappeared lists accounts that an earlier run imported and that the source no longer has.
func (f *remarkFiles) disappeared(ctx context.Context) error {
	after := ""
	for {
		accounts, err := f.journal.Disappeared(ctx, after, todoPage)
		if err != nil || len(accounts) == 0 {
			return err
		}
		file, err := f.file(DisappearedFile, []string{f.Profile.ID.Column, "kratos_id"})
		if err != nil {
			return err
		}
		for _, account := range accounts {
			id, err := uuid.FromBytes(account.Identity)
			if err != nil {
				return journal.ErrCorrupt
			}
			if err := file.csv.Write([]string{escape(account.LegacyID), id.String()}); err != nil {
				return err
			}
			after = account.LegacyID
		}
	}
}

// close ends all files; keep puts them in place.
func (f *remarkFiles) close(keep bool) error {
	var all error
	for _, file := range f.files {
		file.csv.Flush()
		err := errors.Join(file.csv.Error(), file.file.Close())
		if err == nil && keep {
			err = os.Rename(file.name+".new", file.name)
		} else {
			os.Remove(file.name + ".new")
		}
		if err != nil {
			all = errors.Join(all, fmt.Errorf("%s : %w", file.name, err))
		}
	}
	return all
}
