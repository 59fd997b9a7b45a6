package adoption_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"efpconnect.example/internal/importer/adoption"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/send"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// What may happen to an imported account before its owner comes, and what of it is a choice.
func TestStages(t *testing.T) {
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	admin, err := kratos.NewAdmin(k.AdminURL, kratos.AdminOptions{})
	if err != nil {
		t.Fatal(err)
	}
	call := func(method, path string, body any) {
		t.Helper()
		if status, answer := k.Call(t, method, k.AdminURL+"/admin/identities"+path, body, nil); status > 299 {
			t.Fatalf("%s: %d %s", path, status, answer)
		}
	}
	type change map[string]any
	set := func(path string, value any) []change {
		return []change{{"op": "replace", "path": path, "value": value}}
	}
	cases := []struct {
		why string
		do  func(id string, whole map[string]any)
		is  adoption.Stage
	}{
		{"nothing", func(string, map[string]any) {}, adoption.Waiting},
		{"an administrator corrects the name", func(id string, _ map[string]any) {
			call(http.MethodPatch, "/"+id, set("/traits/family_name", "Serve"))
		}, adoption.Waiting},
		{"an administrator writes all of it, without a password", func(id string, whole map[string]any) {
			delete(whole, "credentials")
			call(http.MethodPut, "/"+id, whole)
		}, adoption.Waiting},
		{"a password is set, then the name corrected", func(id string, whole map[string]any) {
			whole["credentials"] = change{"password": change{"config": change{"password": "une phrase longue de 2026"}}}
			call(http.MethodPut, "/"+id, whole)
			call(http.MethodPatch, "/"+id, set("/traits/family_name", "Serve"))
		}, adoption.Chosen},
		{"the account is switched off", func(id string, _ map[string]any) {
			call(http.MethodPatch, "/"+id, set("/state", "inactive"))
		}, adoption.Inactive},
		{"another source takes it", func(id string, _ map[string]any) {
			call(http.MethodPatch, "/"+id, set("/metadata_admin/legacy/source", "autre"))
		}, adoption.Gone},
		{"it is removed", func(id string, _ map[string]any) { call(http.MethodDelete, "/"+id, nil) }, adoption.Gone},
	}
	var accounts []journal.Account
	for i, c := range cases {
		var whole map[string]any
		legacyID := string(rune('a' + i))
		if status, answer := k.Call(t, http.MethodPost, k.AdminURL+"/admin/identities", change{"schema_id": "account",
			"traits":         change{"email": legacyID + "@example.test", "given_name": "Camille", "family_name": "SERVE"},
			"metadata_admin": change{"legacy": change{"source": "ici", "id": legacyID}}}, &whole); status != http.StatusCreated {
			t.Fatalf("%d %s", status, answer)
		}
		id := whole["id"].(string)
		made, err := admin.ByIDs(t.Context(), []string{id})
		if err != nil || len(made) != 1 {
			t.Fatal(made, err)
		}
		c.do(id, whole)
		parsed := uuid.MustParse(id)
		accounts = append(accounts, journal.Account{LegacyID: legacyID, Identity: parsed[:], Touched: made[0].Password().UpdatedAt.UnixMicro()})
	}
	pace := send.NewPace(1, time.Minute, nil)
	all, err := adoption.Read(t.Context(), admin, accounts, "ici", pace)
	if err != nil {
		t.Fatal(err)
	}
	if err := adoption.Judge(t.Context(), admin, all, pace); err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		if got := all[i].Stage(); got != c.is {
			t.Errorf("%s: stage %d, want %d", c.why, got, c.is)
		}
	}
}
