package importer_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/xuri/excelize/v2"

	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/samples"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// The people of one CSV file are imported. Read from any other source, the same people must all be found there, unchanged to the last
// character: a digest that differed would make an update.
func TestSameFromEverySource(t *testing.T) {
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	of := samples.Options{Rows: 500, Seed: 2, Defects: 0.08, Structured: true, Unicode: true}
	input, truth := sampleFile(t, of)
	o := options(t, k.AdminURL, input)
	o.Profile.CSV.Encoding = "utf-8"
	if s := mustRun(t, o); s.Balance != balance(truth) {
		t.Fatalf("balance %s, want %s", show(s.Balance), show(truth))
	}
	same := func(t *testing.T, change func(*testing.T, *importer.Options)) { sameAgain(t, o, truth, change) }
	t.Run("gzip", func(t *testing.T) {
		same(t, func(t *testing.T, o *importer.Options) { o.Input = gzipOf(t, input) })
	})
	t.Run("standard input", func(t *testing.T) {
		same(t, func(t *testing.T, o *importer.Options) {
			o.Input, o.Stdin = "-", strings.NewReader(readLines(t, input))
		})
		if _, err := os.Stat(filepath.Join(o.Dir, "source.copy")); !os.IsNotExist(err) {
			t.Error("the copy of standard input, which holds personal data, is still there")
		}
	})
	t.Run("JSON Lines", func(t *testing.T) {
		same(t, func(t *testing.T, o *importer.Options) { o.Input, o.Format = jsonLines(t, of), "jsonl" })
	})
	t.Run("JSON, a list", func(t *testing.T) {
		same(t, func(t *testing.T, o *importer.Options) {
			lines := strings.TrimSpace(readLines(t, jsonLines(t, of)))
			o.Input, o.Format = export(t, "{\"people\": [\n"+strings.ReplaceAll(lines, "\n", ",\n")+"\n]}"), "json"
			o.Profile.JSON.Path = "people"
		})
	})
	t.Run("Excel", func(t *testing.T) {
		same(t, func(t *testing.T, o *importer.Options) { o.Input, o.Format = workbook(t, of), "xlsx" })
	})
	t.Run("CSV with other quotes and delimiters", func(t *testing.T) {
		same(t, func(t *testing.T, o *importer.Options) {
			o.Input = dialect(t, of)
			o.Profile.CSV = profile.CSV{Delimiter: "~|~", Encoding: "utf-8", Quote: "'", Escape: `\`, Columns: samples.Columns}
		})
	})
	for name, start := range databases() {
		t.Run(name, func(t *testing.T) {
			same(t, func(t *testing.T, o *importer.Options) {
				dsn, db := start(t)
				fillTable(t, db, name, of)
				t.Setenv("LEGACY_DSN", dsn)
				o.Input, o.Format = "", "sql"
				o.Profile.SQL = profile.SQL{Driver: name, DSNEnv: "LEGACY_DSN", Query: "SELECT * FROM usagers", Key: "rang"}
			})
		})
	}
}

// sameAgain plans an import of the same people from another source: nothing may be left to do.
func sameAgain(t *testing.T, o importer.Options, truth samples.Truth, change func(*testing.T, *importer.Options)) {
	t.Helper()
	o.Profile = exampleProfile(t, func(p *profile.Profile) { p.CSV.Encoding = "utf-8" })
	change(t, &o)
	s, err := importer.Plan(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if s.ToCreate != 0 || s.ToUpdate != 0 || s.Disappeared != 0 || s.Balance.Already != truth.Created ||
		s.Balance.Rejected != truth.Rejected || s.Balance.Conflict != truth.Conflict {
		t.Errorf("plan: %s, want %d already there and nothing to do", show(s), truth.Created)
	}
}

func gzipOf(t *testing.T, input string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(readLines(t, input)))
	w.Close()
	path := filepath.Join(t.TempDir(), "export.csv.gz")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func jsonLines(t *testing.T, of samples.Options) string {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "export.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := samples.WriteJSONLines(f, of); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

// workbook writes the rows as an Excel workbook.
func workbook(t *testing.T, of samples.Options) string {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	sheet, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	write := func(line int, fields []string) {
		cells := make([]any, len(fields))
		for i, field := range fields {
			cells[i] = field
		}
		cell, err := excelize.CoordinatesToCellName(1, line)
		if err == nil {
			err = sheet.SetRow(cell, cells)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	write(1, samples.Columns)
	line := 1
	for row := range samples.Rows(of) {
		line++
		write(line, row.Fields)
	}
	path := filepath.Join(t.TempDir(), "export.xlsx")
	if err := errors.Join(sheet.Flush(), book.SaveAs(path)); err != nil {
		t.Fatal(err)
	}
	return path
}

// dialect writes the rows without titles, between single quotes, with a delimiter of three characters and backslashes.
func dialect(t *testing.T, of samples.Options) string {
	t.Helper()
	var text strings.Builder
	escape := strings.NewReplacer(`\`, `\\`, "'", `\'`)
	for row := range samples.Rows(of) {
		var fields []string
		for _, field := range row.Fields {
			fields = append(fields, "'"+escape.Replace(field)+"'")
		}
		text.WriteString(strings.Join(fields, "~|~") + "\r\n")
	}
	return export(t, text.String())
}

// databases are those that a legacy store may be in; each has an empty one of the test's own.
func databases() map[string]func(*testing.T) (dsn string, db *sql.DB) {
	return map[string]func(*testing.T) (string, *sql.DB){
		"sqlite": func(t *testing.T) (string, *sql.DB) {
			dsn := filepath.Join(t.TempDir(), "legacy.sqlite")
			return dsn, openDB(t, "sqlite", dsn)
		},
		"postgres": func(t *testing.T) (string, *sql.DB) {
			dsn := postgresDSN(t)
			return dsn, openDB(t, "pgx", dsn)
		},
		"mysql": func(t *testing.T) (string, *sql.DB) {
			server := os.Getenv("EFP_TEST_MYSQL")
			if server == "" {
				server = "root@tcp(127.0.0.1:3306)/?parseTime=true"
			}
			admin := openDB(t, "mysql", server)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			if err := admin.PingContext(ctx); err != nil {
				kratostest.Missing(t, "a MariaDB or MySQL server (EFP_TEST_MYSQL=user@tcp(host:port)/?parseTime=true)")
			}
			name := "efp_import_" + strings.ToLower(rand.Text())
			if _, err := admin.Exec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4"); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { admin.Exec("DROP DATABASE " + name) })
			dsn := onDatabase(t, server, name)
			return dsn, openDB(t, "mysql", dsn)
		},
	}
}

func openDB(t *testing.T, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func fillTable(t *testing.T, db *sql.DB, driver string, of samples.Options) {
	t.Helper()
	quote, mark := `"`, func(i int) string { return "?" }
	switch driver {
	case "mysql":
		quote = "`"
	case "postgres":
		mark = func(i int) string { return fmt.Sprintf("$%d", i) }
	}
	columns, marks := []string{"rang INTEGER PRIMARY KEY"}, []string{mark(1)}
	for i, name := range samples.Columns {
		columns = append(columns, quote+name+quote+" TEXT")
		marks = append(marks, mark(i+2))
	}
	if _, err := db.Exec("CREATE TABLE usagers (" + strings.Join(columns, ", ") + ")"); err != nil {
		t.Fatal(err)
	}
	insert, err := db.Prepare("INSERT INTO usagers VALUES (" + strings.Join(marks, ",") + ")")
	if err != nil {
		t.Fatal(err)
	}
	defer insert.Close()
	n := 0
	for row := range samples.Rows(of) {
		n++
		values := []any{n}
		for _, field := range row.Fields {
			values = append(values, field)
		}
		if _, err := insert.Exec(values...); err != nil {
			t.Fatal(err)
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
