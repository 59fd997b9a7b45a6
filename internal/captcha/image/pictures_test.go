//go:build bench

package image

import (
	"bytes"
	"crypto/rand"
	"fmt"
	stdimage "image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/draw"
)

// setsOfReaders and picturesEach are the bar of the decision note: three
// readers, fifty pictures each, none shown to two of them.
const (
	setsOfReaders = 3
	picturesEach  = 50
)

// The pictures that readers judge, at the size at which a page shows them, in a
// folder for each reader. Their names say nothing; the answers are in files
// beside the folders, for the judge alone. EFP_PICTURES names another folder than
// .build/reading.
func TestPicturesForReaders(t *testing.T) {
	folder := os.Getenv("EFP_PICTURES")
	if folder == "" {
		folder = "../../../.build/reading"
	}
	g := newGenerator(t)
	for set := 1; set <= setsOfReaders; set++ {
		dir := filepath.Join(folder, fmt.Sprint(set))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		var answers strings.Builder
		for i := 1; i <= picturesEach; i++ {
			var seed Seed
			rand.Read(seed[:])
			answer := Answer()
			name := fmt.Sprintf("%02d.png", i)
			if err := os.WriteFile(filepath.Join(dir, name), shown(t, g, answer, seed), 0o644); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&answers, name, answer)
		}
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("answers-%d.txt", set)), []byte(answers.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// shown is the picture as a screen of one pixel for each CSS pixel has it.
func shown(t *testing.T, g *Generator, answer string, seed Seed) []byte {
	t.Helper()
	drawn, err := g.PNG(answer, seed)
	if err != nil {
		t.Fatal(err)
	}
	fine, err := png.Decode(bytes.NewReader(drawn))
	if err != nil {
		t.Fatal(err)
	}
	real := stdimage.NewRGBA(stdimage.Rect(0, 0, Width/2, Height/2))
	draw.ApproxBiLinear.Scale(real, real.Bounds(), fine, fine.Bounds(), draw.Src, nil)
	var out bytes.Buffer
	if err := png.Encode(&out, real); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
