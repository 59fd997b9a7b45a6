package deploy

import (
	"context"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/mailbox"
	"efpconnect.example/internal/testkit/kratostest"
)

// TestErase: after the account is deleted and erase.sql has run, no table of Kratos's database names the person; their neighbour,
// whose address ends like theirs, keeps everything.
func TestErase(t *testing.T) {
	needPostgres(t)
	box, err := mailbox.Start("127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	var dsn string
	k := kratostest.Start(t, func(o *kratosprocess.Options) { dsn, o.SMTPAddr = o.DSN, box.SMTPAddr() })
	const person, neighbour, password = "Serve@example.test", "la-serve@example.test", "Ancien-Passe-2026"
	ids := map[string]string{}
	for _, address := range []string{person, neighbour} {
		ids[address] = k.Create(t, kratostest.Identity{Email: address, GivenName: "Camille", FamilyName: "Serve", Password: password})
		k.Login(t, address, password)
		post(t, k, "/self-service/login?flow="+open(t, k, "login"), map[string]string{"method": "password", "identifier": address, "password": "faux"}, http.StatusBadRequest)
		// The first code is used; the second flow is begun, and belongs to no account yet.
		flow := begun(t, k, address)
		post(t, k, "/self-service/recovery?flow="+flow, map[string]string{"method": "code", "code": k.Code(t, address)}, http.StatusOK)
		begun(t, k, address)
		if _, err := box.Wait(t.Context(), strings.ToLower(address), 2); err != nil {
			t.Fatal(err)
		}
	}
	if status, answer := k.Call(t, http.MethodDelete, k.AdminURL+"/admin/identities/"+ids[person], nil, nil); status != http.StatusNoContent {
		t.Fatalf("%d %s", status, answer)
	}
	if err := k.Stop(); err != nil { // the courier notes a mail as sent after the relay has it
		t.Fatal(err)
	}
	db, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(context.Background()) })
	if len(naming(t, db, person)) == 0 {
		t.Error("nothing was left by Kratos: this proves nothing")
	}
	neighbours := naming(t, db, neighbour)
	erase, err := os.ReadFile("erase.sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), strings.ReplaceAll(string(erase), ":'address'", "'"+person+"'")); err != nil {
		t.Fatal(err)
	}
	if left := naming(t, db, person); len(left) > 0 {
		t.Errorf("the person is named in %v", left)
	}
	if left := naming(t, db, neighbour); strings.Join(left, " ") != strings.Join(neighbours, " ") {
		t.Errorf("the neighbour was in %v, and is in %v", neighbours, left)
	}
}

func open(t *testing.T, k *kratostest.Kratos, kind string) (flow string) {
	t.Helper()
	var opened struct{ ID string }
	k.Call(t, http.MethodGet, k.PublicURL+"/self-service/"+kind+"/api", nil, &opened)
	return opened.ID
}

func post(t *testing.T, k *kratostest.Kratos, path string, form map[string]string, want int) {
	t.Helper()
	if status, answer := k.Call(t, http.MethodPost, k.PublicURL+path, form, nil); status != want {
		t.Fatalf("%s: %d %.300s", path, status, answer)
	}
}

// begun is a recovery flow whose code was sent.
func begun(t *testing.T, k *kratostest.Kratos, address string) (flow string) {
	t.Helper()
	flow = open(t, k, "recovery")
	post(t, k, "/self-service/recovery?flow="+flow, map[string]string{"method": "code", "email": address}, http.StatusOK)
	return flow
}

// naming are the tables with a row that holds the text, as a word of its own, however it is spelled.
func naming(t *testing.T, db *pgx.Conn, text string) (tables []string) {
	t.Helper()
	rows, err := db.Query(t.Context(), "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range all {
		var found int
		name := pgx.Identifier{table}.Sanitize()
		pattern := `(^|[^a-z0-9.-])` + regexp.QuoteMeta(strings.ToLower(text))
		if err := db.QueryRow(t.Context(), "SELECT count(*) FROM "+name+" t WHERE lower(t::text) ~ $1", pattern).Scan(&found); err != nil {
			t.Fatal(err)
		}
		if found > 0 {
			tables = append(tables, table)
		}
	}
	return tables
}
