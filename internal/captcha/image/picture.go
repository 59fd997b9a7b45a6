package image

import (
	"bytes"
	"fmt"
	stdimage "image"
	"image/color"
	"image/png"
	"math"
)

// The picture is shown at 320 by 107 and drawn twice as fine. It brings its own
// light paper, so that it reads the same in the light and in the dark theme.
const (
	Width  = 640
	Height = 214
)

// shades between ink and paper: 16 of them fit in four bits a pixel.
const shades = 16

// PNG draws the answer, always the same way for the same seed. It is about 7 kB;
// an error means that the answer is not one of ours.
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
		p.add(o, 1)
	}
	for range 1 + d.IntN(2) {
		p.add(stripe(d), stripeInk)
	}
	return p.paint(d)
}

// gap is the least room between two signs: none touches another.
const gap = 14

// lay puts the signs on a line: each its own face, size, slant and bend, none
// over another.
func (g *Generator) lay(d *dice, answer string) []outline {
	signs := make([]outline, len(answer))
	gaps := make([]float64, len(answer))
	total := 0.0
	for i := range len(answer) {
		signs[i] = twist(d, g.faces[d.IntN(len(g.faces))][answer[i]])
		gaps[i] = gap + d.in(0, 10)
		total += signs[i].width() + gaps[i]
	}
	const margin = 18
	squeeze := min(1, (Width-2*margin)/total)
	x := margin + d.Float64()*(Width-2*margin-total*squeeze)
	for i, o := range signs {
		lo, _ := o.bounds()
		mid := Height/2 + d.around(16)
		signs[i] = o.bend(func(p point) point {
			return point{x + (p.x-lo.x)*squeeze, mid + p.y}
		}).inside()
		x += (o.width() + gaps[i]) * squeeze
	}
	return signs
}

// twist turns, slants, stretches and bends one sign, a little: nobody takes it
// for another.
func twist(d *dice, o outline) outline {
	size := d.in(132, 158)
	sin, cos := math.Sincos(d.around(0.14))
	slant, wide := d.around(0.12), d.in(0.88, 1.06)
	bendX, bendY, taper := d.around(0.12), d.around(0.12), d.around(0.12)
	return o.bend(func(p point) point {
		x, y := p.x*wide*(1+taper*p.y), p.y
		x, y = x+slant*y+bendX*(y*y-0.12), y+bendY*(x*x-0.12)
		return point{size * (x*cos - y*sin), size * (x*sin + y*cos)}
	})
}

// wave bends a line of the picture.
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

// paint gives the plane its colours.
func (p *plane) paint(d *dice) *stdimage.Paletted {
	img := stdimage.NewPaletted(stdimage.Rect(0, 0, p.w, p.h), palette(d))
	for i, ink := range p.ink {
		img.Pix[i] = uint8((1-ink)*(shades-1) + 0.5)
	}
	return img
}

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
