package importer

import (
	"context"
	"errors"
	"os"
	"path"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/remind"
	"efpconnect.example/internal/importer/source"
)

// personal are the files of an import's folder that hold personal data, as patterns.
var personal = []string{"rejected*.csv*", "conflicts*.csv*", "kept*.csv*", "disappeared*.csv*", "reminder*.csv*", remind.LedgerFile + "*", copyFile,
	draftFile + "*", source.XLSXTemp}

// Purge removes personal data from the import's folder: the files, and in the journal every legacy id, identity id and digest. The
// balances stay. Afterwards neither undo nor another run is possible with this journal. It returns the files removed.
func Purge(ctx context.Context, o Options) (removed []string, err error) {
	j, _, err := o.openJournal()
	if err != nil && !errors.Is(err, journal.ErrPurged) {
		return nil, err
	}
	if j != nil {
		defer j.Close()
		if err := j.Purge(ctx); err != nil {
			return nil, err
		}
	}
	files, err := o.PersonalFiles()
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		if err := os.RemoveAll(name); err != nil { // a folder of a workbook too
			return removed, err
		}
		removed = append(removed, name)
	}
	return removed, nil
}

// PersonalFiles are what Purge would remove beside the journal's content.
func (o Options) PersonalFiles() (all []string, err error) {
	entries, err := os.ReadDir(o.Dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		for _, pattern := range personal {
			if match, err := path.Match(pattern, entry.Name()); err != nil {
				return nil, err
			} else if match {
				all = append(all, o.path(entry.Name()))
				break
			}
		}
	}
	return all, nil
}
