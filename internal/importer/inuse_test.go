package importer_test

import (
	"context"
	"database/sql"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// givePassword is an administrator's PUT.
func givePassword(t *testing.T, k *kratostest.Kratos, id string) {
	t.Helper()
	var whole map[string]any
	k.Call(t, http.MethodGet, k.AdminURL+"/admin/identities/"+id, nil, &whole)
	whole["credentials"] = map[string]any{"password": map[string]any{"config": map[string]string{"password": "une phrase longue de 2026"}}}
	if status, answer := k.Call(t, http.MethodPut, k.AdminURL+"/admin/identities/"+id, whole, nil); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
}

// interrupted is a run that ends between its last account and its files.
func interrupted(t *testing.T, o importer.Options) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	o.Every = time.Millisecond
	o.Progress = func(p importer.Progress) {
		if p.Phase == importer.PhaseFiles {
			stop()
		}
	}
	if _, err := importer.Run(ctx, o); err == nil {
		t.Fatal("the run was not interrupted")
	}
}

func oneRow(t *testing.T, name string) string {
	return export(t, "ID;MAIL;PRENOM;NOM\n1;un@mairie.example.test;Anne;"+name+"\n")
}

// A run brought an account up to date, was interrupted, and is taken up with a newer export. What an administrator did in between stays.
func TestAnAccountInUseWhenARunIsTakenUp(t *testing.T) {
	t.Parallel()
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	o := options(t, k.AdminURL, oneRow(t, "Un"))
	o.Profile = smallProfile(t, "")
	mustRun(t, o)
	o.Input = oneRow(t, "Deux")
	interrupted(t, o)
	there, _ := everybody(t, k)
	if there["1"].Traits.FamilyName != "Deux" {
		t.Fatalf("the interrupted run had not updated: %+v", there["1"])
	}
	givePassword(t, k, there["1"].ID)
	o.Input = oneRow(t, "Trois")
	if s := mustRun(t, o); s.Balance != (journal.Balance{Read: 1, Already: 1}) {
		t.Errorf("taken up with a newer export: %s", show(s.Balance))
	}
	if there, _ = everybody(t, k); there["1"].Traits.FamilyName != "Deux" {
		t.Errorf("an account in use was overwritten: %+v", there["1"])
	}
}

// A run was killed before its journal knew of the account; another journal looks after it since. The first one's undo leaves it alone.
func TestUndoLeavesAnotherJournalsAccount(t *testing.T) {
	t.Parallel()
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	killed := options(t, k.AdminURL, oneRow(t, "Un"))
	killed.Profile = smallProfile(t, "")
	interrupted(t, killed)
	forget(t, killed)
	later := killed
	later.Dir = t.TempDir()
	mustRun(t, later)
	later.Input = oneRow(t, "Deux")
	mustRun(t, later)
	there, _ := everybody(t, k)
	givePassword(t, k, there["1"].ID)
	u, err := importer.Undo(t.Context(), killed, func(importer.Undoing) bool { return true })
	if err != nil || u.Removed != 0 {
		t.Errorf("%+v, %v", u, err)
	}
	if there, _ = everybody(t, k); len(there) != 1 {
		t.Error("the account is gone")
	}
}

// forget empties what a journal knows of accounts.
func forget(t *testing.T, o importer.Options) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(o.Dir, importer.JournalFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("DELETE FROM accounts"); err != nil {
		t.Fatal(err)
	}
}
