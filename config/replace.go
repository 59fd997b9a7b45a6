package config

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Replace puts a whole file in place at once, so that who watches it never reads half of one. A file that is there keeps its owner,
// its group and what the group may do; a new one belongs to whom its folder belongs to, and nobody else reads it: an administrator
// who works as root takes nothing away from the service that reads it. Others than owner and group never read it.
//
// The folder may belong to the service's user, who then puts there what he likes while root writes. So what is there is replaced only
// if it is a file itself, and what is written is given away through its descriptor: a name may by then be a link to a file of root's.
func Replace(path string, content []byte) error {
	if err := makeFolder(filepath.Dir(path)); err != nil {
		return err
	}
	folder, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	like, err := folder.Lstat(filepath.Base(path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if like, err = folder.Stat("."); err != nil {
			return err
		}
	case err != nil:
		return err
	case !like.Mode().IsRegular():
		return irregular(path)
	}
	return put(folder, path, content, like)
}

// Held is a file as it was read. What replaces it belongs to whom that one belonged to, whatever its name stands for by then: what was
// in a file of root's never comes to belong to somebody else.
type Held struct {
	Content []byte
	path    string
	like    os.FileInfo
}

// Hold reads a file that is to be replaced. It follows no link, and waits for no pipe.
func Hold(path string) (Held, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) {
		return Held{}, irregular(path)
	}
	if err != nil {
		return Held{}, err
	}
	defer f.Close()
	like, err := f.Stat()
	if err != nil {
		return Held{}, err
	}
	if !like.Mode().IsRegular() {
		return Held{}, irregular(path)
	}
	content, err := io.ReadAll(f)
	return Held{Content: content, path: path, like: like}, err
}

// Replace puts other content in the file's place, as the function Replace does.
func (h Held) Replace(content []byte) error {
	folder, err := os.OpenRoot(filepath.Dir(h.path))
	if err != nil {
		return err
	}
	defer folder.Close()
	return put(folder, h.path, content, h.like)
}

func irregular(path string) error {
	return fmt.Errorf("%s: a link or a device, no file: not replaced", path)
}

// put writes a file beside path, gives it to whom like belongs to, and moves it there. like is the file that is replaced or, for a
// new one, its folder.
func put(folder *os.Root, path string, content []byte, like os.FileInfo) (err error) {
	fresh := ".new-" + rand.Text()
	f, err := folder.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			folder.Remove(fresh)
		}
	}()
	_, writeErr := f.Write(content)
	if err := errors.Join(writeErr, hand(f, path, like), f.Close()); err != nil {
		return err
	}
	return folder.Rename(fresh, filepath.Base(path))
}

// hand makes a new file belong to whom like belongs to. Where that is not allowed, a new file stays the writer's, but nothing that is
// there is taken from its owner, or from a group that reads it.
func hand(f *os.File, path string, like os.FileInfo) error {
	kept := give(f, like)
	if like.IsDir() {
		return nil
	}
	group := like.Mode().Perm() & 0o040
	if !kept.owner || group != 0 && !kept.group {
		return fmt.Errorf("%s belongs to another user or group, and only root may leave it to them: not replaced", path)
	}
	// After the group is known to be the same one.
	return f.Chmod(0o600 | group)
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
	if err := os.Mkdir(path, 0o700); errors.Is(err, fs.ErrExist) {
		return nil // somebody else's
	} else if err != nil {
		return err
	}
	like, err := os.Stat(above)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	give(f, like)
	return f.Close()
}

// kept is what a new file or folder has in common with the one that it was to be like.
type kept struct{ owner, group bool }

// give makes a new file or folder belong to whom another one belongs to. Only root may give to others, and not on every file system:
// what counts is whose it is then.
func give(f *os.File, like os.FileInfo) kept {
	want, ok := like.Sys().(*syscall.Stat_t)
	if !ok {
		return kept{}
	}
	_ = f.Chown(int(want.Uid), int(want.Gid))
	info, err := f.Stat()
	if err != nil {
		return kept{}
	}
	is, ok := info.Sys().(*syscall.Stat_t)
	return kept{owner: ok && is.Uid == want.Uid, group: ok && is.Gid == want.Gid}
}
