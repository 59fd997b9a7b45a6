package audit

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// What names people in clear lives a day, is its owner's alone, and nobody else's file is touched.
func TestClearIsShortLived(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 3, 1, 22, 59, 0, 0, time.UTC)
	c := &Clear{Dir: dir, Keep: 24 * time.Hour, Now: func() time.Time { return now }}
	for _, other := range []string{"security-notes.jsonl", "security-2020-01-01T00.txt", "export.csv"} {
		if err := os.WriteFile(filepath.Join(dir, other), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files := func() []string {
		t.Helper()
		if err := c.Sweep(); err != nil {
			t.Fatal(err)
		}
		found, err := filepath.Glob(filepath.Join(dir, "security-20*.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range found {
			found[i] = filepath.Base(found[i])
		}
		return found
	}
	for range 3 { // 22:59, 23:59, 00:59
		if _, err := c.Write([]byte("{}\n")); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Hour)
	}
	three := []string{"security-2026-03-01T22.jsonl", "security-2026-03-01T23.jsonl", "security-2026-03-02T00.jsonl"}
	if got := files(); !slices.Equal(got, three) {
		t.Errorf("%v", got)
	}
	info, err := os.Stat(filepath.Join(dir, three[0]))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	for _, step := range []struct {
		at   time.Time
		left int
	}{
		{time.Date(2026, 3, 2, 22, 59, 59, 0, time.UTC), 3}, // the last line of the first file may be of 22:59:59
		{time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC), 2},
		{time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC), 0},
	} {
		now = step.at
		if got := files(); len(got) != step.left {
			t.Errorf("at %v: %v", step.at, got)
		}
	}
	if others, _ := filepath.Glob(filepath.Join(dir, "*")); len(others) != 3 {
		t.Errorf("files that are not its own: %v", others)
	}
}
