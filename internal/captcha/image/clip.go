package image

import (
	"embed"
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

// voice is one speaker's introduction, signs and murmur, in samples from -1 to 1.
type voice struct {
	intro  []float32 // « Votre code : »
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
		name := path.Join(folder.Name(), "intro.wav")
		if v.intro, err = loadClip(clips, name, shortestSign, longestSign); err != nil {
			return nil, err
		}
		name = path.Join(folder.Name(), "murmur.wav")
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
