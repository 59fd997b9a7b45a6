package kratostest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"efpconnect.example/internal/kratosprocess"
)

// postgres makes a database of the test's own on the server of EFP_TEST_POSTGRES (a postgres:// URL), dropped at its end. Without
// that variable it returns "": SQLite.
func postgres(t testing.TB, binary string) (dsn string) {
	t.Helper()
	server := os.Getenv("EFP_TEST_POSTGRES")
	if server == "" {
		return ""
	}
	address, err := url.Parse(server)
	if err != nil {
		t.Fatalf("EFP_TEST_POSTGRES: %v", err)
	}
	name := "efp_kratos_" + strings.ToLower(rand.Text())
	execute(t, server, "CREATE DATABASE "+name+" TEMPLATE "+template(t, server, *address, binary))
	// As on SQLite nothing waits for the disk: while it is busy with another test's database, a request would take seconds.
	execute(t, server, "ALTER DATABASE "+name+" SET synchronous_commit = off")
	// WITH (FORCE): a Kratos that a test has killed may have left connections.
	t.Cleanup(func() { execute(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	address.Path = "/" + name
	return address.String()
}

// template names an empty, migrated database that stays on the server for a binary: migrating takes longer than all the rest of a
// start, and every test wants one. Whoever drops it has it made again. Test binaries that start at once wait for the first one.
func template(t testing.TB, server string, address url.URL, binary string) string {
	t.Helper()
	id, err := kratosprocess.BinaryID(binary)
	if err != nil {
		t.Fatal(err)
	}
	name := "efp_template_" + id
	ctx := t.Context()
	connection, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("EFP_TEST_POSTGRES: %v", err)
	}
	defer connection.Close(context.WithoutCancel(ctx)) // and with it the lock
	var there bool
	if _, err := connection.Exec(ctx, "SELECT pg_advisory_lock(hashtext($1))", name); err != nil {
		t.Fatal(err)
	}
	if err := connection.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil {
		t.Fatal(err)
	}
	if there {
		return name
	}
	// Under its name only when it is whole: a test may be killed meanwhile.
	execute(t, server, "DROP DATABASE IF EXISTS "+name+"_new WITH (FORCE)")
	execute(t, server, "CREATE DATABASE "+name+"_new")
	address.Path = "/" + name + "_new"
	if err := kratosprocess.Migrate(ctx, kratosprocess.Options{Binary: binary, Dir: t.TempDir(), DSN: address.String()}); err != nil {
		t.Fatal(err)
	}
	execute(t, server, "ALTER DATABASE "+name+"_new RENAME TO "+name)
	return name
}

func execute(t testing.TB, server, statement string) {
	t.Helper()
	ctx := context.Background() // t.Context() is already over in a clean-up
	connection, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("EFP_TEST_POSTGRES: %v", err)
	}
	defer connection.Close(ctx)
	if _, err := connection.Exec(ctx, statement); err != nil {
		t.Fatal(err)
	}
}
