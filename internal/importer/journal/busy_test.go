package journal

import (
	"errors"
	"strings"
	"testing"
)

// One import at a time; looking is allowed.
func TestBusy(t *testing.T) {
	j := newJournal(t)
	if _, err := Open(fileOf(j)); !errors.Is(err, ErrBusy) {
		t.Errorf("a second import: %v, want ErrBusy", err)
	}
	beside, err := OpenToRead(fileOf(j))
	if err != nil {
		t.Fatalf("status beside an import: %v", err)
	}
	beside.Close()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	next, err := Open(fileOf(j))
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	next.Close()
	if _, err := OpenToRead(fileOf(j) + "x"); !errors.Is(err, ErrAbsent) {
		t.Errorf("a journal that is not there: %v, want ErrAbsent", err)
	}
}

func fileOf(j *Journal) string { return strings.TrimSuffix(j.lock.Path(), ".lock") }
