package importer

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// makeDir makes the import's folder for the verbs that may be the first, for its owner alone. One that is there and that others may
// enter is narrowed where it is the import's own: empty, or with its journal. Another one is somebody's, and is refused.
func (o *Options) makeDir() error {
	info, err := os.Stat(o.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.MkdirAll(o.Dir, 0o700)
	case err != nil:
		return err
	case !info.IsDir():
		return OptionError(fmt.Sprintf("--dir : %s n’est pas un dossier", o.Dir))
	case info.Mode().Perm()&0o077 == 0:
		return nil
	}
	own, err := o.ownDir()
	if err != nil {
		return err
	}
	if !own {
		return OptionError(fmt.Sprintf("--dir : d’autres que vous peuvent entrer dans %s, qui contient autre chose qu’un import : donnez-lui un dossier à lui, "+
			"ou fermez celui-ci (chmod 700 %s)", o.Dir, o.Dir))
	}
	if err := os.Chmod(o.Dir, 0o700); err != nil {
		return OptionError(fmt.Sprintf("--dir : d’autres que vous peuvent entrer dans %s, et il n’est pas à vous : donnez un autre dossier", o.Dir))
	}
	return nil
}

// ownDir tells a folder that is empty or holds a journal.
func (o *Options) ownDir() (bool, error) {
	if _, err := os.Lstat(o.path(JournalFile)); err == nil {
		return true, nil
	}
	dir, err := os.Open(o.Dir)
	if err != nil {
		return false, err
	}
	defer dir.Close()
	if _, err = dir.Readdirnames(1); errors.Is(err, io.EOF) {
		return true, nil
	}
	return false, err
}
