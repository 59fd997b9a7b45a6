package source_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"efpconnect.example/internal/importer/source"
)

// workbook writes a workbook of two sheets: notes, and the people, with cells as people format them.
func workbook(t testing.TB) string {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(book.SetSheetName("Sheet1", "Comptes"))
	_, err := book.NewSheet("Notes")
	must(err)
	must(book.SetSheetRow("Notes", "A1", &[]any{"note"}))
	day := time.Date(1980, 3, 21, 0, 0, 0, 0, time.UTC)
	rows := [][]any{
		2: {"id", "pre\u0301nom ", "téléphone", "né le", "inscrit", "entier", "solde", "actif"},
		3: {123456789012345, "Zoé", 612345678, day, day, 12345678, 1234.5, true},
		5: {"0042", "Noël", "0612345678", day, day, "1E5", 1e20, false},
		6: {3},
		7: {4, "a", "", "", "", "", "", "", "de trop"},
	}
	for i, row := range rows {
		if row != nil {
			cell, err := excelize.CoordinatesToCellName(1, i)
			must(err)
			must(book.SetSheetRow("Comptes", cell, &row))
		}
	}
	style := func(cells, format string) {
		id, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
		must(err)
		must(book.SetCellStyle("Comptes", cells, strings.Replace(cells, "3", "5", 1), id))
	}
	style("C3", "00 00 00 00 00")
	style("D3", "dd/mm/yyyy")
	style("F3", "#,##0")
	style("G3", "0")
	system, err := book.NewStyle(&excelize.Style{NumFmt: 14})
	must(err)
	must(book.SetCellStyle("Comptes", "E3", "E5", system))
	path := filepath.Join(t.TempDir(), "export.xlsx")
	must(book.SaveAs(path))
	return path
}

// Cells are what a person sees, without what a spreadsheet takes away from long numbers and identifiers.
func TestXLSX(t *testing.T) {
	path := workbook(t)
	rounded := rezip(t, path, "xl/worksheets/sheet1.xml", func(s string) string { // as Excel stores a card number that somebody typed
		return strings.Replace(s, "100000000000000000000", "1.2345678901234499E+17", 1)
	})
	if err := os.WriteFile(path, rounded, 0o600); err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	r, err := source.NewXLSX(path, source.XLSXOptions{TempDir: temp})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(r.Columns(), "|"); got != "id|prénom|téléphone|né le|inscrit|entier|solde|actif" {
		t.Errorf("columns %s", got)
	}
	rows, end := readAll(t, r, nil)
	want := []string{
		"3:123456789012345|Zoé|06 12 34 56 78|21/03/1980|1980-03-21|12345678|1234.5|TRUE",
		"5:0042|Noël|0612345678|21/03/1980|1980-03-21|1E5|1.2345678901234499E+17|FALSE",
		"6:3|||||||",
		"7:4|a|||||||de trop!9 cellules pour 8 colonnes",
	}
	if strings.Join(rows, "\n") != strings.Join(want, "\n") || end != "" {
		t.Errorf("%s %s\nwant %s", strings.Join(rows, "\n"), end, strings.Join(want, "\n"))
	}
	if left, _ := filepath.Glob(filepath.Join(temp, "*")); len(left) > 0 {
		t.Errorf("personal data is left in %v", left)
	}
	r, err = source.NewXLSX(path, source.XLSXOptions{Sheet: "notes", TempDir: temp})
	if err != nil || r.Columns()[0] != "note" {
		t.Errorf("the named sheet: %v", err)
	}
	r.Close()
	if _, err = source.NewXLSX(path, source.XLSXOptions{Sheet: "Feuille", TempDir: temp}); err == nil || !strings.Contains(err.Error(), "il a : Comptes, Notes") {
		t.Errorf("a sheet that is not there: %v", err)
	}
}

// What a killed process left, in a folder of any name, is personal data: it goes at the next start.
func TestXLSXLeftovers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "import [2026]")
	if err := source.RemoveXLSXTemp(dir); err != nil {
		t.Errorf("no folder yet: %v", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "xlsx-123"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"xlsx-123/excelize-1", "journal.sqlite"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := source.RemoveXLSXTemp(dir); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 || left[0].Name() != "journal.sqlite" {
		t.Errorf("left: %v, %v", left, err)
	}
}

// A workbook that is cut, that is none, or whose sheet is no XML to its end does not lose people without a word.
func TestXLSXDamaged(t *testing.T) {
	book := workbook(t)
	whole, err := os.ReadFile(book)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"cut":       whole[:len(whole)/2],
		"no zip":    []byte("id;nom\n"),
		"empty":     {},
		"bad sheet": rezip(t, book, "xl/worksheets/sheet1.xml", func(s string) string { return strings.Replace(s, `<row r="5"`, `<row r="5`, 1) }),
		"cut sheet": rezip(t, book, "xl/worksheets/sheet1.xml", func(s string) string { return s[:strings.Index(s, `<row r="6"`)] }),
	} {
		path := filepath.Join(t.TempDir(), "x.xlsx")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := source.NewXLSX(path, source.XLSXOptions{TempDir: t.TempDir()})
		if _, end := readAll(t, r, err); !strings.Contains(end, "abîmé") {
			t.Errorf("%s: %q", name, end)
		}
	}
}

// rezip changes one part of a workbook.
func rezip(t *testing.T, book, name string, change func(string) string) []byte {
	t.Helper()
	in, err := zip.OpenReader(book)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, part := range in.File {
		f, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		if part.Name == name {
			content = []byte(change(string(content)))
		}
		w, err := out.Create(part.Name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(content)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The sheet's own XML is what a file may lie with: whatever it holds, reading ends, in rows or with an error that has a name.
func FuzzXLSX(f *testing.F) {
	book := workbook(f)
	f.Add(`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row><row r="2"><c r="A2"><v>1</v></c></row></sheetData></worksheet>`)
	f.Add(`<worksheet><sheetData><row r="1"><c r="ZZZ1"><v>1</v></c></row><row r="9999999"/><row><c t="s"><v>99</v></c></row>`)
	f.Add(`<worksheet><sheetData><row r="1"><c r="A1" s="-1" t="b"><v>1</v></c><c r="A1" s="99"><v>1e400</v></c></row></sheetData></worksheet>`)
	path := filepath.Join(f.TempDir(), "x.xlsx")
	f.Fuzz(func(t *testing.T, sheet string) {
		if err := os.WriteFile(path, rezip(t, book, "xl/worksheets/sheet1.xml", func(string) string { return sheet }), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := source.NewXLSX(path, source.XLSXOptions{TempDir: t.TempDir()})
		if r != nil {
			defer r.Close()
		}
		drain(t, r, err)
	})
}
