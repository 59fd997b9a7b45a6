package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"efpconnect.example/config"
	"efpconnect.example/internal/testkit/kratostest"
)

// Who is neither root nor the owner would take the file away from the service that reads it.
func TestReplaceTakesNothingAway(t *testing.T) {
	if os.Getuid() != 0 {
		kratostest.Missing(t, "the right to make files of other users (root)")
	}
	const writer, other = 10000, 10001
	for _, c := range []struct {
		why      string
		uid, gid int
		mode     os.FileMode
		done     bool
	}{
		{"another user's", other, writer, 0o600, false},
		{"another user's, who lets its group write", other, writer, 0o660, false},
		{"one's own, read by a group that one is not in", writer, other, 0o640, false},
		{"one's own, which that group cannot read", writer, other, 0o600, true},
		{"one's own", writer, writer, 0o640, true},
		{"a new one, in another user's folder", 0, 0, 0, true},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "keys")
		if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o711), os.Chmod(dir, 0o777)); err != nil {
			t.Fatal(err)
		}
		if c.mode != 0 {
			if err := errors.Join(os.WriteFile(path, []byte("old"), 0o600), os.Chown(path, c.uid, c.gid), os.Chmod(path, c.mode)); err != nil {
				t.Fatal(err)
			}
		}
		before, _ := os.Lstat(path)
		err := as(writer, func() error { return config.Replace(path, []byte("new")) })
		if (err == nil) != c.done || err != nil && !strings.Contains(err.Error(), "belongs to another") {
			t.Errorf("%s: %v", c.why, err)
		}
		if after, _ := os.Lstat(path); !c.done && !os.SameFile(before, after) {
			t.Errorf("%s: refused, and another file is there", c.why)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".new-*")); len(left) > 0 {
			t.Errorf("%s: left over: %v", c.why, left)
		}
	}
}

// as does something with the rights that another user has on files. They are the thread's: it ends with its goroutine.
func as(id int, do func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- errors.Join(syscall.Setfsgid(id), syscall.Setfsuid(id), do())
	}()
	return <-done
}
