//go:build bench

package image

import (
	"crypto/rand"
	"math"
	"testing"
)

// frame is 12 cepstral coefficients and how they change, of 25 ms of sound every
// 20 ms.
const coefficients = 12

type frame [2 * coefficients]float32

// spotTemplate is one known sign.
type spotTemplate struct {
	sign   byte
	frames []frame
}

// The clean reader knows our clips, at three speeds; the other one was trained
// on signs out of our own sounds, cut at their true places, murmur and all. Both
// look for every known sign everywhere (dynamic time warping) and take the best
// six that follow one another.
func TestAttackSoundClean(t *testing.T) {
	g := newGenerator(t)
	var known []spotTemplate
	for _, v := range g.voices {
		for sign, clip := range v.signs {
			for _, speed := range []float64{0.9, 1, 1.1} {
				known = append(known, spotTemplate{sign, cepstra(resample(clip, speed))})
			}
		}
	}
	listen(t, g, "templates from the clips", known)
}

func TestAttackSoundTrained(t *testing.T) {
	g := newGenerator(t)
	count := make(map[byte]int)
	var known []spotTemplate
	for len(known) < 24*len(Alphabet) {
		var seed Seed
		rand.Read(seed[:])
		answer := Answer()
		s := g.speak(source(seed, "sound"), answer)
		frames := cepstra(s.samples)
		for i, place := range s.places {
			if count[answer[i]]++; count[answer[i]] <= 24 {
				known = append(known, spotTemplate{answer[i], frames[place[0]/frameHop : min(len(frames), place[1]/frameHop)]})
			}
		}
	}
	listen(t, g, "templates from mixed sounds", known)
}

func listen(t *testing.T, g *Generator, name string, known []spotTemplate) {
	t.Helper()
	told := new(score)
	for range freshSounds {
		var seed Seed
		rand.Read(seed[:])
		answer := Answer()
		told.add(answer, hear(known, cepstra(g.speak(source(seed, "sound"), answer).samples)))
	}
	told.report(t, name)
}

// spot is a place where a template fits, with what it costs for each frame.
type spot struct {
	sign byte
	from int
	cost float64
}

// hear picks the six spots in a row with the least cost.
func hear(known []spotTemplate, heard []frame) string {
	ends := make([][]spot, len(heard))
	for _, k := range known {
		from, cost := warp(k.frames, heard)
		for end := range heard {
			ends[end] = keepBest(ends[end], spot{k.sign, from[end], cost[end]})
		}
	}
	n := len(heard)
	best := make([][]float64, Length+1)
	choice := make([][]spot, Length+1)
	for i := range best {
		best[i], choice[i] = make([]float64, n+1), make([]spot, n+1)
		for end := 1; end <= n; end++ {
			if i == 0 {
				continue
			}
			best[i][end] = math.Inf(1)
			if end > i {
				best[i][end], choice[i][end] = best[i][end-1], spot{from: -1}
			}
			for _, s := range ends[end-1] {
				// The pause before a sign is at least 0.45 s.
				if v := best[i-1][max(0, s.from-15)] + s.cost; v < best[i][end] {
					best[i][end], choice[i][end] = v, s
				}
			}
		}
		if i > 0 {
			best[i][0] = math.Inf(1)
		}
	}
	read := make([]byte, Length)
	end := n
	for i := Length; i > 0; i-- {
		for end > 0 && choice[i][end].from < 0 {
			end--
		}
		read[i-1] = choice[i][end].sign
		end = max(0, choice[i][end].from-15)
	}
	return string(read)
}

// keepBest holds the cheapest spot of each sign that ends here.
func keepBest(spots []spot, s spot) []spot {
	for i := range spots {
		if spots[i].sign == s.sign {
			if s.cost < spots[i].cost {
				spots[i] = s
			}
			return spots
		}
	}
	return append(spots, s)
}

// warp finds, for each frame of what is heard, the cheapest fit of the template
// that ends there, and where it begins.
func warp(template, heard []frame) (from []int, cost []float64) {
	n := len(heard)
	last, next := make([]float64, n), make([]float64, n)
	lastFrom, nextFrom := make([]int, n), make([]int, n)
	for i := range template {
		for j := range n {
			d := apart(&template[i], &heard[j])
			if i == 0 {
				next[j], nextFrom[j] = d, j
				continue
			}
			v, f := last[j]+0.3*d, lastFrom[j] // the same sound lasts
			if j > 0 && last[j-1] < v {
				v, f = last[j-1], lastFrom[j-1]
			}
			if j > 1 && last[j-2]+0.3*d < v {
				v, f = last[j-2]+0.3*d, lastFrom[j-2]
			}
			next[j], nextFrom[j] = v+d, f
		}
		last, next, lastFrom, nextFrom = next, last, nextFrom, lastFrom
	}
	cost = make([]float64, n)
	for j := range n {
		cost[j] = last[j] / float64(len(template))
	}
	return append([]int(nil), lastFrom...), cost
}

func apart(a, b *frame) float64 {
	var sum float32
	for i := range a {
		d := a[i] - b[i]
		sum += d * d
	}
	return math.Sqrt(float64(sum))
}
