package config

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kratos")
	templates := map[string][]byte{"recovery_code/valid/email.subject.gotmpl": []byte("Objet")}
	if err := Write(dir, "demo", secrets(nil), templates); err != nil {
		t.Fatal(err)
	}
	document, err := Render("demo", secrets(nil))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]byte{
		"kratos.yml":           document,
		"identity.schema.json": IdentitySchema(),
		"courier-templates/recovery_code/valid/email.subject.gotmpl": []byte("Objet"),
	}
	got := 0
	err = filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		got++
		name, _ := filepath.Rel(dir, path)
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !bytes.Equal(content, want[filepath.ToSlash(name)]) {
			t.Errorf("%s holds %q", name, content)
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v: the document holds secrets", name, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got != len(want) {
		t.Errorf("%d files, want %d and no left-over", got, len(want))
	}
}

func TestWriteLeavesNothingWhenItFails(t *testing.T) {
	for _, c := range []struct {
		why       string
		overrides map[string]any
		template  string
	}{
		{"a document that does not render", nil, "recovery_code/valid/email.subject.gotmpl"},
		{"a template outside the folder", secrets(nil), "../kratos.yml"},
		{"a template by its whole path", secrets(nil), "/kratos.yml"},
	} {
		dir := filepath.Join(t.TempDir(), "kratos")
		if err := Write(dir, "demo", c.overrides, map[string][]byte{c.template: nil}); err == nil {
			t.Errorf("%s: written", c.why)
		}
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s: something is left", c.why)
		}
	}
}

// A Kratos that runs sees the new content, and what everybody could read before is no longer theirs.
func TestWriteReplaces(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, DocumentFile), []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, "demo", secrets(nil), nil); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, DocumentFile))
	if err != nil || info.Mode().Perm() != 0o640 || info.Size() < 1000 {
		t.Errorf("%v %v", info, err)
	}
}

// Root renders and rotates; the service that reads the files has a user of its own.
func TestReplaceKeepsTheOwner(t *testing.T) {
	uid, gid := os.Getuid(), os.Getgid()
	if uid == 0 {
		uid, gid = 10000, 10001 // only root gives to others
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := errors.Join(os.Chown(dir, uid, gid), os.WriteFile(path, []byte("old"), 0o600), os.Chown(path, uid, gid)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		why, name  string
		mode, want os.FileMode
	}{
		{"its owner's alone", "file", 0o600, 0o600},
		{"its group reads it too", "file", 0o640, 0o640},
		{"what others read, and its group writes", "file", 0o666, 0o640},
		{"a new file, in new folders", "new/below/file", 0, 0o600},
	} {
		path := filepath.Join(dir, c.name)
		if c.mode != 0 {
			if err := os.Chmod(path, c.mode); err != nil {
				t.Fatal(err)
			}
		}
		if err := Replace(path, []byte(c.why)); err != nil {
			t.Fatal(err)
		}
		for at := path; at != dir; at = filepath.Dir(at) {
			info, err := os.Stat(at)
			if err != nil {
				t.Fatal(err)
			}
			if owner := info.Sys().(*syscall.Stat_t); int(owner.Uid) != uid || int(owner.Gid) != gid {
				t.Errorf("%s: %s belongs to %d:%d", c.why, at, owner.Uid, owner.Gid)
			}
			if want := map[bool]os.FileMode{true: 0o700, false: c.want}[info.IsDir()]; info.Mode().Perm() != want {
				t.Errorf("%s: %s is %v", c.why, at, info.Mode())
			}
		}
	}
}
