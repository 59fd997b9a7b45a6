package image

import (
	"bytes"
	"encoding/binary"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"
)

func newGenerator(t testing.TB) *Generator {
	t.Helper()
	g, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAnswer(t *testing.T) {
	const n = 20000
	seen := make(map[rune]int)
	for range n {
		a := Answer()
		if len(a) != Length || !strings.ContainsAny(a, letters) || !strings.ContainsAny(a, digits) {
			t.Fatalf("%q", a)
		}
		for _, sign := range a {
			seen[sign]++
		}
	}
	// Each sign as often as the others of its kind: a range that ends one too
	// early never draws the last sign, and no reader would notice.
	for _, kind := range []string{letters, digits} {
		total := 0
		for _, sign := range kind {
			total += seen[sign]
		}
		mean := total / len(kind)
		for _, sign := range kind {
			if seen[sign] < mean*19/20 || seen[sign] > mean*21/20 {
				t.Errorf("%c came %d times, expected about %d", sign, seen[sign], mean)
			}
		}
	}
	if len(seen) != len(Alphabet) {
		t.Errorf("%d different signs, want %d", len(seen), len(Alphabet))
	}
}

// Pairs measured to sound alike in French, closest first, and the usual pairs
// that look alike: an answer must hold one of each at most.
func TestAlphabet(t *testing.T) {
	for _, alike := range []string{"I1", "O0DQ", "2Z", "5S", "8B", "UV", "4A", "6G", "CG", "PT", "BDV", "A1", "MN", "FS", "FM", "CT", "LR", "E2", "K4", "AK", "KXY"} {
		var both []string
		for _, sign := range alike {
			if strings.ContainsRune(Alphabet, sign) {
				both = append(both, string(sign))
			}
		}
		if len(both) > 1 {
			t.Errorf("%v are alike", both)
		}
	}
}

// What is taken for a sign of ours is never drawn itself, and every sign of ours still means itself.
func TestMeant(t *testing.T) {
	for typed, want := range map[string]string{
		"SBV4KYRM": "58UAXXLF", "sbv4kyrm": "58UAXXLF", "5 8-u": "5 8-u", "OQ0é?": "OQ0é?", Alphabet: Alphabet, strings.ToLower(Alphabet): strings.ToLower(Alphabet),
	} {
		if got := Meant(typed); got != want {
			t.Errorf("Meant(%q) = %q, want %q", typed, got, want)
		}
	}
}

// rendering is one of the two forms of an answer.
var renderings = map[string]func(*Generator, string, Seed) ([]byte, error){
	"PNG":      (*Generator).PNG,
	"WAV":      (*Generator).WAV,
	"PlainWAV": (*Generator).PlainWAV,
}

// One seed is one rendering, however often it is asked for and whichever replica
// is asked; another seed shares nothing with it.
func TestSeed(t *testing.T) {
	g, replica := newGenerator(t), newGenerator(t)
	for name, render := range renderings {
		t.Run(name, func(t *testing.T) {
			first, err := render(g, "H7WA38", Seed{1})
			if err != nil {
				t.Fatal(err)
			}
			again, err := render(replica, "H7WA38", Seed{1})
			if err != nil || !bytes.Equal(first, again) {
				t.Errorf("the same seed gave something else, %v", err)
			}
			other, err := render(g, "H7WA38", Seed{2})
			if err != nil || bytes.Equal(first, other) {
				t.Errorf("another seed gave the same, %v", err)
			}
			sign, err := render(g, "H7WA39", Seed{1})
			if err != nil || bytes.Equal(first, sign) {
				t.Errorf("another answer gave the same, %v", err)
			}
		})
	}
}

// Work and memory are bounded by what may be drawn.
func TestForeignAnswers(t *testing.T) {
	g := newGenerator(t)
	for name, render := range renderings {
		for _, answer := range []string{"", "H7WA3", "H7WA388", "h7wa38", "H7WA3O", "K7WÀ38", strings.Repeat("H", 1<<20)} {
			if out, err := render(g, answer, Seed{}); err == nil || out != nil {
				t.Errorf("%s of %.12q: %d bytes, %v", name, answer, len(out), err)
			} else if answer != "" && strings.Contains(err.Error(), answer) {
				t.Errorf("%s: the error carries the answer", name)
			}
		}
	}
}

func TestPicture(t *testing.T) {
	g := newGenerator(t)
	for i := range byte(20) {
		data, err := g.PNG("H7WA38", Seed{i})
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 12<<10 {
			t.Errorf("%d bytes: more than the 12 kB that a picture may weigh", len(data))
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if b := img.Bounds(); b.Dx() != Width || b.Dy() != Height {
			t.Errorf("%v", b)
		}
	}
}

// Contrast of the darkest and the lightest shade by WCAG, whatever the hues:
// 4.5 is asked of text.
func TestContrast(t *testing.T) {
	for i := range byte(100) {
		p := palette(source(Seed{i}, "picture"))
		dark, light := luminance(p[2]), luminance(p[shades-3])
		if ratio := (light + 0.05) / (dark + 0.05); ratio < 4.5 {
			t.Errorf("contrast %.1f", ratio)
		}
	}
}

// Every sign must stay on the picture: one that hangs over the edge is a code
// that nobody can type.
func TestSignsStayInside(t *testing.T) {
	g := newGenerator(t)
	for i := range 500 {
		var seed Seed
		binary.LittleEndian.PutUint32(seed[:], uint32(i))
		for _, o := range g.lay(source(seed, "picture"), "W8WHW3") {
			outside := 0
			for _, line := range o {
				for _, p := range line {
					if p.x < 0 || p.x > Width || p.y < 0 || p.y > Height {
						outside++
					}
				}
			}
			if outside > 0 {
				t.Fatalf("seed %d: %d points outside", i, outside)
			}
		}
	}
}

// No sign covers or touches another, however wide: where they do, two people read two codes.
func TestSignsApart(t *testing.T) {
	g := newGenerator(t)
	for i := range 500 {
		var seed Seed
		binary.LittleEndian.PutUint32(seed[:], uint32(i))
		for _, answer := range []string{"W8WHW3", "WWWWW8", "J7LJ7L", "AAAAA7"} {
			signs := g.lay(source(seed, "picture"), answer)
			for j := 1; j < len(signs); j++ {
				_, end := signs[j-1].bounds()
				start, _ := signs[j].bounds()
				if start.x-end.x < 8 {
					t.Fatalf("seed %d, %s: signs %d and %d are %.1f apart, want 8 at least", i, answer, j, j+1, start.x-end.x)
				}
			}
		}
	}
}

func BenchmarkPNG(b *testing.B) { benchmark(b, (*Generator).PNG) }
func BenchmarkWAV(b *testing.B) { benchmark(b, (*Generator).WAV) }

func benchmark(b *testing.B, render func(*Generator, string, Seed) ([]byte, error)) {
	g := newGenerator(b)
	b.ReportAllocs()
	var total int
	for i := range b.N {
		var seed Seed
		binary.LittleEndian.PutUint64(seed[:], uint64(i))
		out, err := render(g, "H7WA38", seed)
		if err != nil {
			b.Fatal(err)
		}
		total += len(out)
	}
	b.ReportMetric(float64(total)/float64(b.N), "bytes")
}

func luminance(c color.Color) float64 {
	linear := func(v uint32) float64 {
		x := float64(v) / 0xffff
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	r, g, b, _ := c.RGBA()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}
