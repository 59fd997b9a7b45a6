//go:build bench

package image

import (
	"math"
	randv2 "math/rand/v2"
	"strings"
	"testing"
)

func signIndex(sign byte) int { return strings.IndexByte(Alphabet, sign) }

// score counts what a reader got right.
type score struct{ total, whole, signs, right int }

func (s *score) add(answer, read string) {
	s.total++
	if answer == read {
		s.whole++
	}
	for i := range answer {
		s.signs++
		if i < len(read) && answer[i] == read[i] {
			s.right++
		}
	}
}

func (s *score) report(t *testing.T, reader string) {
	t.Helper()
	t.Logf("%s: %.1f %% of %d read whole, %.1f %% of the signs", reader,
		100*float64(s.whole)/float64(s.total), s.total, 100*float64(s.right)/float64(s.signs))
}

// Edges by direction, in cells of 8 by 8 pixels.
const (
	cell       = 8
	directions = 8
	gridWide   = Width / cell
	gridHigh   = Height / cell
)

type cellGrid [gridHigh][gridWide][directions]float32

func edgeCells(pix []float32) *cellGrid {
	soft := blur(pix)
	g := new(cellGrid)
	for y := 1; y < Height-1; y++ {
		for x := 1; x < Width-1; x++ {
			dx := float64(soft[y*Width+x+1] - soft[y*Width+x-1])
			dy := float64(soft[(y+1)*Width+x] - soft[(y-1)*Width+x])
			size := math.Hypot(dx, dy)
			if size < 0.05 {
				continue
			}
			// Half a turn is all: light on dark counts as dark on light.
			turn := math.Mod(math.Atan2(dy, dx)+math.Pi, math.Pi) / math.Pi * directions
			k := int(turn) % directions
			part := float32(turn - math.Floor(turn))
			c := &g[y/cell][x/cell]
			c[k] += float32(size) * (1 - part)
			c[(k+1)%directions] += float32(size) * part
		}
	}
	return g
}

func blur(pix []float32) []float32 {
	out := make([]float32, len(pix))
	for y := range Height {
		for x := range Width {
			var sum float32
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					sum += pix[max(0, min(Height-1, y+dy))*Width+max(0, min(Width-1, x+dx))]
				}
			}
			out[y*Width+x] = sum / 9
		}
	}
	return out
}

// window gathers the edges around a place: 6 by 8 squares of 16 pixels, each
// brought to length one.
func window(g *cellGrid, x, y float64) []float32 {
	const wide, high = 6, 8
	left, top := int(math.Round(x/cell))-wide, int(math.Round(y/cell))-high
	out := make([]float32, 0, wide*high*directions)
	for r := range high {
		for c := range wide {
			var sum [directions]float32
			var square float32
			for k := range directions {
				for i := range 4 {
					gy, gx := top+2*r+i/2, left+2*c+i%2
					if gy >= 0 && gy < gridHigh && gx >= 0 && gx < gridWide {
						sum[k] += g[gy][gx][k]
					}
				}
				square += sum[k] * sum[k]
			}
			length := float32(math.Sqrt(float64(square))) + 4
			for k := range directions {
				out = append(out, sum[k]/length)
			}
		}
	}
	return out
}

// net is a softmax classifier with at most one hidden layer, trained by plain
// gradient descent.
type net struct{ layers []*layer }

type layer struct {
	in, out                int
	w, b                   []float32
	input, sum, deltaInput []float32
}

func newNet(rng *randv2.Rand, in, hidden, out int) *net {
	if hidden == 0 {
		return &net{[]*layer{newLayer(rng, in, out)}}
	}
	return &net{[]*layer{newLayer(rng, in, hidden), newLayer(rng, hidden, out)}}
}

func newLayer(rng *randv2.Rand, in, out int) *layer {
	l := &layer{in: in, out: out, w: make([]float32, in*out), b: make([]float32, out),
		sum: make([]float32, out), deltaInput: make([]float32, in)}
	for i := range l.w {
		l.w[i] = float32(rng.NormFloat64() * math.Sqrt(2/float64(in)))
	}
	return l
}

func (n *net) logProbabilities(v []float32) []float64 {
	for i, l := range n.layers {
		if i > 0 {
			v = rectified(v)
		}
		l.input = v
		for o := range l.out {
			s := l.b[o]
			for j, w := range l.w[o*l.in : (o+1)*l.in] {
				s += w * v[j]
			}
			l.sum[o] = s
		}
		v = l.sum
	}
	top, total := math.Inf(-1), 0.0
	for _, s := range v {
		top = max(top, float64(s))
	}
	for _, s := range v {
		total += math.Exp(float64(s) - top)
	}
	out := make([]float64, len(v))
	for i, s := range v {
		out[i] = float64(s) - top - math.Log(total)
	}
	return out
}

func rectified(v []float32) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = max(0, x)
	}
	return out
}

func (n *net) train(rng *randv2.Rand, data [][]float32, labels []int, rounds int) {
	for round := range rounds {
		rate := float32(0.02) * (1 - float32(round)/float32(rounds))
		for _, i := range rng.Perm(len(data)) {
			p := n.logProbabilities(data[i])
			delta := make([]float32, len(p))
			for k := range p {
				delta[k] = float32(math.Exp(p[k]))
			}
			delta[labels[i]]--
			n.learn(delta, rate)
		}
	}
}

func (n *net) learn(delta []float32, rate float32) {
	for i := len(n.layers) - 1; i >= 0; i-- {
		l := n.layers[i]
		clear(l.deltaInput)
		for o, d := range delta {
			row := l.w[o*l.in : (o+1)*l.in]
			for j := range row {
				l.deltaInput[j] += d * row[j]
				row[j] -= rate * d * l.input[j]
			}
			l.b[o] -= rate * d
		}
		if i > 0 {
			next := make([]float32, l.in)
			for j := range next {
				if l.input[j] > 0 {
					next[j] = l.deltaInput[j]
				}
			}
			delta = next
		}
	}
}
