package source_test

import (
	"io"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"efpconnect.example/internal/importer/source"
)

// French in each encoding of one byte a character comes out as it was written.
func TestFrenchInEveryEncoding(t *testing.T) {
	const text = "id;nom\n1;Œuvrard Noël François Æther\n2;ÉLÈVE à Ançay, 5 €\n"
	for name, table := range map[string]*charmap.Charmap{
		"iso-8859-15": charmap.ISO8859_15, "windows-1252": charmap.Windows1252, "macroman": charmap.Macintosh,
		"cp850": charmap.CodePage850, "iso-8859-1": charmap.ISO8859_1,
	} {
		written := text
		if name == "cp850" || name == "iso-8859-1" { // which know neither œ nor €
			written = strings.NewReplacer("Œ", "Oe", "€", "F").Replace(text)
		}
		encoded, err := table.NewEncoder().String(written)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		reader, err := source.Decode(strings.NewReader(encoded), name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := io.ReadAll(reader)
		if err != nil || string(got) != written {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		// A file that is in UTF-8 after all is refused.
		if reader, err = source.Decode(strings.NewReader("id;nom\n1;Zoé François\n"), name); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(reader); err == nil {
			t.Errorf("%s: UTF-8 is read as %q", name, got)
		}
	}
}
