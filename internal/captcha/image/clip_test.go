package image

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"math"
	"strings"
	"testing"
	"testing/fstest"
)

// wav builds a file from parts, right or wrong.
func wav(parts ...string) string {
	body := "WAVE" + strings.Join(parts, "")
	return "RIFF" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)))) + body
}

func part(name, body string) string {
	s := name + string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)))) + body
	if len(body)%2 == 1 {
		s += "\x00"
	}
	return s
}

func formatPart(format, channels uint16, hertz uint32, bits uint16) string {
	b := binary.LittleEndian.AppendUint16(nil, format)
	b = binary.LittleEndian.AppendUint16(b, channels)
	b = binary.LittleEndian.AppendUint32(b, hertz)
	b = binary.LittleEndian.AppendUint32(b, hertz)
	b = binary.LittleEndian.AppendUint16(b, 1)
	return part("fmt ", string(binary.LittleEndian.AppendUint16(b, bits)))
}

func TestReadWAV(t *testing.T) {
	muLawFormat, pcmFormat := formatPart(7, 1, 16000, 8), formatPart(1, 1, 16000, 16)
	for _, tc := range []struct {
		name, file string
		want       []float32
		wrong      string
	}{
		{name: "µ-law: loudest, zero, loudest", file: wav(muLawFormat, part("data", "\x00\xff\x7f\x80")), want: []float32{-32124. / 32768, 0, 0, 32124. / 32768}},
		{name: "PCM", file: wav(pcmFormat, part("data", "\x00\x80\x00\x00\xff\x7f")), want: []float32{-1, 0, 32767. / 32768}},
		{name: "other parts are passed over, odd ones too", file: wav(part("LIST", "abc"), muLawFormat, part("fact", "abcd"), part("data", "\xff")), want: []float32{0}},
		{name: "a length beyond the end, as a stream's", file: wav(muLawFormat, "data\xff\xff\xff\xff\xff\xff"), want: []float32{0, 0}},
		{name: "half a PCM sample", file: wav(pcmFormat, part("data", "\x00\x00\x01")), want: []float32{0}},
		{name: "empty", file: "", wrong: "not a WAV"},
		{name: "another file", file: strings.Repeat("x", 100), wrong: "not a WAV"},
		{name: "no sound", file: wav(muLawFormat), wrong: "without sound"},
		{name: "sound first", file: wav(part("data", "\xff"), muLawFormat), wrong: "before its format"},
		{name: "format cut short", file: wav(part("fmt ", "\x07\x00"), part("data", "\xff")), wrong: "cut short"},
		{name: "stereo", file: wav(formatPart(7, 2, 16000, 8), part("data", "\xff")), wrong: "2 channels"},
		{name: "a telephone's rate", file: wav(formatPart(7, 1, 8000, 8), part("data", "\xff")), wrong: "8000 Hz"},
		{name: "24 bits", file: wav(formatPart(1, 1, 16000, 24), part("data", "\xff")), wrong: "24 bits"},
		{name: "floating point", file: wav(formatPart(3, 1, 16000, 32), part("data", "\xff")), wrong: "format 3"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := readWAV([]byte(tc.file))
			if tc.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), tc.wrong) {
					t.Fatalf("error %v, want %q", err, tc.wrong)
				}
				return
			}
			if err != nil || len(got) != len(tc.want) {
				t.Fatalf("%v, %v, want %v", got, err, tc.want)
			}
			for i := range got {
				if math.Abs(float64(got[i]-tc.want[i])) > 1e-6 {
					t.Errorf("sample %d: %v, want %v", i, got[i], tc.want[i])
				}
			}
		})
	}
}

func FuzzReadWAV(f *testing.F) {
	f.Add([]byte(wav(formatPart(7, 1, 16000, 8), part("data", "\x00\xff"))))
	f.Add([]byte(wav(part("LIST", "a"), formatPart(1, 1, 16000, 16), part("data", "\x00\xff"))))
	f.Add([]byte("RIFF\xff\xff\xff\xffWAVEdata\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		samples, err := readWAV(data)
		if err == nil && len(samples) > len(data) {
			t.Errorf("%d samples out of %d bytes", len(samples), len(data))
		}
		for _, v := range samples {
			if !(v >= -1 && v <= 1) {
				t.Fatalf("sample %v", v)
			}
		}
	})
}

// What we serve must be readable by the strictest reader we have.
func TestSound(t *testing.T) {
	g := newGenerator(t)
	for i := range byte(20) {
		data, err := g.WAV("3W8X57", Seed{i})
		if err != nil {
			t.Fatal(err)
		}
		samples, err := readWAV(data)
		if err != nil {
			t.Fatal(err)
		}
		if stated := binary.LittleEndian.Uint32(data[4:]); int(stated)+8 != len(data) {
			t.Errorf("states %d bytes, has %d", stated+8, len(data))
		}
		if seconds := float64(len(samples)) / rate; seconds < 6 || seconds > 15 {
			t.Errorf("%.1f s", seconds)
		}
	}
}

// The signs and what announces them stand 15 dB above the murmur, and people have a pause before each sign to type the one before.
func TestSignsAboveMurmur(t *testing.T) {
	g := newGenerator(t)
	for i := range byte(40) {
		s := g.speak(source(Seed{i}, "sound"), "3X8A57")
		sign, silence := make([]float32, 0, rate), make([]float32, 0, rate)
		end := 0
		for _, place := range append([][2]int{s.intro}, s.places[:]...) {
			if pause := place[0] - end; pause < rate/2 {
				t.Errorf("a pause of %d ms, want 500 at least", pause*1000/rate)
			}
			silence = append(silence, s.samples[end:place[0]]...)
			sign = append(sign, s.samples[place[0]:place[1]]...)
			end = place[1]
		}
		if db := 20 * math.Log10(rms(sign)/rms(silence)); db < 15 || db > 25 {
			t.Errorf("signs %.1f dB above the murmur", db)
		}
	}
}

// Half the bytes, and nothing that an ear notices: the two formats differ by less than a hundredth of what they say.
func TestCompressedSound(t *testing.T) {
	g := newGenerator(t)
	small, err := g.WAV("H7WA38", Seed{7})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := g.PlainWAV("H7WA38", Seed{7})
	if err != nil {
		t.Fatal(err)
	}
	if len(small) > len(plain)*51/100 {
		t.Errorf("%d bytes against %d", len(small), len(plain))
	}
	got, want := mustReadWAV(t, small), mustReadWAV(t, plain)
	wrong := make([]float32, len(want))
	for i := range want {
		wrong[i] = got[i] - want[i]
	}
	if db := 20 * math.Log10(rms(want)/rms(wrong)); db < 30 {
		t.Errorf("noise of the compression only %.1f dB below the sound", db)
	}
}

func mustReadWAV(t *testing.T, data []byte) []float32 {
	t.Helper()
	samples, err := readWAV(data)
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

// Every value that µ-law has comes back as itself.
func TestMuLaw(t *testing.T) {
	for i := range 256 {
		b := byte(i)
		if b == 0x7f { // minus zero
			continue
		}
		if got := toMuLaw(int16(muLaw(b) * (1 << 15))); got != b {
			t.Errorf("%#x became %#x", b, got)
		}
	}
}

// A clip keeps its end when it is stretched: "sept" without its t is "c'est".
func TestStretchKeepsTheEnd(t *testing.T) {
	clip := make([]float32, rate/2)
	for i := len(clip) - rate/50; i < len(clip); i++ {
		clip[i] = float32(math.Sin(float64(i)))
	}
	for _, factor := range []float64{0.85, 1, 1.3} {
		out := stretch(clip, factor)
		if rms(out)*math.Sqrt(float64(len(out))) < 0.5*rms(clip)*math.Sqrt(float64(len(clip))) {
			t.Errorf("stretched by %v, the end is lost", factor)
		}
		if got := float64(len(out)) / float64(len(clip)); math.Abs(got-factor) > 0.12 {
			t.Errorf("stretched by %v: %v times as long", factor, got)
		}
	}
}

func rms(samples []float32) float64 {
	var square float64
	for _, v := range samples {
		square += float64(v) * float64(v)
	}
	return math.Sqrt(square / float64(len(samples)))
}

// A configured folder is checked whole when the site starts, not when somebody
// listens.
func TestFolders(t *testing.T) {
	whole := func() fstest.MapFS {
		out := make(fstest.MapFS)
		err := fs.WalkDir(embedded, "clips/fr", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := embedded.ReadFile(name)
			out[strings.TrimPrefix(name, "clips/")] = &fstest.MapFile{Data: data}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if _, err := New(whole()); err != nil {
		t.Errorf("one voice is enough: %v", err)
	}
	loud := formatPart(7, 1, 16000, 8)
	for name, spoil := range map[string]func(fstest.MapFS){
		"no folder":   func(f fstest.MapFS) { clear(f) },
		"A.wav":       func(f fstest.MapFS) { delete(f, "fr/A.wav") },
		"intro.wav":   func(f fstest.MapFS) { delete(f, "fr/intro.wav") },
		"murmur.wav":  func(f fstest.MapFS) { delete(f, "fr/murmur.wav") },
		"not a WAV":   func(f fstest.MapFS) { f["fr/9.wav"].Data = []byte("<html>") },
		"larger than": func(f fstest.MapFS) { f["fr/9.wav"].Data = make([]byte, largestFile+1) },
		"silence": func(f fstest.MapFS) {
			f["fr/9.wav"].Data = []byte(wav(loud, part("data", strings.Repeat("\xff", rate))))
		},
		"samples, want": func(f fstest.MapFS) {
			f["fr/9.wav"].Data = []byte(wav(loud, part("data", strings.Repeat("\x01", 3*rate))))
		},
		"has 100 samples": func(f fstest.MapFS) {
			f["fr/9.wav"].Data = []byte(wav(loud, part("data", strings.Repeat("\x01", 100))))
		},
		"two/A.wav": func(f fstest.MapFS) { f["two/readme"] = &fstest.MapFile{} },
	} {
		f := whole()
		spoil(f)
		if _, err := New(f); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// make.sh and the clips must not drift apart.
func TestClipsAreComplete(t *testing.T) {
	g := newGenerator(t)
	if len(g.voices) != 5 {
		t.Errorf("%d voices, want 5", len(g.voices))
	}
	for i, v := range g.voices {
		for j := range i {
			for sign := range v.signs {
				if bytes.Equal(asBytes(v.signs[sign]), asBytes(g.voices[j].signs[sign])) {
					t.Errorf("voices %d and %d say %c alike: espeak-ng ignored the voice", j, i, sign)
				}
			}
		}
	}
}

func asBytes(samples []float32) []byte {
	out, _ := binary.Append(nil, binary.LittleEndian, samples)
	return out
}
