package config

import (
	"bytes"
	"os"
	"path/filepath"
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

// A Kratos that runs sees the new content, and what was there before is replaced, mode included.
func TestWriteReplaces(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, DocumentFile), []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, "demo", secrets(nil), nil); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, DocumentFile))
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() < 1000 {
		t.Errorf("%v %v", info, err)
	}
}
