// Package source reads the rows of a legacy store one at a time: CSV, JSON, LDIF, Excel, fixed width, SQL. It knows columns and lines, not what
// they mean. Called by the importer.
package source

import (
	"errors"
	"fmt"
)

// Limits on what one row may hold. A row of people is a few hundred bytes; past these the file is not what it is said to be.
const (
	MaxRecordBytes = 1 << 20
	MaxRecordLines = 1000 // that a row in a CSV file may go over
	MaxColumns     = 1000
)

// ErrUnreadable is a source that cannot be read on: a wrong encoding, a line without end, a connection that breaks.
// Rows before it are sound, but nothing may be concluded about those after it.
var ErrUnreadable = errors.New("source illisible")

// Record is one row as it came. Fields follow the reader's Columns and are valid for ever.
type Record struct {
	// Line is where a person finds the row: the line of a file, the position in a query's result.
	Line   int64
	Fields []string
	// Fault is why this row alone cannot be read (number of columns, quotes, JSON syntax); "" for a sound one. Its Fields are then what
	// could be read, and Raw is the line as it came: nothing of it may be lost.
	Fault, Raw string
}

// Reader gives the rows of a source in order. Next returns io.EOF at the end; any other error ends the reading.
type Reader interface {
	// Columns are the names of each Record's Fields.
	Columns() []string
	Next() (Record, error)
	Close() error
}

// unreadable is an ErrUnreadable at a line, in words for the operator. It never quotes the row.
func unreadable(line int64, format string, args ...any) error {
	return fmt.Errorf("%w, ligne %d : %s", ErrUnreadable, line, fmt.Sprintf(format, args...))
}
