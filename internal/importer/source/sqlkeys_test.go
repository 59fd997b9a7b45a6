package source_test

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"efpconnect.example/internal/importer/source"
)

// mysqlKeys are types of a key and how number i is written in it; says is what is said of a type that cannot be one.
var mysqlKeys = []struct{ kind, value, says string }{
	{"BIT(8)", "b'%b'", ""},
	{"BIT(64)", "b'1%063b'", ""},
	{"TINYINT UNSIGNED", "%d", ""},
	{"BIGINT", "90071992547409%d", ""},
	{"BIGINT UNSIGNED", "184467440737095510%02d", ""},
	{"DECIMAL(12,2)", "%d.10", ""},
	{"DOUBLE", "%d.1", ""},
	{"FLOAT", "%d.1", "de type FLOAT"},
	{"VARCHAR(20) CHARACTER SET utf8mb4", "'é%03d'", ""},
	{"VARCHAR(20) CHARACTER SET latin1", "'é%03d'", ""},
	{"BINARY(16)", "UNHEX(MD5('%d'))", ""},
	{"VARBINARY(16)", "UNHEX(MD5('%d'))", ""},
	{"DATE", "DATE_ADD('2026-01-01', INTERVAL %d DAY)", ""},
	{"DATETIME(6)", "DATE_ADD('2026-01-01', INTERVAL %d MICROSECOND)", ""},
	{"TIMESTAMP(3) NULL", "DATE_ADD('2026-01-01', INTERVAL %d*1000 MICROSECOND)", ""},
	{"TIME", "SEC_TO_TIME(%d)", ""},
	{"YEAR", "20%02d", ""},
	{"ENUM('z01','a02','y03','b04','x05','c06','w07','d08','v09','e10','u11','f12')", "%d", "de type ENUM"},
	{"SET('z','a','y','b')", "%d", "de type SET"},
}

// Whatever the type of the key: every row once, or one sentence. Never the same page for ever.
func TestMySQLKeys(t *testing.T) {
	driver, dsn, db := stores(t)["mysql"](t)
	for _, parse := range []string{"", "?parseTime=true", "?interpolateParams=true"} {
		for _, key := range mysqlKeys {
			table := "cles_" + strings.ToLower(rand.Text())
			mustExec(t, db, "CREATE TABLE "+table+" (cle "+key.kind+", nom VARCHAR(20))")
			for i := range 12 {
				mustExec(t, db, fmt.Sprintf("INSERT INTO %s VALUES (%s, 'n%d')", table, fmt.Sprintf(key.value, i+1), i))
			}
			at, _, _ := strings.Cut(dsn, "?")
			seen, err := readTable(t, source.SQLOptions{Driver: driver, DSN: at + parse, Query: "SELECT * FROM " + table, Key: "cle", Page: 5}, 1)
			switch {
			case key.says != "" && (err == nil || !strings.Contains(err.Error(), key.says)):
				t.Errorf("%s %s: %v", parse, key.kind, err)
			case key.says == "" && (err != nil || len(seen) != 12):
				t.Errorf("%s %s: %d different rows of 12, %v", parse, key.kind, len(seen), err)
			}
		}
	}
}

// readTable gives how often each text of a column was read, and ends by itself.
func readTable(t *testing.T, o source.SQLOptions, column int) (map[string]int, error) {
	t.Helper()
	r, err := source.NewSQL(t.Context(), o)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	seen := map[string]int{}
	for range 1000 {
		record, err := r.Next()
		if errors.Is(err, io.EOF) {
			return seen, nil
		}
		if err != nil {
			return seen, err
		}
		if seen[record.Fields[column]]++; seen[record.Fields[column]] > 1 {
			t.Errorf("%q is read twice", record.Fields[column])
		}
	}
	return seen, errors.New("no end after 1000 rows")
}

func mustExec(t *testing.T, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.Exec(query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// A query as people keep them in a file: with a semicolon, and a comment that would hide what is put after it.
func TestSQLQueryEnds(t *testing.T) {
	for name, start := range stores(t) {
		t.Run(name, func(t *testing.T) {
			driver, dsn, db := start(t)
			table := "fins_" + strings.ToLower(rand.Text())
			mustExec(t, db, "CREATE TABLE "+table+" (id INTEGER, actif INTEGER)")
			t.Cleanup(func() { db.Exec("DROP TABLE " + table) })
			mustExec(t, db, "INSERT INTO "+table+" VALUES (1,1),(2,1),(3,0)")
			for _, query := range []string{
				"SELECT * FROM %s WHERE actif = 1",
				"SELECT * FROM %s WHERE actif = 1;",
				"SELECT * FROM %s WHERE actif = 1 ; \n\n",
				"SELECT * FROM %s WHERE actif = 1 -- les actifs",
				"SELECT * FROM %s -- tous\nWHERE actif = 1 -- les actifs\n",
				"-- les actifs\nSELECT * FROM %s WHERE actif = 1 /* et eux seuls */",
			} {
				if seen, err := readTable(t, source.SQLOptions{Driver: driver, DSN: dsn, Query: fmt.Sprintf(query, table), Key: "id", Page: 1}, 0); err != nil || len(seen) != 2 {
					t.Errorf("%q: %d rows, %v", query, len(seen), err)
				}
			}
		})
	}
}

// Rows that come while the pages are read are read too, and do not end it.
func TestSQLGrows(t *testing.T) {
	driver, dsn, db := stores(t)["sqlite"](t)
	mustExec(t, db, "PRAGMA journal_mode=wal") // who reads keeps nobody from writing
	mustExec(t, db, "CREATE TABLE usagers (id INTEGER)")
	mustExec(t, db, "INSERT INTO usagers VALUES (1),(2),(3)")
	r, err := source.NewSQL(t.Context(), source.SQLOptions{Driver: driver, DSN: dsn, Query: "SELECT * FROM usagers", Key: "id", Page: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	rows := 0
	for {
		if _, err := r.Next(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if rows++; rows == 2 {
			mustExec(t, db, "INSERT INTO usagers VALUES (4),(5)")
		}
	}
	if rows != 5 {
		t.Errorf("%d rows of 5", rows)
	}
}

// A number of single precision is read as it was written, not as the nearest of double precision.
func TestPostgresReal(t *testing.T) {
	driver, dsn, db := stores(t)["postgres"](t)
	table := "reels_" + strings.ToLower(rand.Text())
	mustExec(t, db, "CREATE TABLE "+table+" (id INTEGER, solde REAL, taux DOUBLE PRECISION)")
	t.Cleanup(func() { db.Exec("DROP TABLE " + table) })
	mustExec(t, db, "INSERT INTO "+table+" VALUES (1, 1.1, 1.1), (2, 16777216, 0.1), (3, NULL, NULL)")
	r, err := source.NewSQL(t.Context(), source.SQLOptions{Driver: driver, DSN: dsn, Query: "SELECT * FROM " + table, Key: "id"})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, want := range []string{"1,1.1,1.1", "2,16777216,0.1", "3,,"} {
		if record, err := r.Next(); err != nil || strings.Join(record.Fields, ",") != want {
			t.Errorf("%v, %v, want %s", record.Fields, err, want)
		}
	}
}
