//go:build bench

package image

import (
	"crypto/rand"
	"math"
	randv2 "math/rand/v2"
	"testing"
)

const (
	trainSounds = 1500
	windowWide  = 26 // frames: half a second
)

// The third listener is a classifier over half a second, trained on 1 500 of our
// own sounds with the true place of each sign, and slid over fresh ones; the
// fourth has a hidden layer. Both are above the aim: the sound does not resist
// a trained classifier, and only single use and the limits bound what that is
// worth. The bench says so each time instead of failing each time.
func TestAttackSoundLinear(t *testing.T) {
	slideSound(t, "sliding window, linear classifier", 0)
}

func TestAttackSoundOneLayer(t *testing.T) {
	slideSound(t, "sliding window, one hidden layer of 64", 64)
}

func slideSound(t *testing.T, name string, hidden int) {
	g := newGenerator(t)
	rng := randv2.New(randv2.NewPCG(1, 2))
	var data [][]float32
	var labels []int
	for range trainSounds {
		answer, s, frames := newSound(g)
		for i, place := range s.places {
			mid := (place[0] + place[1]) / 2 / frameHop
			for range 2 {
				data = append(data, soundWindow(frames, mid+rng.IntN(3)-1))
				labels = append(labels, signIndex(answer[i]))
			}
			pause := place[1]/frameHop + 6 + rng.IntN(8)
			data = append(data, soundWindow(frames, pause))
			labels = append(labels, len(Alphabet))
		}
	}
	net := newNet(rng, len(data[0]), hidden, len(Alphabet)+1)
	net.train(rng, data, labels, 12)
	told := new(score)
	for range freshSounds {
		answer, _, frames := newSound(g)
		told.add(answer, soundPath(net, frames))
	}
	told.report(t, name)
}

func newSound(g *Generator) (string, spoken, []frame) {
	var seed Seed
	rand.Read(seed[:])
	answer := Answer()
	s := g.speak(source(seed, "sound"), answer)
	return answer, s, cepstra(s.samples)
}

func soundWindow(frames []frame, mid int) []float32 {
	out := make([]float32, 0, windowWide*2*coefficients)
	for i := mid - windowWide/2; i < mid+windowWide/2; i++ {
		f := frames[max(0, min(len(frames)-1, i))]
		for _, v := range f {
			out = append(out, v/4)
		}
	}
	return out
}

// soundPath hears six signs one after the other at plausible distances, the
// likeliest of all ways.
func soundPath(net *net, frames []frame) string {
	n := len(frames)
	gain, sign := make([]float64, n), make([]byte, n)
	for i := range frames {
		gain[i] = math.Inf(-1)
		p := net.logProbabilities(soundWindow(frames, i))
		for k := range len(Alphabet) {
			if v := p[k] - p[len(Alphabet)]; v > gain[i] {
				gain[i], sign[i] = v, Alphabet[k]
			}
		}
	}
	const near, far = 30, 95 // frames between the middles of two signs
	return likeliest(gain, sign, near, far)
}
