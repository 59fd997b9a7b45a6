package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The folder may be the service's own: what is no file there is neither read, nor replaced, nor anything done to what it leads to.
func TestNoFileIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	target, path := filepath.Join(dir, "of-root"), filepath.Join(dir, "keys")
	if err := os.WriteFile(target, []byte("of root"), 0o644); err != nil {
		t.Fatal(err)
	}
	for why, makeIt := range map[string]func() error{
		"a link":              func() error { return os.Symlink(target, path) },
		"a link within":       func() error { return os.Symlink("of-root", path) },
		"a link to nowhere":   func() error { return os.Symlink(filepath.Join(dir, "nowhere"), path) },
		"a pipe":              func() error { return syscall.Mkfifo(path, 0o600) },
		"a folder":            func() error { return os.Mkdir(path, 0o700) },
		"a link to a device":  func() error { return os.Symlink(os.DevNull, path) },
		"a link to a folder":  func() error { return os.Symlink(dir, path) },
		"a link to a link":    func() error { return errors.Join(os.Symlink(target, path+"2"), os.Symlink(path+"2", path)) },
		"a link to itself":    func() error { return os.Symlink(path, path) },
		"a link up and again": func() error { return os.Symlink("../"+filepath.Base(dir)+"/of-root", path) },
	} {
		if err := makeIt(); err != nil {
			t.Fatal(err)
		}
		before, _ := os.Lstat(path)
		if err := Replace(path, []byte("new")); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: replaced: %v", why, err)
		}
		if held, err := Hold(path); err == nil || len(held.Content) > 0 || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: read: %q, %v", why, held.Content, err)
		}
		if after, err := os.Lstat(path); err != nil || !os.SameFile(before, after) {
			t.Errorf("%s: no longer there: %v", why, err)
		}
		content, err := os.ReadFile(target)
		if info, statErr := os.Stat(target); err != nil || statErr != nil || string(content) != "of root" || info.Mode().Perm() != 0o644 {
			t.Errorf("%s: what it leads to holds %q, %v, %v", why, content, info.Mode(), err)
		}
		if err := errors.Join(os.Remove(path), os.RemoveAll(path+"2")); err != nil {
			t.Fatal(err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".new-*")); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
}

// What was read is whose it was when it was read: a file of somebody else's in its place does not get him the content.
func TestHeldKeepsTheOwnerOfWhatWasRead(t *testing.T) {
	uid, gid := os.Getuid(), os.Getgid()
	other := uid
	if uid == 0 {
		other = 10000 // only root gives to others
	}
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, []byte("of root"), 0o600); err != nil {
		t.Fatal(err)
	}
	held, err := Hold(path)
	if err != nil || string(held.Content) != "of root" {
		t.Fatalf("%q, %v", held.Content, err)
	}
	swapped := path + "2"
	if err := errors.Join(os.WriteFile(swapped, nil, 0o600), os.Chmod(swapped, 0o640), os.Chown(swapped, other, gid), os.Rename(swapped, path)); err != nil {
		t.Fatal(err)
	}
	if err := held.Replace(append(held.Content, ",new"...)); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if owner := info.Sys().(*syscall.Stat_t); int(owner.Uid) != uid || int(owner.Gid) != gid || info.Mode().Perm() != 0o600 {
		t.Errorf("%d:%d %v", owner.Uid, owner.Gid, info.Mode())
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "of root,new" {
		t.Errorf("%q, %v", content, err)
	}
}
