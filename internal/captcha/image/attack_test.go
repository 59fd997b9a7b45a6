//go:build bench

package image

import (
	"crypto/rand"
	"math"
	randv2 "math/rand/v2"
	"testing"
)

// Our own pictures, broken by our own code: run it with
//
//	make attack
//
// No share is a failure: pictures are drawn for people, and limits protect. The
// figures are printed, and stand in the decision note.
//
// The readers know more than an attacker has to be given: the generator itself,
// and for each of their 5 000 pictures the true place of each sign.
const (
	trainPictures = 5000
	freshPictures = 500
	freshSounds   = 500
)

// sample is one picture and the truth about it.
type sample struct {
	pix    []float32 // Width by Height, 0 is ink and 1 is paper
	answer string
	mids   []point
}

func newSample(t testing.TB, g *Generator) sample {
	t.Helper()
	var seed Seed
	rand.Read(seed[:])
	s := sample{answer: Answer(), pix: make([]float32, Width*Height)}
	for i, shade := range g.draw(s.answer, seed).Pix {
		s.pix[i] = float32(shade) / (shades - 1)
	}
	for _, o := range g.lay(source(seed, "picture"), s.answer) {
		lo, hi := o.bounds()
		s.mids = append(s.mids, mix(lo, hi, 0.5))
	}
	return s
}

// The first reader: cut into signs, then the nearest of 30 000 known signs.
func TestAttackNearestNeighbour(t *testing.T) {
	g := newGenerator(t)
	var known [][]float32
	var names []byte
	for range trainPictures {
		s := newSample(t, g)
		for i, mid := range s.mids {
			known = append(known, thumb(s.pix, mid))
			names = append(names, s.answer[i])
		}
	}
	told := new(score)
	for range freshPictures {
		s := newSample(t, g)
		mids := cut(s.pix)
		read := make([]byte, Length)
		for i := range read {
			read[i] = names[nearest(known, thumb(s.pix, mids[i]))]
		}
		told.add(s.answer, string(read))
	}
	told.report(t, "segmentation and nearest neighbour")
}

// thumb is a sign as 15 by 20 grey values, brought to one mean and one spread.
func thumb(pix []float32, mid point) []float32 {
	const cols, rows, step = 15, 20, 6
	out := make([]float32, 0, cols*rows)
	var sum, square float64
	for r := range rows {
		for c := range cols {
			x, y := int(mid.x)+(c-cols/2)*step, int(mid.y)+(r-rows/2)*step
			v := meanOf(pix, x, y, step)
			out = append(out, float32(v))
			sum += v
			square += v * v
		}
	}
	n := float64(len(out))
	mean := sum / n
	spread := math.Sqrt(square/n-mean*mean) + 1e-6
	for i := range out {
		out[i] = float32((float64(out[i]) - mean) / spread)
	}
	return out
}

func meanOf(pix []float32, x, y, size int) float64 {
	var sum float64
	for dy := range size {
		for dx := range size {
			px, py := max(0, min(Width-1, x+dx)), max(0, min(Height-1, y+dy))
			sum += float64(pix[py*Width+px])
		}
	}
	return sum / float64(size*size)
}

// cut finds the text by its rough edges and divides it at the quietest columns
// near the even division.
func cut(pix []float32) []point {
	edges := make([]float64, Width)
	for x := 1; x < Width-1; x++ {
		for y := 1; y < Height-1; y++ {
			edges[x] += math.Abs(float64(pix[y*Width+x+1] - pix[y*Width+x-1]))
		}
	}
	smooth := make([]float64, Width)
	for x := range smooth {
		for dx := -5; dx <= 5; dx++ {
			smooth[x] += edges[max(0, min(Width-1, x+dx))]
		}
	}
	peak := 0.0
	for _, v := range smooth {
		peak = max(peak, v)
	}
	left, right := 0, Width-1
	for left < Width/4 && smooth[left] < 0.35*peak {
		left++
	}
	for right > 3*Width/4 && smooth[right] < 0.35*peak {
		right--
	}
	bounds := make([]int, Length+1)
	for i := range bounds {
		even := left + (right-left)*i/Length
		bounds[i] = even
		for x := max(0, even-14); i > 0 && i < Length && x <= min(Width-1, even+14); x++ {
			if smooth[x] < smooth[bounds[i]] {
				bounds[i] = x
			}
		}
	}
	mids := make([]point, Length)
	for i := range mids {
		mids[i] = point{float64(bounds[i]+bounds[i+1]) / 2, Height / 2}
	}
	return mids
}

func nearest(known [][]float32, v []float32) int {
	best, at := float32(math.Inf(1)), 0
	for i, k := range known {
		var d float32
		for j := 0; j < len(v) && d < best; j += 15 {
			for l := j; l < j+15; l++ {
				e := k[l] - v[l]
				d += e * e
			}
		}
		if d < best {
			best, at = d, i
		}
	}
	return at
}

// The second and third reader look at edges instead of grey, whichever side is
// dark, and slide over the picture instead of cutting it.
func TestAttackLinear(t *testing.T) {
	slide(t, "sliding window, linear classifier", 0)
}

func TestAttackOneLayer(t *testing.T) {
	slide(t, "sliding window, one hidden layer of 64", 64)
}

func slide(t *testing.T, name string, hidden int) {
	g := newGenerator(t)
	rng := randv2.New(randv2.NewPCG(1, 2))
	var data [][]float32
	var labels []int
	for range trainPictures {
		s := newSample(t, g)
		cells := edgeCells(s.pix)
		for i, mid := range s.mids {
			data = append(data, window(cells, mid.x+rng.Float64()*8-4, mid.y+rng.Float64()*8-4))
			labels = append(labels, signIndex(s.answer[i]))
		}
		for range 3 { // between signs: nothing to read
			i := rng.IntN(Length - 1)
			data = append(data, window(cells, (s.mids[i].x+s.mids[i+1].x)/2+rng.Float64()*16-8, s.mids[i].y))
			labels = append(labels, len(Alphabet))
		}
	}
	net := newNet(rng, len(data[0]), hidden, len(Alphabet)+1)
	net.train(rng, data, labels, 12)
	told := new(score)
	for range freshPictures {
		s := newSample(t, g)
		told.add(s.answer, bestPath(net, edgeCells(s.pix)))
	}
	told.report(t, name)
}

// bestPath reads six signs from left to right at plausible distances, the
// likeliest of all ways.
func bestPath(net *net, cells *cellGrid) string {
	const step = 8
	const places = Width / step
	var gain [places]float64
	var sign [places]byte
	for i := range gain {
		gain[i] = math.Inf(-1)
		for _, y := range []float64{64, 80, 96} {
			p := net.logProbabilities(window(cells, float64(i*step), y))
			for k := range len(Alphabet) {
				if v := p[k] - p[len(Alphabet)]; v > gain[i] {
					gain[i], sign[i] = v, Alphabet[k]
				}
			}
		}
	}
	return likeliest(gain[:], sign[:], 4, 15)
}

// likeliest picks six places, each near to far after the one before, with the
// greatest gain in sum.
func likeliest(gain []float64, sign []byte, near, far int) string {
	best, from := make([][]float64, Length), make([][]int, Length)
	for n := range Length {
		best[n], from[n] = make([]float64, len(gain)), make([]int, len(gain))
		for i := range gain {
			best[n][i] = math.Inf(-1)
			if n == 0 {
				best[0][i] = gain[i]
			}
			for j := max(0, i-far); n > 0 && j <= i-near; j++ {
				if v := best[n-1][j] + gain[i]; v > best[n][i] {
					best[n][i], from[n][i] = v, j
				}
			}
		}
	}
	at := 0
	for i := range gain {
		if best[Length-1][i] > best[Length-1][at] {
			at = i
		}
	}
	read := make([]byte, Length)
	for n := Length - 1; n >= 0; n-- {
		read[n] = sign[at]
		at = from[n][at]
	}
	return string(read)
}
