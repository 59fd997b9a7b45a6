package source

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// CreateFile makes a file for its owner alone. What stood there under its name goes first: a link is never written through.
func CreateFile(path string) (*os.File, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// WriteCopy copies a source that can be read only once (standard input, a query whose answer may change) to a file that its owner
// alone may read, so that the import's passes all see the same rows. The caller removes the file: it holds personal data.
func WriteCopy(path string, r Reader) (err error) {
	f, err := CreateFile(path)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
	}()
	w := csv.NewWriter(f)
	if err := writeRow(w, f, r.Columns()); err != nil {
		return err
	}
	for {
		record, err := r.Next()
		if err == io.EOF {
			w.Flush()
			return w.Error()
		}
		if err != nil {
			return err
		}
		if err := writeRow(w, f, record.Fields); err != nil {
			return fmt.Errorf("copie de la source : %w", err)
		}
	}
}

// writeRow writes a row that can be read back: csv.Writer makes a blank line of a lone empty field, and csv.Reader skips those.
func writeRow(w *csv.Writer, f *os.File, fields []string) error {
	if len(fields) != 1 || fields[0] != "" {
		return w.Write(fields)
	}
	w.Flush()
	_, err := f.WriteString("\"\"\n")
	return errors.Join(w.Error(), err)
}

// CopyBytes copies a stream as it is: lines keep their numbers.
func CopyBytes(path string, r io.Reader) (err error) {
	f, err := CreateFile(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, bufio.NewReader(r))
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// OpenCopy reads back what WriteCopy wrote; lines are positions in the original.
func OpenCopy(path string) (Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	inner, err := NewCSV(f, f, CSVOptions{Delimiter: ",", Encoding: "utf-8", trusted: true})
	if err != nil {
		f.Close()
		return nil, err
	}
	return &counted{Reader: inner}, nil
}

// counted numbers rows by position.
type counted struct {
	Reader
	line int64
}

func (c *counted) Next() (Record, error) {
	record, err := c.Reader.Next()
	c.line++
	record.Line = c.line
	return record, err
}
