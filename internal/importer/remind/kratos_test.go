package remind

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// accounts makes imported accounts in a real Kratos.
func accounts(t *testing.T, k *kratostest.Kratos, admin *kratos.Admin, locals ...string) (all []journal.Account, ids map[string]string) {
	t.Helper()
	ids = map[string]string{}
	for _, local := range locals {
		var made struct {
			ID string `json:"id"`
		}
		body := map[string]any{"schema_id": "account",
			"traits":         map[string]any{"email": local + "@example.org", "title": "Madame", "given_name": "Camille", "family_name": "Serve"},
			"metadata_admin": map[string]any{"legacy": map[string]any{"source": source, "id": local}}}
		if status, answer := k.Call(t, http.MethodPost, k.AdminURL+"/admin/identities", body, &made); status != http.StatusCreated {
			t.Fatalf("%d %s", status, answer)
		}
		found, err := admin.ByIDs(t.Context(), []string{made.ID})
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		id := uuid.MustParse(made.ID)
		ids[local] = made.ID
		all = append(all, journal.Account{LegacyID: local, Identity: id[:], Run: 1, Touched: found[0].Password().UpdatedAt.UnixMicro()})
	}
	return all, ids
}

// What happens to people between the choice of a wave and their turn, on a real Kratos: right before each mail it is looked at.
func TestOnKratos(t *testing.T) {
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	locals := []string{"waits", "renamed", "chooses", "leaves", "off", "moves", "asks"}
	admin, err := kratos.NewAdmin(k.AdminURL, kratos.AdminOptions{})
	if err != nil {
		t.Fatal(err)
	}
	all, ids := accounts(t, k, admin, append(locals, "chosen")...)
	call := func(method, local string, body any) {
		t.Helper()
		if status, answer := k.Call(t, method, k.AdminURL+"/admin/identities/"+ids[local], body, nil); status > 299 {
			t.Fatalf("%s: %d %s", local, status, answer)
		}
	}
	set := func(local, path, value string) {
		t.Helper()
		call(http.MethodPatch, local, []map[string]any{{"op": "replace", "path": path, "value": value}})
	}
	password := func(local string) {
		t.Helper()
		var whole map[string]any
		k.Call(t, http.MethodGet, k.AdminURL+"/admin/identities/"+ids[local], nil, &whole)
		whole["credentials"] = map[string]any{"password": map[string]any{"config": map[string]string{"password": "une phrase longue de 2026"}}}
		call(http.MethodPut, local, whole)
	}
	password("chosen")
	relay := startRelay(t)
	clock := &clock{time.Now()}
	o := Options{Kratos: admin, Journal: journalOf(t, all), Now: clock.Now, Sleep: clock.Sleep, Campaign: campaign(t, func(c *Campaign) {
		c.Relay, c.PerHour, c.Wave = relay.url, 60, 7
	})}
	first := ""
	o.Progress = func(p Progress) {
		if first != "" || p.Sent == 0 {
			return
		}
		first, _, _ = strings.Cut(relay.taken()[0].to, "@")
		for local, happens := range map[string]func(){
			"renamed": func() { set("renamed", "/traits/family_name", "SERVE") },
			"chooses": func() { password("chooses") },
			"leaves":  func() { call(http.MethodDelete, "leaves", nil) },
			"off":     func() { set("off", "/state", "inactive") },
			"moves":   func() { set("moves", "/traits/email", "moved@example.com") },
			"asks": func() {
				read(t, o, "From: asks@example.org\nTo: desinscription@example.test\n\n")
			},
		} {
			if local != first {
				happens()
			}
		}
	}
	if p, err := MakePlan(t.Context(), o); err != nil || p.Waiting != 7 || p.People != 7 {
		t.Fatalf("%+v, %v", p, err)
	}
	if err := Send(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	want := []string{"waits@example.org", "renamed@example.org", "moved@example.com"}
	if !slices.Contains(want, first+"@example.org") { // it got its mail before anything happened
		want = append(want, first+"@example.org")
	}
	if first == "moves" {
		want = slices.DeleteFunc(want, func(to string) bool { return to == "moved@example.com" })
	}
	var got []string
	for _, m := range relay.taken() {
		got = append(got, m.to)
		if !strings.Contains(m.text, "Bonjour Madame Camille SERVE,") {
			t.Error("the letter does not greet")
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("first %s; written to %q, want %q; %v", first, got, want, status(t, o).Waves[0].States)
	}
}
