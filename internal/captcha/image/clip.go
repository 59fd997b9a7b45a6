package image

import (
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"path"
)

//go:embed clips/*/*.wav
var embedded embed.FS

// rate is the samples a second of clips and sounds: f and s live above the
// 4 kHz that a telephone's rate would leave.
const rate = 16000

const (
	longestSign   = 2 * rate
	shortestSign  = rate / 20
	longestMurmur = 10 * rate
	leastMurmur   = 2 * rate
	largestFile   = 2*longestMurmur + 4096
)

// voice is one speaker's signs and murmur, in samples from -1 to 1.
type voice struct {
	signs  map[byte][]float32
	murmur []float32
}

// loadVoices reads every folder as one voice. A missing sign would be silence in
// somebody's ear, so it is an error here.
func loadVoices(clips fs.FS) ([]voice, error) {
	folders, err := fs.ReadDir(clips, ".")
	if err != nil {
		return nil, fmt.Errorf("captcha clips: %w", err)
	}
	var voices []voice
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		v := voice{signs: make(map[byte][]float32)}
		for i := range len(Alphabet) {
			name := path.Join(folder.Name(), Alphabet[i:i+1]+".wav")
			if v.signs[Alphabet[i]], err = loadClip(clips, name, shortestSign, longestSign); err != nil {
				return nil, err
			}
		}
		name := path.Join(folder.Name(), "murmur.wav")
		if v.murmur, err = loadClip(clips, name, leastMurmur, longestMurmur); err != nil {
			return nil, err
		}
		voices = append(voices, v)
	}
	if len(voices) == 0 {
		return nil, errors.New("captcha clips: no folder of a voice")
	}
	return voices, nil
}

func loadClip(clips fs.FS, name string, least, most int) ([]float32, error) {
	info, err := fs.Stat(clips, name)
	if err != nil {
		return nil, fmt.Errorf("captcha clips: %w", err)
	}
	if info.Size() > largestFile {
		return nil, fmt.Errorf("captcha clips: %s is larger than %d bytes", name, largestFile)
	}
	data, err := fs.ReadFile(clips, name)
	if err != nil {
		return nil, fmt.Errorf("captcha clips: %w", err)
	}
	samples, err := readWAV(data)
	if err != nil {
		return nil, fmt.Errorf("captcha clips: %s: %w", name, err)
	}
	if len(samples) < least || len(samples) > most {
		return nil, fmt.Errorf("captcha clips: %s has %d samples, want %d to %d", name, len(samples), least, most)
	}
	if err := level(samples); err != nil {
		return nil, fmt.Errorf("captcha clips: %s: %w", name, err)
	}
	return samples, nil
}

const (
	formatPCM   = 1
	formatMuLaw = 7
)

// readWAV understands what make.sh writes and what a recorder writes: mono,
// 16 kHz, µ-law or 16-bit PCM. It believes no length that the file states.
func readWAV(data []byte) ([]float32, error) {
	if len(data) < 12 || string(data[:4]) != "RIFF" || string(data[8:12]) != "WAVE" {
		return nil, errors.New("not a WAV file")
	}
	format := uint16(0)
	for rest := data[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		body := rest[:min(size, int64(len(rest)))]
		switch name {
		case "fmt ":
			var err error
			if format, err = readFormat(body); err != nil {
				return nil, err
			}
		case "data":
			return decode(format, body)
		}
		rest = rest[min(size+size%2, int64(len(rest))):] // parts begin at even places
	}
	return nil, errors.New("a WAV file without sound")
}

func readFormat(body []byte) (uint16, error) {
	if len(body) < 16 {
		return 0, errors.New("a WAV format cut short")
	}
	var f struct {
		Format, Channels uint16
		Rate, Bytes      uint32
		Block, Bits      uint16
	}
	if _, err := binary.Decode(body, binary.LittleEndian, &f); err != nil {
		return 0, fmt.Errorf("a WAV format: %w", err)
	}
	known := f.Format == formatMuLaw && f.Bits == 8 || f.Format == formatPCM && f.Bits == 16
	if f.Channels != 1 || f.Rate != rate || !known {
		return 0, fmt.Errorf("WAV format %d, %d channels, %d Hz, %d bits; want mono, %d Hz, µ-law or 16-bit PCM",
			f.Format, f.Channels, f.Rate, f.Bits, rate)
	}
	return f.Format, nil
}

func decode(format uint16, body []byte) ([]float32, error) {
	switch format {
	case formatMuLaw:
		out := make([]float32, len(body))
		for i, b := range body {
			out[i] = muLaw(b)
		}
		return out, nil
	case formatPCM:
		out := make([]float32, len(body)/2)
		for i := range out {
			out[i] = float32(int16(binary.LittleEndian.Uint16(body[2*i:]))) / (1 << 15)
		}
		return out, nil
	}
	return nil, errors.New("a WAV file with its sound before its format")
}

// muLaw is the G.711 expansion: sign, exponent and four bits, all inverted.
func muLaw(b byte) float32 {
	b = ^b
	v := (int(b&0x0f)<<3+0x84)<<(b>>4&7) - 0x84
	if b&0x80 != 0 {
		v = -v
	}
	return float32(v) / (1 << 15)
}
