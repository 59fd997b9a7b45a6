package deployment

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func values(t *testing.T, dir, name string) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(content)), ",")
}

// The whole way of a key: at each step the value that is in use is still accepted by who has not been started again yet.
func TestRotate(t *testing.T) {
	dir := t.TempDir()
	if _, err := NewSecrets(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"site/keys", "kratos/cookie", "kratos/cipher"} {
		old := values(t, dir, name)[0]
		step := func(step string, want int) []string {
			t.Helper()
			if done, err := Rotate(dir, name, step); err != nil || done.Values != want || (done.Dropped == "") == (step == RotateRemove) {
				t.Fatalf("%s %s: %+v, %v", name, step, done, err)
			}
			return values(t, dir, name)
		}
		refused := func(step string) {
			t.Helper()
			before := values(t, dir, name)
			if _, err := Rotate(dir, name, step); err == nil || strings.Contains(err.Error(), old) {
				t.Errorf("%s %s: %v", name, step, err)
			}
			if after := values(t, dir, name); !slices.Equal(after, before) {
				t.Errorf("%s %s was refused and done", name, step)
			}
		}
		refused(RotatePromote)
		refused(RotateRemove)
		added := step(RotateAdd, 2)
		if added[0] != old || len(added[1]) != len(old) || added[1] == old {
			t.Errorf("%s: the old value is no longer in use, or the new one is none", name)
		}
		refused(RotateAdd)
		if promoted := step(RotatePromote, 2); promoted[0] != added[1] || promoted[1] != old {
			t.Errorf("%s: promoted", name)
		}
		refused(RotatePromote) // a second one would put the old value first again
		if left := step(RotateRemove, 1); left[0] != added[1] {
			t.Errorf("%s: the new value was removed", name)
		}
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
}

// remove says which value goes, and none of its characters. Who removes before promoting gives the rotation up; a list that somebody
// wrote by hand can be told by its order alone.
func TestRotateRemoveSays(t *testing.T) {
	for _, c := range []struct {
		steps []string
		says  string
	}{
		{[]string{RotateAdd, RotatePromote}, "was in use before"},
		{[]string{RotateAdd}, "never in use"},
		{nil, "the last value"},
	} {
		dir := t.TempDir()
		if _, err := NewSecrets(dir); err != nil {
			t.Fatal(err)
		}
		for _, step := range c.steps {
			if _, err := Rotate(dir, "site/keys", step); err != nil {
				t.Fatal(err)
			}
		}
		if c.steps == nil {
			if err := os.WriteFile(filepath.Join(dir, "site/keys"), []byte("one-by-hand,two-by-hand\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		list := values(t, dir, "site/keys")
		done, err := Rotate(dir, "site/keys", RotateRemove)
		if err != nil || !strings.Contains(done.Dropped, c.says) || strings.Contains(done.Dropped, list[1]) || !strings.Contains(done.Dropped, mark(list[1])) {
			t.Errorf("%v: %q, %v", c.steps, done.Dropped, err)
		}
		if _, err := os.Stat(filepath.Join(dir, "site/keys"+addedFile)); !os.IsNotExist(err) {
			t.Errorf("%v: the mark is left: %v", c.steps, err)
		}
	}
}

// Two readers, one value: both get it.
func TestRotateHookKey(t *testing.T) {
	dir := t.TempDir()
	if _, err := NewSecrets(dir); err != nil {
		t.Fatal(err)
	}
	before := values(t, dir, "site/hook_key")[0]
	if _, err := Rotate(dir, "hook_key", RotateReplace); err != nil {
		t.Fatal(err)
	}
	site, kratos := values(t, dir, "site/hook_key")[0], values(t, dir, "kratos/hook_key")[0]
	if site == before || site != kratos {
		t.Error("Kratos and the site do not share the new key")
	}
}

func TestRotateRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := NewSecrets(dir); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{"site/keys", "replace"}, {"hook_key", "add"}, {"kratos/dsn", "add"}, {"../x", "add"}, {"", ""}} {
		if _, err := Rotate(dir, c[0], c[1]); err == nil || !strings.Contains(err.Error(), "site/keys") {
			t.Errorf("%v: %v", c, err)
		}
	}
	if _, err := Rotate(t.TempDir(), "hook_key", RotateReplace); err == nil {
		t.Error("a folder without secrets was given one")
	}
}

// The folder of a secret may belong to the user who reads it: what he puts there is not taken for the secret.
func TestRotateFollowsNoLink(t *testing.T) {
	for name, step := range map[string]string{"site/keys": RotateAdd, "site/keys" + addedFile: RotateAdd, "kratos/hook_key": RotateReplace, "site/hook_key": RotateReplace} {
		dir := t.TempDir()
		if _, err := NewSecrets(dir); err != nil {
			t.Fatal(err)
		}
		target, path := filepath.Join(t.TempDir(), "of-root"), filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(target, []byte("of root"), 0o644), os.RemoveAll(path), os.Symlink(target, path)); err != nil {
			t.Fatal(err)
		}
		before := values(t, dir, "kratos/hook_key")
		secret := map[string]string{RotateAdd: "site/keys", RotateReplace: "hook_key"}[step]
		if _, err := Rotate(dir, secret, step); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is a link: %v", name, err)
		}
		content, err := os.ReadFile(target)
		if info, _ := os.Stat(target); err != nil || string(content) != "of root" || info.Mode().Perm() != 0o644 {
			t.Errorf("%s: what it leads to holds %q, %v, %v", name, content, info.Mode(), err)
		}
		if after := values(t, dir, "kratos/hook_key"); !slices.Equal(after, before) {
			t.Errorf("%s: refused, and one of two places has a new key", name)
		}
	}
}
