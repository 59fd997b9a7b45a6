package importer_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/samples"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// The journal is lost between two exports. The mark on each account and what Kratos shows of it stand in for it: nothing is there
// twice, and exactly the changed rows are updated. On PostgreSQL too, which gives JSON back in an order of its own.
func TestLostJournal(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, k *kratostest.Kratos) {
		first := samples.Options{Rows: 200, Seed: 6}
		input, truth := sampleFile(t, first)
		mustRun(t, options(t, k.AdminURL, input))
		if s := mustRun(t, options(t, k.AdminURL, input)); s.Balance.Already != truth.Created || s.Balance.Read != truth.Created {
			t.Errorf("the same export, a new journal: %s", show(s.Balance))
		}
		later := first
		later.Later = true
		want := journal.Balance{}
		for row := range samples.Rows(later) {
			want.Read++
			switch {
			case row.New:
				want.Created++
			case row.Changed:
				want.Updated++
			default:
				want.Already++
			}
		}
		input, _ = sampleFile(t, later)
		if s := mustRun(t, options(t, k.AdminURL, input)); s.Balance != want {
			t.Errorf("a later export, a new journal: %s, want %s", show(s.Balance), show(want))
		}
	})
}

// hashRows writes a source with password hashes.
func hashRows(t *testing.T, passwords map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hashes.csv")
	text := "id;mail;hash\n"
	for _, id := range []string{"1", "2", "3"} {
		hash := passwords[id]
		if hash != "" && hash[0] != '$' {
			made, err := bcrypt.GenerateFromPassword([]byte(hash), bcrypt.MinCost)
			if err != nil {
				t.Fatal(err)
			}
			hash = string(made)
		}
		text += fmt.Sprintf("%s;p%s@mairie.example.test;%s\n", id, id, hash)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// hashProfile is a profile of addresses and hashes alone.
func hashProfile() *profile.Profile {
	return &profile.Profile{Version: 1, Source: "hashes", Schema: "account", Format: "csv", CSV: profile.CSV{Delimiter: ";", Encoding: "utf-8"},
		ID: profile.Column{Column: "id"}, Traits: map[string]profile.Trait{"email": {Column: "mail"}}, PasswordHash: profile.PasswordHash{Column: "hash"}, Duplicates: "conflict"}
}

// Passwords that are carried work, a malformed hash rejects its own row alone, and a hash that changed is brought up to date.
func TestPasswordHashes(t *testing.T) {
	t.Parallel()
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	o := options(t, k.AdminURL, hashRows(t, map[string]string{"1": "premier mot de passe", "2": "", "3": "$2a$10$court"}))
	o.Profile = hashProfile()
	if s := mustRun(t, o); s.Balance != (journal.Balance{Read: 3, Created: 2, Rejected: 1}) {
		t.Fatalf("balance %s", show(s.Balance))
	}
	o.Input = hashRows(t, map[string]string{"1": "deuxième mot de passe", "2": "", "3": "$2a$10$court"})
	if s := mustRun(t, o); s.Balance != (journal.Balance{Read: 3, Updated: 1, Already: 1, Rejected: 1}) {
		t.Fatalf("a changed hash: %s", show(s.Balance))
	}
	if _, ok := k.Login(t, "p1@mairie.example.test", "premier mot de passe"); ok {
		t.Error("the old password still opens the account")
	}
	if _, ok := k.Login(t, "p1@mairie.example.test", "deuxième mot de passe"); !ok {
		t.Error("the new password does not open the account")
	}
	// From its first login on the account is the person's.
	o.Input = hashRows(t, map[string]string{"1": "troisième mot de passe", "2": "", "3": "$2a$10$court"})
	if s := mustRun(t, o); s.Balance != (journal.Balance{Read: 3, Already: 2, Rejected: 1}) {
		t.Errorf("a changed hash of an account in use: %s", show(s.Balance))
	}
}

// What a later export says less of is taken back: a proof of the address, the profile's public metadata, a password.
func TestTakenBack(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, k *kratostest.Kratos) {
		hash, err := bcrypt.GenerateFromPassword([]byte(oldPassword), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		const head = "ID;MAIL;PRENOM;NOM;SUR;HASH\n"
		const columns = "verified: {column: SUR, yes: [O], no: [N]}\npassword_hash: {column: HASH}\n"
		o := options(t, k.AdminURL, export(t, head+"1;un@mairie.example.test;Anne;Un;O;"+string(hash)+"\n"))
		o.Profile = smallProfile(t, columns+"metadata_public: {origine: ancien}\n")
		mustRun(t, o)
		o.Input, o.Profile = export(t, head+"1;un@mairie.example.test;Anne;Un;N;\n"), smallProfile(t, columns)
		if s := mustRun(t, o); s.Balance != (journal.Balance{Read: 1, Updated: 1}) {
			t.Fatalf("balance %s", show(s.Balance))
		}
		there, _ := everybody(t, k)
		var now struct {
			Public    json.RawMessage `json:"metadata_public"`
			Addresses []struct {
				Verified bool `json:"verified"`
			} `json:"verifiable_addresses"`
		}
		k.Call(t, http.MethodGet, k.AdminURL+"/admin/identities/"+there["1"].ID, nil, &now)
		if string(now.Public) != "null" || len(now.Addresses) != 1 || now.Addresses[0].Verified {
			t.Errorf("after the update: %s %+v", now.Public, now.Addresses)
		}
		if s := mustRun(t, o); s.Balance != (journal.Balance{Read: 1, Already: 1}) {
			t.Errorf("the same again: %s", show(s.Balance))
		}
		if u, err := importer.Undo(t.Context(), o, nil); err != nil || u.Removable != 1 {
			t.Errorf("our own update counts as use: %+v, %v", u, err)
		}
		if _, ok := k.Login(t, "un@mairie.example.test", oldPassword); ok {
			t.Error("a password that the source no longer has opens the account")
		}
	})
}

// An account that somebody removed from Kratos is not made again behind their back.
func TestRemovedFromKratos(t *testing.T) {
	t.Parallel()
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	input, truth := sampleFile(t, samples.Options{Rows: 20, Seed: 8})
	o := options(t, k.AdminURL, input)
	mustRun(t, o)
	there, _ := everybody(t, k)
	status, _ := k.Call(t, http.MethodDelete, k.AdminURL+"/admin/identities/"+there["MD00000003"].ID, nil, nil)
	if status != http.StatusNoContent {
		t.Fatalf("removing an account: %d", status)
	}
	s := mustRun(t, o)
	if s.Balance != (journal.Balance{Read: truth.Read, Already: truth.Read - 1, Conflict: 1}) || s.Reasons[0].Code != profile.CodeGone {
		t.Errorf("balance %s, reasons %v", show(s.Balance), s.Reasons)
	}
	if _, err := os.Stat(filepath.Join(o.Dir, importer.ConflictsFile)); err != nil {
		t.Error("nobody is told")
	}
}

// A password that an administrator sets is use, although Kratos then makes a new credential, as young as itself.
func TestAdministratorSetsPassword(t *testing.T) {
	t.Parallel()
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	const head = "ID;MAIL;PRENOM;NOM\n"
	o := options(t, k.AdminURL, export(t, head+"1;un@mairie.example.test;Anne;Un\n2;deux@mairie.example.test;Bea;Deux\n"))
	o.Profile = smallProfile(t, "")
	mustRun(t, o)
	there, _ := everybody(t, k)
	givePassword(t, k, there["1"].ID)
	o.Input = export(t, head+"1;un@mairie.example.test;Anne;Une\n2;deux@mairie.example.test;Bea;Deuze\n")
	if s := mustRun(t, o); s.Balance != (journal.Balance{Read: 2, Updated: 1, Already: 1}) {
		t.Errorf("a later export: %s", show(s.Balance))
	}
	givePassword(t, k, there["2"].ID) // after an update of ours
	if u, err := importer.Undo(t.Context(), o, nil); err != nil || u.Used != 2 || u.Removable != 0 {
		t.Errorf("undo: %+v, %v", u, err)
	}
	if _, people, err := importer.Reminder(t.Context(), o); err != nil || people != 0 {
		t.Errorf("%d people to remind, %v", people, err)
	}
}
