package importer_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

const (
	attachProfile = "legacy:\n  siret: {column: SIRET}\nregistered: attach\n"
	threeRows     = "ID;MAIL;PRENOM;NOM;SIRET\n1;ada@mairie.example.test;Ada;Ancienne;12345678200010\n" +
		"2;neuf@mairie.example.test;Anne;Neuve;12345678200010\n3;pris@mairie.example.test;Paul;Pris;12345678200010\n"
)

// register makes an account as a registration on the site does: names of the person's own, a password, and where it comes from.
func register(t *testing.T, k *kratostest.Kratos, address string) (id string) {
	t.Helper()
	var made struct{ ID string }
	status, answer := k.Call(t, http.MethodPost, k.AdminURL+"/admin/identities", map[string]any{
		"schema_id":       "account",
		"traits":          map[string]string{"email": address, "given_name": "Ada", "family_name": "Choisie"},
		"metadata_public": map[string]string{"origin": "registration"},
		"credentials":     map[string]any{"password": map[string]any{"config": map[string]string{"password": "une phrase longue de 2026"}}},
	}, &made)
	if status != http.StatusCreated {
		t.Fatalf("%d %s", status, answer)
	}
	return made.ID
}

// metadata is what an account carries beside its traits.
func metadata(t *testing.T, k *kratostest.Kratos, id string) (admin, public string) {
	t.Helper()
	var account struct {
		Admin  json.RawMessage `json:"metadata_admin"`
		Public json.RawMessage `json:"metadata_public"`
		Traits struct {
			FamilyName string `json:"family_name"`
		}
	}
	if status, answer := k.Call(t, http.MethodGet, k.AdminURL+"/admin/identities/"+id, nil, &account); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	if account.Traits.FamilyName != "Choisie" {
		t.Errorf("the person's own name has become %q", account.Traits.FamilyName)
	}
	return string(account.Admin), string(account.Public)
}

// registeredCase is a Kratos with an account that its person made, one that an administrator made, and three rows of which two are theirs.
func registeredCase(t *testing.T, more string) (k *kratostest.Kratos, o importer.Options, ada string) {
	t.Helper()
	k = kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	ada = register(t, k, "ada@mairie.example.test")
	k.Create(t, kratostest.Identity{Email: "pris@mairie.example.test"})
	o = options(t, k.AdminURL, export(t, threeRows))
	o.Profile = smallProfile(t, more)
	return k, o, ada
}

// Without a word in the profile, a row of a person who has registered is a conflict with a reason of its own, and nothing is written.
func TestARegisteredAccountIsAConflict(t *testing.T) {
	t.Parallel()
	k, o, ada := registeredCase(t, "")
	if s := mustRun(t, o); s.Balance != (journal.Balance{Read: 3, Created: 1, Conflict: 2}) {
		t.Errorf("%s", show(s.Balance))
	}
	conflicts := readLines(t, o.Dir+"/"+importer.ConflictsFile)
	for line, reason := range map[string]string{"ada@": profile.CodeRegistered, "pris@": profile.CodeTaken} {
		found := false
		for row := range strings.Lines(conflicts) {
			found = found || strings.Contains(row, line) && strings.Contains(row, profile.Sentence(reason))
		}
		if !found {
			t.Errorf("%s is no conflict for %q:\n%s", line, reason, conflicts)
		}
	}
	if admin, public := metadata(t, k, ada); admin != "null" && admin != "" || public != `{"origin":"registration"}` {
		t.Errorf("written to the person's own account: %s %s", admin, public)
	}
}

// With registered: attach the person's own account takes the legacy id and what services need, keeps all else, and undo takes both back.
func TestARegisteredAccountTakesItsLegacyID(t *testing.T) {
	t.Parallel()
	k, o, ada := registeredCase(t, attachProfile)
	if s := mustRun(t, o); s.Balance != (journal.Balance{Read: 3, Created: 1, Updated: 1, Conflict: 1}) {
		t.Fatalf("%s", show(s.Balance))
	}
	admin, public := metadata(t, k, ada)
	if !strings.Contains(admin, `"id":"1"`) || !strings.Contains(admin, `"attached":true`) {
		t.Errorf("its mark: %s", admin)
	}
	if !strings.Contains(public, `"origin":"registration"`) || !strings.Contains(public, `"siret":"12345678200010"`) {
		t.Errorf("what services read: %s", public)
	}
	if s := mustRun(t, o); s.Balance != (journal.Balance{Read: 3, Already: 2, Conflict: 1}) {
		t.Errorf("run again: %s", show(s.Balance))
	}
	o.Input = export(t, strings.Replace(threeRows, "Ancienne", "Autre", 1))
	if s := mustRun(t, o); s.Balance != (journal.Balance{Read: 3, Already: 2, Conflict: 1}) {
		t.Errorf("with another name in the export: %s", show(s.Balance))
	}
	metadata(t, k, ada)
	u, err := importer.Undo(t.Context(), o, func(importer.Undoing) bool { return true })
	if err != nil || u.Attached != 1 || u.Detached != 1 || u.Removed != 1 {
		t.Errorf("undo: %+v, %v", u, err)
	}
	if admin, public := metadata(t, k, ada); admin != "{}" || public != `{"origin":"registration"}` {
		t.Errorf("after undo: %s %s", admin, public)
	}
	if s := mustRun(t, o); s.Balance != (journal.Balance{Read: 3, Created: 1, Updated: 1, Conflict: 1}) {
		t.Errorf("after undo, run again: %s", show(s.Balance))
	}
}

// A run was killed before its journal knew: the account is recognised as its person's own, by the next run and by undo.
func TestAnAttachedAccountIsNeverTakenForOurs(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(*testing.T, importer.Options){
		"undo at once": func(*testing.T, importer.Options) {},
		"run again": func(t *testing.T, o importer.Options) {
			if s := mustRun(t, o); s.Balance != (journal.Balance{Read: 3, Created: 1, Updated: 1, Conflict: 1}) {
				t.Errorf("taken up: %s", show(s.Balance))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, o, ada := registeredCase(t, attachProfile)
			interrupted(t, o)
			forget(t, o)
			next(t, o)
			u, err := importer.Undo(t.Context(), o, func(importer.Undoing) bool { return true })
			if err != nil || u.Detached != 1 || u.Removed != 1 {
				t.Errorf("undo: %+v, %v", u, err)
			}
			if admin, _ := metadata(t, k, ada); admin != "{}" {
				t.Errorf("after undo: %s", admin)
			}
		})
	}
}

// A legacy id that an account has already is not attached to another one.
func TestALegacyIDIsAttachedOnce(t *testing.T) {
	t.Parallel()
	k, o, ada := registeredCase(t, attachProfile)
	o.Input = export(t, strings.Replace(threeRows, "ada@", "ancienne@", 1))
	mustRun(t, o)
	o.Input = export(t, threeRows) // the export now has the address under which its person has registered
	if s := mustRun(t, o); s.Balance != (journal.Balance{Read: 3, Already: 1, Conflict: 2}) {
		t.Errorf("%s", show(s.Balance))
	}
	if admin, _ := metadata(t, k, ada); strings.Contains(admin, "legacy") {
		t.Errorf("one legacy id on two accounts: %s", admin)
	}
}

// Who has registered is nobody to remind, even where the password is still to be chosen.
func TestNobodyIsRemindedOfAnAccountOfTheirOwn(t *testing.T) {
	t.Parallel()
	k, o, ada := registeredCase(t, attachProfile)
	if status, answer := k.Call(t, http.MethodDelete, k.AdminURL+"/admin/identities/"+ada, nil, nil); status != http.StatusNoContent {
		t.Fatalf("%d %s", status, answer)
	}
	status, answer := k.Call(t, http.MethodPost, k.AdminURL+"/admin/identities", map[string]any{
		"schema_id":       "account",
		"traits":          map[string]string{"email": "ada@mairie.example.test"},
		"metadata_public": map[string]string{"origin": "registration"},
	}, nil)
	if status != http.StatusCreated {
		t.Fatalf("%d %s", status, answer)
	}
	mustRun(t, o)
	_, count, err := importer.Reminder(t.Context(), o)
	if err != nil || count != 1 {
		t.Errorf("%d people to remind, %v; want the one whose account was imported", count, err)
	}
}
