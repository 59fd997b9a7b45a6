// Package deploy holds what an administrator deploys with. Its tests run what is there on the real programs.
package deploy

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/mailbox"
	"efpconnect.example/internal/testkit/kratostest"
)

// needPostgres makes kratostest use PostgreSQL: what is delivered here is written for it.
func needPostgres(t *testing.T) {
	t.Helper()
	if os.Getenv("EFP_TEST_POSTGRES") != "" {
		return
	}
	const server = "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable"
	connection, err := pgx.Connect(t.Context(), server)
	if err != nil {
		kratostest.Missing(t, "PostgreSQL at 127.0.0.1:5432 (EFP_TEST_POSTGRES names another)")
	}
	connection.Close(t.Context())
	t.Setenv("EFP_TEST_POSTGRES", server)
}

// TestPurge: mails that left 48 hours ago are gone, code and name with them; what is younger, or still waits, stays.
func TestPurge(t *testing.T) {
	needPostgres(t)
	box, err := mailbox.Start("127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	var dsn string
	k := kratostest.Start(t, func(o *kratosprocess.Options) { dsn, o.SMTPAddr = o.DSN, box.SMTPAddr() })
	for _, address := range []string{"old@example.test", "young@example.test", "waiting@example.test"} {
		k.Create(t, kratostest.Identity{Email: address})
		var flow struct {
			ID string `json:"id"`
		}
		k.Call(t, http.MethodGet, k.PublicURL+"/self-service/recovery/api", nil, &flow)
		k.Call(t, http.MethodPost, k.PublicURL+"/self-service/recovery?flow="+flow.ID, map[string]string{"method": "code", "email": address}, nil)
		if _, err := box.Wait(t.Context(), address, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.Stop(); err != nil { // the courier notes a mail as sent after the relay has it
		t.Fatal(err)
	}
	db, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(context.Background()) })
	purge, err := os.ReadFile("purge.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"UPDATE courier_messages SET updated_at = now() - interval '49 hours' WHERE recipient LIKE 'old%'",
		"UPDATE courier_messages SET updated_at = now() - interval '47 hours' WHERE recipient LIKE 'young%'",
		"UPDATE courier_messages SET updated_at = now() - interval '49 hours', status = 1 WHERE recipient LIKE 'waiting%'",
		string(purge),
	} {
		if _, err := db.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := db.Query(t.Context(), "SELECT recipient FROM courier_messages ORDER BY recipient")
	if err != nil {
		t.Fatal(err)
	}
	left, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(left, " ") != "waiting@example.test young@example.test" {
		t.Errorf("left: %v", left)
	}
}
