package image

import (
	"bytes"
	"fmt"
	stdimage "image"
	"image/color"
	"image/png"
	"math"
)

// The picture is shown at 240 by 80 and drawn twice as fine. It brings its own
// light paper, so that it reads the same in the light and in the dark theme.
const (
	Width  = 480
	Height = 160
)

// shades between ink and paper: 16 of them fit in four bits a pixel.
const shades = 16

// PNG draws the answer, always the same way for the same seed. It is about
// 22 kB; an error means that the answer is not one of ours.
func (g *Generator) PNG(answer string, seed Seed) ([]byte, error) {
	if err := check(answer); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := png.Encode(&out, g.draw(answer, seed)); err != nil {
		return nil, fmt.Errorf("captcha: writing a picture: %w", err)
	}
	return out.Bytes(), nil
}

func (g *Generator) draw(answer string, seed Seed) *stdimage.Paletted {
	d := source(seed, "picture")
	p := newPlane(Width, Height)
	for _, o := range g.lay(d, answer) {
		p.turn(o)
	}
	for _, o := range clutter(d) {
		p.turn(o)
	}
	return p.paint(d)
}

// lay puts the signs on a line: each its own face, size, slant and bend, close
// enough to touch, then all of them through one wave.
func (g *Generator) lay(d *dice, answer string) []outline {
	signs := make([]outline, len(answer))
	total := 0.0
	gaps := make([]float64, len(answer))
	for i := range len(answer) {
		signs[i] = twist(d, g.faces[d.IntN(len(g.faces))][answer[i]])
		gaps[i] = d.in(-7, 5)
		total += signs[i].width() + gaps[i]
	}
	const margin = 14
	squeeze := min(1, (Width-2*margin)/total)
	x := margin + d.Float64()*(Width-2*margin-total*squeeze)
	wave := newWave(d)
	for i, o := range signs {
		half := o.width() * squeeze / 2
		mid := point{x + half, Height/2 + d.around(15)}
		signs[i] = o.bend(func(p point) point {
			return wave.move(point{mid.x + p.x*squeeze, mid.y + p.y})
		}).inside()
		x += 2*half + gaps[i]*squeeze
	}
	return signs
}

// twist turns, slants, stretches and bends one sign. The angles stay below what
// makes an M of a W or a 7 of an L.
func twist(d *dice, o outline) outline {
	size := d.in(98, 126)
	sin, cos := math.Sincos(d.around(0.43))
	slant, wide := d.around(0.38), d.in(0.80, 1.15)
	bendX, bendY, taper := d.around(0.30), d.around(0.30), d.around(0.37)
	return o.bend(func(p point) point {
		x, y := p.x*wide*(1+taper*p.y), p.y
		x, y = x+slant*y+bendX*(y*y-0.12), y+bendY*(x*x-0.12)
		return point{size * (x*cos - y*sin), size * (x*sin + y*cos)}
	})
}

// wave moves the whole line of signs, so that no two places of the picture bend
// alike.
type wave [4]struct{ kx, ky, phase, ax, ay float64 }

func newWave(d *dice) *wave {
	w := new(wave)
	for i := range w {
		long, turn := d.in(55, 170), d.in(0, 2*math.Pi)
		w[i].ky, w[i].kx = math.Sincos(turn)
		w[i].kx *= 2 * math.Pi / long
		w[i].ky *= 2 * math.Pi / long
		w[i].phase = d.in(0, 2*math.Pi)
		w[i].ax, w[i].ay = d.around(0.035*long), d.around(0.035*long)
	}
	return w
}

func (w *wave) move(p point) point {
	out := p
	for _, s := range w {
		v := math.Sin(p.x*s.kx + p.y*s.ky + s.phase)
		out.x += s.ax * v
		out.y += s.ay * v
	}
	return out
}

// paint gives the plane its colours: uneven paper, uneven ink, grain. The grain
// stays low, as it costs bytes and stops nobody but the simplest reader.
func (p *plane) paint(d *dice) *stdimage.Paletted {
	img := stdimage.NewPaletted(stdimage.Rect(0, 0, p.w, p.h), palette(d))
	paper, ink := newTexture(d, 0.90), newTexture(d, 0.10)
	for y := range p.h {
		for x := range p.w {
			light, dark := paper.at(x, y), ink.at(x, y)
			v := light + (dark-light)*p.cover[y*p.w+x]
			if bits := d.Uint32(); bits&3 == 0 {
				v += 0.22 * (float32(bits>>8)/(1<<23) - 1)
			}
			img.Pix[y*img.Stride+x] = uint8(max(0, min(shades-1, int(v*shades))))
		}
	}
	return img
}

// texture is a shade that changes slowly over the picture, in squares.
type texture [Height / tile][Width / tile]float32

const tile = 8

func newTexture(d *dice, middle float64) *texture {
	t, w := new(texture), newWave(d)
	for y := range t {
		for x := range t[y] {
			at := point{float64(x * tile), float64(y * tile)}
			t[y][x] = float32(middle + 0.014*(w.move(at).x-at.x))
		}
	}
	return t
}

func (t *texture) at(x, y int) float32 { return t[y/tile][x/tile] }

// palette runs from a dark colour to a light one; the hues change, the contrast
// does not.
func palette(d *dice) color.Palette {
	var dark, light [3]float64
	for i := range dark {
		dark[i], light[i] = d.in(0, 70), d.in(215, 255)
	}
	out := make(color.Palette, shades)
	for i := range out {
		t := float64(i) / (shades - 1)
		c := color.RGBA{A: 255}
		for j, channel := range []*uint8{&c.R, &c.G, &c.B} {
			*channel = uint8(dark[j] + (light[j]-dark[j])*t)
		}
		out[i] = c
	}
	return out
}
