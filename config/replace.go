package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Replace puts a whole file in place at once, so that who watches it never reads half of one. A file that is there keeps its owner,
// its group and what the group may do; a new one belongs to whom its folder belongs to, and nobody else reads it: an administrator
// who works as root takes nothing away from the service that reads it. Others than owner and group never read it.
func Replace(path string, content []byte) error {
	folder := filepath.Dir(path)
	if err := makeFolder(folder); err != nil {
		return err
	}
	mode := os.FileMode(0o600)
	like, err := os.Stat(path)
	switch {
	case err == nil:
		mode |= like.Mode().Perm() & 0o040
	case errors.Is(err, fs.ErrNotExist):
		like, err = os.Stat(folder)
	}
	if err != nil {
		return err
	}
	// CreateTemp makes it 0600.
	f, err := os.CreateTemp(folder, ".new-*")
	if err != nil {
		return err
	}
	_, writeErr := f.Write(content)
	if err := errors.Join(writeErr, f.Close()); err != nil {
		os.Remove(f.Name())
		return err
	}
	// Before the group may read: where the group cannot be kept, it would be another one.
	if give(f.Name(), like) {
		if err := os.Chmod(f.Name(), mode); err != nil {
			os.Remove(f.Name())
			return err
		}
	}
	return os.Rename(f.Name(), path)
}

// makeFolder makes a folder for its owner alone, and those above it; a new one belongs to whom the one above belongs to.
func makeFolder(path string) error {
	_, err := os.Stat(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	above := filepath.Dir(path)
	if err := makeFolder(above); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	like, err := os.Stat(above)
	if err == nil {
		give(path, like)
	}
	return err
}

// give makes a new file or folder belong to whom another one belongs to, and tells whether it does. Only root may give to others.
func give(path string, like os.FileInfo) bool {
	owner, ok := like.Sys().(*syscall.Stat_t)
	return ok && os.Lchown(path, int(owner.Uid), int(owner.Gid)) == nil
}
