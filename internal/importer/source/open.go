package source

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"regexp"
)

// Formats are the names of the forms that a file may have.
var Formats = []string{"csv", "json", "jsonl", "ldif", "xlsx", "fixed"}

// Options say how a file is written; of the formats, those of Format count.
type Options struct {
	Format string
	CSV    CSVOptions
	JSON   JSONOptions
	LDIF   LDIFOptions
	XLSX   XLSXOptions
	Fixed  FixedOptions
}

// Open opens a file with the reader of its format.
func Open(path string, o Options) (Reader, error) {
	reader, err := o.open(path)
	if err != nil {
		return nil, fmt.Errorf("%s : %w", path, err)
	}
	return reader, nil
}

func (o Options) open(path string) (reader Reader, err error) {
	if o.Format == "xlsx" {
		if err := notWorkbook(path); err != nil {
			return nil, err
		}
		return NewXLSX(path, o.XLSX)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	switch o.Format {
	case "csv":
		reader, err = NewCSV(f, f, o.CSV)
	case "json", "jsonl":
		reader, err = NewJSON(f, f, o.JSON)
	case "ldif":
		reader, err = NewLDIF(f, f, o.LDIF)
	case "fixed":
		reader, err = NewFixed(f, f, o.Fixed)
	default:
		err = fmt.Errorf("format inconnu %q", o.Format)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return reader, nil
}

// otherArchive are parts of archives that are no workbook.
var otherArchive = regexp.MustCompile(`word/|opendocument|xl/workbook\.bin`)

// notWorkbook says what a file is that is read as a workbook and is none.
func notWorkbook(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	b := bufio.NewReaderSize(f, peekBytes)
	head, _ := b.Peek(peekBytes)
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) && !otherArchive.Match(head):
		return nil // the library says whether it is sound
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return fmt.Errorf("%w : c’est un fichier gzip : décompressez-le (gunzip) et donnez le résultat", ErrUnreadable)
	}
	if err := otherFile(b); err != nil {
		return err
	}
	if err := otherText(b, "xlsx"); err != nil {
		return err
	}
	return fmt.Errorf("%w : ce n’est pas un classeur Excel (.xlsx) ; si le fichier est du texte en colonnes, écrivez format: csv", ErrUnreadable)
}
