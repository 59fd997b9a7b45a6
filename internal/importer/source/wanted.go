package source

import (
	"fmt"
	"strings"
)

// wanted are the columns that the profile asks of a source whose rows each have the columns they have.
type wanted struct {
	columns []string
	seen    []bool // of columns: those that some row has
	rows    bool   // some row was read
}

func newWanted(columns []string) wanted {
	return wanted{columns: columns, seen: make([]bool, len(columns))}
}

// missing is an error when no row of the whole file has a wanted column: a name misspelt would otherwise be a value that nobody has.
func (w *wanted) missing() error {
	var names []string
	for i, name := range w.columns {
		if !w.seen[i] {
			names = append(names, name)
		}
	}
	if w.rows && len(names) > 0 {
		return fmt.Errorf("%w : aucune ligne n’a : %s (retirez du profil ce que la source n’a pas)", ErrUnreadable, strings.Join(names, ", "))
	}
	return nil
}
