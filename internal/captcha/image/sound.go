package image

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
)

// loudness is what every clip is brought to, as the root of the mean square.
const loudness = 0.12

// The murmur lies this much below the signs, in decibels, and changes all the
// time: white noise would trouble people and no machine. It stops a matcher of
// clips, not a classifier trained on our sounds, for which 2 dB more changed
// little. Nobody has listened yet: how much people bear is a guess.
const (
	murmurLeast = 4.0
	murmurMost  = 7.0
)

var errSilence = errors.New("silence")

// WAV speaks the answer in French, always the same way for the same seed: each
// sign in another voice, at another speed and height, after another pause, over
// other people's murmur. Mono, 16 bits, 16 kHz, 6 to 12 s, 32 kB a second.
func (g *Generator) WAV(answer string, seed Seed) ([]byte, error) {
	if err := check(answer); err != nil {
		return nil, err
	}
	return writeWAV(g.speak(source(seed, "sound"), answer).samples), nil
}

// spoken is a sound and where in it each sign begins and ends.
type spoken struct {
	samples []float32
	places  [Length][2]int
}

func (g *Generator) speak(d *dice, answer string) spoken {
	var s spoken
	s.pause(d)
	for i := range len(answer) {
		v := g.voices[d.IntN(len(g.voices))]
		clip := resample(stretch(v.signs[answer[i]], d.in(0.85, 1.3)), d.in(0.86, 1.16))
		gain := float32(d.in(0.8, 1.1))
		s.places[i][0] = len(s.samples)
		for _, v := range clip {
			s.samples = append(s.samples, gain*v)
		}
		s.places[i][1] = len(s.samples)
		s.pause(d)
	}
	g.murmur(d, s.samples)
	return s
}

// pause is long enough to type a sign, and as long as some signs.
func (s *spoken) pause(d *dice) {
	s.samples = append(s.samples, make([]float32, int(d.in(0.45, 0.95)*rate))...)
}

// murmur lays three people's talk over the whole sound, each from somewhere in
// their text, at their own speed, now louder, now softer.
func (g *Generator) murmur(d *dice, samples []float32) {
	const people = 3
	for range people {
		talk := resample(g.voices[d.IntN(len(g.voices))].murmur, d.in(0.8, 1.25))
		at := d.IntN(len(talk))
		gain := math.Pow(10, -d.in(murmurLeast, murmurMost)/20) / math.Sqrt(people)
		swell, phase := d.in(0.3, 1.2), d.in(0, 2*math.Pi)
		for i := range samples {
			t := float64(i) / rate
			samples[i] += float32(gain*(1+0.35*math.Sin(2*math.Pi*swell*t+phase))) * talk[(at+i)%len(talk)]
		}
	}
}

// resample plays the clip faster and higher by the same factor.
func resample(clip []float32, factor float64) []float32 {
	out := make([]float32, int(float64(len(clip)-1)/factor))
	for i := range out {
		at := float64(i) * factor
		j := int(at)
		part := float32(at - float64(j))
		out[i] = clip[j]*(1-part) + clip[j+1]*part
	}
	return out
}

// stretch makes the clip longer by the factor and leaves its height: overlapping
// pieces, each taken where it continues the one before best (WSOLA).
func stretch(clip []float32, factor float64) []float32 {
	const piece, hop, slack = 480, 240, 120
	// Silence around it, or the pieces would cut the t of "sept" and fade the
	// k of "ka" in.
	clip = slices.Concat(make([]float32, hop), clip, make([]float32, piece+slack))
	out := make([]float32, int(float64(len(clip))*factor)+piece)
	last := 0
	for n := 0; ; n++ {
		to := n * hop
		want := int(float64(to) / factor)
		if want+piece+slack >= len(clip) || to+piece > len(out) {
			return out[:min(len(out), to+hop)]
		}
		from := want
		if n > 0 {
			from = alike(clip, last+hop, max(0, want-slack), want+slack, hop)
		}
		for i := range piece {
			fade := float32(0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/piece))
			out[to+i] += fade * clip[from+i]
		}
		last = from
	}
}

// alike returns the place between lo and hi where the clip goes on most as it
// does at the place given. A quarter of the samples tells enough.
func alike(clip []float32, at, lo, hi, length int) int {
	best, found := float32(math.Inf(-1)), lo
	for p := lo; p <= hi; p++ {
		var sum float32
		for i := 0; i < length && at+i < len(clip); i += 4 {
			sum += clip[at+i] * clip[p+i]
		}
		if sum > best {
			best, found = sum, p
		}
	}
	return found
}

// level brings samples to one loudness; silence is an error.
func level(samples []float32) error {
	var square float64
	for _, v := range samples {
		square += float64(v) * float64(v)
	}
	if square == 0 {
		return errSilence
	}
	gain := float32(loudness / math.Sqrt(square/float64(len(samples))))
	for i := range samples {
		samples[i] *= gain
	}
	return nil
}

func writeWAV(samples []float32) []byte {
	const header = 44
	size := 2 * len(samples)
	out := make([]byte, 0, header+size)
	le := binary.LittleEndian
	out = append(out, "RIFF"...)
	out = le.AppendUint32(out, uint32(header-8+size))
	out = append(out, "WAVEfmt "...)
	out = le.AppendUint32(out, 16)
	out = le.AppendUint16(out, formatPCM)
	out = le.AppendUint16(out, 1)
	out = le.AppendUint32(out, rate)
	out = le.AppendUint32(out, 2*rate)
	out = le.AppendUint16(out, 2)
	out = le.AppendUint16(out, 16)
	out = append(out, "data"...)
	out = le.AppendUint32(out, uint32(size))
	for _, v := range samples {
		// A soft limit: two voices at once may be louder than the format.
		out = le.AppendUint16(out, uint16(int16(math.Tanh(float64(v))*math.MaxInt16)))
	}
	return out
}
