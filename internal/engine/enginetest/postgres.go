package enginetest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// postgres makes a database of the test's own on the server of EFP_TEST_POSTGRES (a postgres:// URL), dropped at its end. Without
// that variable it returns "": SQLite.
func postgres(t testing.TB) (dsn string) {
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
	execute(t, server, "CREATE DATABASE "+name)
	// WITH (FORCE): a Kratos that a test has killed may have left connections.
	t.Cleanup(func() { execute(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	address.Path = "/" + name
	return address.String()
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
