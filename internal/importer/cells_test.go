package importer

import (
	"strings"
	"testing"
)

// What a spreadsheet would execute comes out harmless, and comes back as it was.
func FuzzCells(f *testing.F) {
	for _, cell := range []string{"=1+1", "+33 1 23", "-x", "@cmd", "\tx", "\r=", "'", "'=1", "d'Artagnan", "", "''+"} {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		out := escape(cell)
		if out != "" && strings.ContainsRune(dangerous, rune(out[0])) {
			t.Errorf("%q is written as %q", cell, out)
		}
		if back := unescape(out); back != cell {
			t.Errorf("%q comes back as %q", cell, back)
		}
	})
}
