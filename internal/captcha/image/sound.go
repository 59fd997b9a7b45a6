package image

import (
	"errors"
	"math"
	"slices"
)

// loudness is what every clip is brought to, as the root of the mean square.
const loudness = 0.12

// The murmur lies this much below the signs, in decibels: people hear the signs
// first. It keeps two sounds of one answer apart and stops no machine; limits do.
const (
	murmurLeast = 17.0
	murmurMost  = 20.0
)

var errSilence = errors.New("silence")

// WAV speaks the answer in French, always the same way for the same seed: « Votre
// code : », then each sign after a pause, in one voice, over other people's
// murmur. Mono, 16 kHz, 7 to 14 s; µ-law, half as long as 16 bits a sample.
func (g *Generator) WAV(answer string, seed Seed) ([]byte, error) {
	return g.wav(answer, seed, formatMuLaw)
}

// PlainWAV is the same sound in 16 bits a sample, for a player that does not
// know µ-law.
func (g *Generator) PlainWAV(answer string, seed Seed) ([]byte, error) {
	return g.wav(answer, seed, formatPCM)
}

func (g *Generator) wav(answer string, seed Seed, format uint16) ([]byte, error) {
	if err := check(answer); err != nil {
		return nil, err
	}
	return writeWAV(g.speak(source(seed, "sound"), answer).samples, format), nil
}

// spoken is a sound and where in it each sign begins and ends.
type spoken struct {
	samples []float32
	intro   [2]int
	places  [Length][2]int
}

func (g *Generator) speak(d *dice, answer string) spoken {
	v := g.voices[d.IntN(len(g.voices))]
	slow, high := d.in(1.0, 1.25), d.in(0.92, 1.08)
	var s spoken
	say := func(clip []float32) (place [2]int) {
		place[0] = len(s.samples)
		s.samples = append(s.samples, resample(stretch(clip, slow), high)...)
		place[1] = len(s.samples)
		return place
	}
	s.pause(d)
	s.intro = say(v.intro)
	s.pause(d)
	for i := range len(answer) {
		s.pause(d)
		s.places[i] = say(v.signs[answer[i]])
	}
	s.pause(d)
	g.murmur(d, s.samples)
	return s
}

// pause is long enough to type a sign.
func (s *spoken) pause(d *dice) {
	s.samples = append(s.samples, make([]float32, int(d.in(0.5, 0.8)*rate))...)
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
			samples[i] += float32(gain*(1+0.2*math.Sin(2*math.Pi*swell*t+phase))) * talk[(at+i)%len(talk)]
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
