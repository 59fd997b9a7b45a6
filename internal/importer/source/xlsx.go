package source

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// XLSXOptions say what to read of a workbook.
type XLSXOptions struct {
	Sheet string // its name; "" for the first
	// TempDir is a folder of the caller's for what does not fit in memory: a folder of its own is made there, and removed by Close.
	TempDir string
}

// XLSXTemp is the pattern of the folders that are made in TempDir: what a killed process leaves there is personal data.
const XLSXTemp = "xlsx-*"

// Bounds on what a workbook may unfold to: the parts that are larger than the second go to the folder.
const (
	maxWorkbookBytes = 4 << 30
	workbookInMemory = 4 << 20
)

// xlsxReader reads the rows of a sheet. The same cells are read twice side by side: as they are shown, and as they are stored.
type xlsxReader struct {
	book          *excelize.File
	shown, stored *excelize.Rows
	columns       []string
	line          int64
	path, temp    string
}

// NewXLSX reads a sheet of an Excel workbook; its first row that is not empty names the columns. Dates are what the sheet shows (ISO dates
// where it leaves the form to the reader's country), numbers have all their digits. A number of more than 15 digits that Excel has rounded
// stays as it is stored, 1.2E+15: nobody can know what it was.
func NewXLSX(path string, o XLSXOptions) (reader Reader, err error) {
	temp, err := os.MkdirTemp(o.TempDir, XLSXTemp)
	if err != nil {
		return nil, err
	}
	r := &xlsxReader{path: path, temp: temp}
	defer func() {
		if err != nil {
			r.Close()
		}
	}()
	r.book, err = excelize.OpenFile(path, excelize.Options{
		UnzipSizeLimit:    maxWorkbookBytes,
		UnzipXMLSizeLimit: workbookInMemory,
		TmpDir:            temp,
		ShortDatePattern:  "yyyy-mm-dd",
	})
	if err != nil {
		return nil, fmt.Errorf("%w : le classeur Excel est abîmé, ou n’en est pas un", ErrUnreadable)
	}
	sheet, err := r.sheet(o.Sheet)
	if err != nil {
		return nil, err
	}
	if r.shown, err = r.book.Rows(sheet); err == nil {
		r.stored, err = r.book.Rows(sheet)
	}
	if err != nil {
		return nil, fmt.Errorf("%w : la feuille %q ne se lit pas", ErrUnreadable, sheet)
	}
	return r, r.header(sheet)
}

// sheet is the sheet to read.
func (r *xlsxReader) sheet(name string) (string, error) {
	sheets := r.book.GetSheetList()
	if len(sheets) == 0 {
		return "", fmt.Errorf("%w : le classeur n’a pas de feuille", ErrUnreadable)
	}
	if name == "" {
		return r.firstShown(sheets), nil
	}
	for _, sheet := range sheets {
		if strings.EqualFold(sheet, name) {
			return sheet, nil
		}
	}
	return "", fmt.Errorf("%w : le classeur n’a pas de feuille %q (xlsx.sheet) ; il a : %s", ErrUnreadable, name, strings.Join(sheets, ", "))
}

// firstShown is the first sheet that a person sees.
func (r *xlsxReader) firstShown(sheets []string) string {
	for _, sheet := range sheets {
		if shown, err := r.book.GetSheetVisible(sheet); err == nil && shown {
			return sheet
		}
	}
	return sheets[0]
}

func (r *xlsxReader) header(sheet string) error {
	cells, err := r.row()
	if err != nil {
		return fmt.Errorf("%w : la feuille %q est vide, sans ligne de titres", ErrUnreadable, sheet)
	}
	if len(cells) > MaxColumns {
		return unreadable(r.line, "plus de %d colonnes", MaxColumns)
	}
	r.columns = titles(cells)
	return nil
}

func (r *xlsxReader) Columns() []string { return r.columns }

func (r *xlsxReader) Close() error {
	var all error
	for _, rows := range []*excelize.Rows{r.shown, r.stored} {
		if rows != nil {
			all = errors.Join(all, rows.Close())
		}
	}
	if r.book != nil {
		all = errors.Join(all, r.book.Close())
	}
	return errors.Join(all, os.RemoveAll(r.temp))
}

func (r *xlsxReader) Next() (Record, error) {
	cells, err := r.row()
	if err != nil {
		return Record{}, err
	}
	record := Record{Line: r.line, Fields: cells}
	for len(record.Fields) < len(r.columns) {
		record.Fields = append(record.Fields, "")
	}
	if len(cells) > len(r.columns) {
		record.Fault, record.Raw = fmt.Sprintf("%d cellules pour %d colonnes", len(cells), len(r.columns)), strings.Join(cells, "\t")
	}
	return record, nil
}

// row gives the cells of the next row that is not empty, up to its last one that is not; io.EOF after the last.
func (r *xlsxReader) row() ([]string, error) {
	for {
		if !r.shown.Next() || !r.stored.Next() {
			return nil, r.end()
		}
		r.line++
		shown, err := r.shown.Columns()
		if err != nil {
			return nil, unreadable(r.line, "la feuille est abîmée")
		}
		stored, err := r.stored.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, unreadable(r.line, "la feuille est abîmée")
		}
		if cells := cellTexts(shown, stored); len(cells) > 0 {
			return cells, nil
		}
	}
}

// end is io.EOF once the sheet has been read whole: the library takes XML that is badly written for the end of it.
func (r *xlsxReader) end() error {
	if r.shown.Error() != nil || r.stored.Error() != nil || !soundSheets(r.path) {
		return unreadable(r.line+1, "la feuille est abîmée, ou a trop de lignes")
	}
	return io.EOF
}

// soundSheets tells whether every sheet of a workbook is XML to its end.
func soundSheets(path string) bool {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return false
	}
	defer archive.Close()
	for _, part := range archive.File {
		if strings.HasPrefix(part.Name, "xl/worksheets/") && strings.HasSuffix(part.Name, ".xml") && !soundXML(part) {
			return false
		}
	}
	return true
}

func soundXML(part *zip.File) bool {
	content, err := part.Open()
	if err != nil {
		return false
	}
	defer content.Close()
	decoder := xml.NewDecoder(io.LimitReader(content, maxWorkbookBytes))
	for {
		if _, err := decoder.Token(); err != nil {
			return err == io.EOF
		}
	}
}

// cellTexts are the texts of a row's cells without the empty ones at its end.
func cellTexts(shown, stored []string) []string {
	cells, last := make([]string, len(shown)), 0
	for i, text := range shown {
		if i < len(stored) {
			text = cellText(text, stored[i])
		}
		if cells[i] = text; strings.TrimSpace(text) != "" {
			last = i + 1
		}
	}
	return cells[:last]
}

// shownNumber is a number as sheets show them, with separators, a unit or an exponent. A date with dots is none.
var (
	shownNumber = regexp.MustCompile(`^[-+(]?[€$£\s]*[0-9][0-9\s\x{00a0}\x{202f}.,']*([eE][-+]?[0-9]+)?[\s%€$£)]*$`)
	dottedDate  = regexp.MustCompile(`^[0-9]{1,4}\.[0-9]{1,2}\.[0-9]{1,4}$`)
	nonDigits   = regexp.MustCompile(`[^0-9]+`)
)

// cellText is what a cell says: the number where one is stored, since what is shown may be rounded; but what is shown where that is a date
// or a word, or has zeros before the number, as a telephone number may.
func cellText(shown, stored string) string {
	number, err := strconv.ParseFloat(stored, 64)
	if err != nil || shown == stored || !shownNumber.MatchString(shown) || dottedDate.MatchString(shown) {
		return shown
	}
	if number > -1e15 && number < 1e15 {
		stored = strconv.FormatFloat(number, 'f', -1, 64)
	}
	if digits := nonDigits.ReplaceAllString(shown, ""); strings.HasPrefix(digits, "0") && strings.TrimLeft(digits, "0") == stored {
		return shown
	}
	return stored
}

// RemoveXLSXTemp removes what a killed process left in a TempDir.
func RemoveXLSXTemp(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		if match, _ := filepath.Match(XLSXTemp, entry.Name()); match {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
		}
	}
	if errors.Is(err, fs.ErrNotExist) { // the folder is not made yet
		return nil
	}
	return err
}
