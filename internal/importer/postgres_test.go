package importer_test

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"efpconnect.example/internal/testkit/kratostest"
)

// postgresServer is the PostgreSQL that tests may make databases on: EFP_TEST_POSTGRES, or one on this machine that lets us in.
func postgresServer(t testing.TB) string {
	t.Helper()
	server := os.Getenv("EFP_TEST_POSTGRES")
	if server == "" {
		server = "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable"
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	connection, err := pgx.Connect(ctx, server)
	if err != nil {
		kratostest.Missing(t, "a PostgreSQL server (EFP_TEST_POSTGRES=postgres://…)")
	}
	connection.Close(ctx)
	return server
}

// postgresDSN makes a database of the test's own, dropped at its end.
func postgresDSN(t testing.TB) string {
	t.Helper()
	server := postgresServer(t)
	address, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	name := "efp_import_" + strings.ToLower(rand.Text())
	execute := func(statement string) {
		ctx := context.Background() // t.Context() is over in a clean-up
		connection, err := pgx.Connect(ctx, server)
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close(ctx)
		if _, err := connection.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	execute("CREATE DATABASE " + name)
	t.Cleanup(func() { execute("DROP DATABASE " + name + " WITH (FORCE)") })
	address.Path = "/" + name
	return address.String()
}
