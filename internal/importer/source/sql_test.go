package source_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"efpconnect.example/internal/importer/source"
	"efpconnect.example/internal/testkit/kratostest"
)

// stores are the databases of the tests: SQLite always, the others on this machine or where the environment says.
func stores(t *testing.T) map[string]func(*testing.T) (driver, dsn string, db *sql.DB) {
	return map[string]func(*testing.T) (string, string, *sql.DB){
		"sqlite": func(t *testing.T) (string, string, *sql.DB) {
			dsn := filepath.Join(t.TempDir(), "legacy.sqlite")
			return "sqlite", dsn, open(t, "sqlite", dsn)
		},
		"postgres": func(t *testing.T) (string, string, *sql.DB) {
			server := environment("EFP_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable")
			return "postgres", server, reachable(t, "pgx", server, "a PostgreSQL server (EFP_TEST_POSTGRES=postgres://…)")
		},
		"mysql": func(t *testing.T) (string, string, *sql.DB) {
			server := environment("EFP_TEST_MYSQL", "root@tcp(127.0.0.1:3306)/?parseTime=true")
			admin := reachable(t, "mysql", server, "a MariaDB or MySQL server (EFP_TEST_MYSQL=user@tcp(host:port)/?parseTime=true)")
			name := "efp_source_" + strings.ToLower(rand.Text())
			if _, err := admin.Exec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4"); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { admin.Exec("DROP DATABASE " + name) })
			dsn := onDatabase(t, server, name)
			return "mysql", dsn, open(t, "mysql", dsn)
		},
	}
}

func environment(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func open(t *testing.T, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func reachable(t *testing.T, driver, dsn, what string) *sql.DB {
	t.Helper()
	db := open(t, driver, dsn)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		kratostest.Missing(t, what)
	}
	return db
}

// Pages shorter than the table, a key that is a number and one that is text: every row once, in order, with its own text.
func TestSQLPages(t *testing.T) {
	for name, start := range stores(t) {
		t.Run(name, func(t *testing.T) {
			driver, dsn, db := start(t)
			table := "usagers_" + strings.ToLower(rand.Text())
			exec := func(query string) {
				t.Helper()
				if _, err := db.Exec(query); err != nil {
					t.Fatal(err)
				}
			}
			exec("CREATE TABLE " + table + " (rang INTEGER PRIMARY KEY, code VARCHAR(40) NOT NULL, nom VARCHAR(100), solde NUMERIC(6,2), cree TIMESTAMP NULL)")
			t.Cleanup(func() { db.Exec("DROP TABLE " + table) })
			for i := range 23 {
				exec(fmt.Sprintf("INSERT INTO %s VALUES (%d, 'c%03d', %s, 12.50, NULL)", table, i*10, 100-i, map[bool]string{true: "NULL", false: "'Zoé œ €'"}[i%5 == 0]))
			}
			for _, key := range []string{"rang", "code"} {
				r, err := source.NewSQL(t.Context(), source.SQLOptions{Driver: driver, DSN: dsn, Query: "SELECT * FROM " + table, Key: key, Page: 5})
				if err != nil {
					t.Fatal(err)
				}
				seen := map[string]bool{}
				last := ""
				for n := int64(1); ; n++ {
					record, err := r.Next()
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil {
						t.Fatal(err)
					}
					if record.Line != n || len(record.Fields) != 5 || (record.Fields[2] != "" && record.Fields[2] != "Zoé œ €") || !strings.HasPrefix(record.Fields[3], "12.5") {
						t.Errorf("row %d: %+v", n, record)
					}
					if key == "code" && record.Fields[1] <= last {
						t.Errorf("key %q after %q", record.Fields[1], last)
					}
					last = record.Fields[1]
					seen[record.Fields[0]] = true
				}
				r.Close()
				if len(seen) != 23 {
					t.Errorf("by %s: %d different rows, want 23", key, len(seen))
				}
			}
		})
	}
}

// What an operator can get wrong is said without the DSN, which holds a password.
func TestSQLFaults(t *testing.T) {
	dsn := filepath.Join(t.TempDir(), "legacy.sqlite")
	db := open(t, "sqlite", dsn)
	if _, err := db.Exec("CREATE TABLE usagers (id INTEGER, nom TEXT COLLATE NOCASE, rang INTEGER); INSERT INTO usagers VALUES (1,'A1',1),(2,'a1',NULL),(2,'b',3)"); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		o    source.SQLOptions
		says string
	}{
		"unknown driver":     {source.SQLOptions{Driver: "oracle"}, "base inconnue"},
		"no such table":      {source.SQLOptions{Driver: "sqlite", DSN: dsn, Query: "SELECT * FROM nulle_part", Key: "id"}, "la requête échoue"},
		"key not a column":   {source.SQLOptions{Driver: "sqlite", DSN: dsn, Query: "SELECT nom FROM usagers", Key: "nom2"}, "la clé \"nom2\" n’est pas une colonne"},
		"a repeated key":     {source.SQLOptions{Driver: "sqlite", DSN: dsn, Query: "SELECT * FROM usagers", Key: "id"}, "répétée (3 lignes, 2 valeurs différentes)"},
		"a key told by case": {source.SQLOptions{Driver: "sqlite", DSN: dsn, Query: "SELECT * FROM usagers", Key: "nom"}, "répétée (3 lignes, 2 valeurs différentes)"},
		"a row without key":  {source.SQLOptions{Driver: "sqlite", DSN: dsn, Query: "SELECT * FROM usagers", Key: "rang"}, "vide ou répétée (3 lignes, 2 valeurs différentes)"},
		"a DSN of nonsense":  {source.SQLOptions{Driver: "postgres", DSN: "postgres://u:secret@[", Query: "SELECT 1", Key: "id"}, "la requête échoue"},
		"a server not there": {source.SQLOptions{Driver: "postgres", DSN: "postgres://u:secret@127.0.0.1:1/x", Query: "SELECT 1 AS id", Key: "id"}, "échoue"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r, err := source.NewSQL(t.Context(), c.o)
			if err == nil {
				r.Close()
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret") {
				t.Errorf("says %q, want %q and no password", err, c.says)
			}
		})
	}
}

// Bytes that are no text spoil their own value alone.
func TestSQLBytes(t *testing.T) {
	dsn := filepath.Join(t.TempDir(), "legacy.sqlite")
	db := open(t, "sqlite", dsn)
	if _, err := db.Exec("CREATE TABLE usagers (id INTEGER, nom TEXT); INSERT INTO usagers VALUES (1,'Zoé'),(2,CAST(x'5A6FE9' AS TEXT)),(3,x'5A6FE9'),(4,'Anne')"); err != nil {
		t.Fatal(err)
	}
	in, err := source.NewSQL(t.Context(), source.SQLOptions{Driver: "sqlite", DSN: dsn, Query: "SELECT * FROM usagers", Key: "id"})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	path := filepath.Join(t.TempDir(), "copy")
	if err := source.WriteCopy(path, in); err != nil {
		t.Fatal(err)
	}
	out, err := source.OpenCopy(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	for _, want := range []string{"Zoé", "Zo\uFFFD", "Zo\uFFFD", "Anne"} {
		if record, err := out.Next(); err != nil || record.Fields[1] != want {
			t.Errorf("got %q, %v; want %q", record.Fields, err, want)
		}
	}
}

// Rows that go while they are read are missed: the pages may have jumped over them. Rows that come are not.
func TestSQLChanges(t *testing.T) {
	for change, want := range map[string]error{"DELETE FROM usagers WHERE id = 4": source.ErrUnreadable, "INSERT INTO usagers VALUES (5)": io.EOF} {
		dsn := filepath.Join(t.TempDir(), "legacy.sqlite")
		db := open(t, "sqlite", dsn)
		if _, err := db.Exec("PRAGMA journal_mode=WAL; CREATE TABLE usagers (id INTEGER); INSERT INTO usagers VALUES (1),(2),(3),(4)"); err != nil {
			t.Fatal(err)
		}
		r, err := source.NewSQL(t.Context(), source.SQLOptions{Driver: "sqlite", DSN: dsn, Query: "SELECT * FROM usagers", Key: "id", Page: 2})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for n := 0; err == nil; n++ {
			if n == 2 {
				if _, err := db.Exec(change); err != nil {
					t.Fatal(err)
				}
			}
			_, err = r.Next()
		}
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", change, err, want)
		}
	}
}

// onDatabase is a MySQL server's address with a database, dates read as dates.
func onDatabase(t *testing.T, server, name string) string {
	t.Helper()
	address, err := mysql.ParseDSN(server)
	if err != nil {
		t.Fatal("EFP_TEST_MYSQL is no address of a server: user:password@tcp(host:port)/")
	}
	address.DBName, address.ParseTime = name, true
	return address.FormatDSN()
}
