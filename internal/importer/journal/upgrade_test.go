package journal

import (
	"testing"
	"time"
)

// A journal of the release before is read as it is, and made one of this release by who works on it.
func TestUpgrade(t *testing.T) {
	j := newJournal(t)
	run, err := j.Begin(t.Context(), "mes-demarches", false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	path := fileOf(j)
	if _, err := j.db.Exec("ALTER TABLE accounts DROP COLUMN updated; PRAGMA user_version=1"); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	beside, err := OpenToRead(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := beside.Accounts(t.Context(), "", 10); err != nil {
		t.Errorf("read as it is: %v", err)
	}
	beside.Close()
	for range 2 { // the second time there is nothing to do
		if j, err = Open(path); err != nil {
			t.Fatal(err)
		}
		if err := j.Save(t.Context(), run, []Result{{Number: 1, LegacyID: "7", Identity: make([]byte, 16), Outcome: Updated}}); err != nil {
			t.Error(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
