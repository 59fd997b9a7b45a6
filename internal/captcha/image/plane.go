package image

import (
	stdimage "image"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// plane holds how much ink each pixel has, from 0 to 1.
type plane struct {
	w, h   int
	cover  []float32
	raster *vector.Rasterizer
	mask   *stdimage.Alpha
}

func newPlane(w, h int) *plane {
	p := &plane{w: w, h: h, cover: make([]float32, w*h), raster: vector.NewRasterizer(w, h)}
	p.raster.DrawOp = draw.Src
	p.mask = stdimage.NewAlpha(stdimage.Rect(0, 0, w, h))
	return p
}

// turn exchanges ink and paper inside the outline. Where shapes cross, strokes
// turn light on dark: nothing that lies over the signs can be told from them by
// its colour, and no threshold gives the signs back.
func (p *plane) turn(o outline) {
	p.raster.Reset(p.w, p.h)
	p.raster.DrawOp = draw.Src
	for _, line := range o {
		for i, at := range line {
			// The rasterizer takes what lies outside, within reason.
			x := float32(max(-float64(p.w), min(2*float64(p.w), at.x)))
			y := float32(max(-float64(p.h), min(2*float64(p.h), at.y)))
			if i == 0 {
				p.raster.MoveTo(x, y)
			} else {
				p.raster.LineTo(x, y)
			}
		}
		p.raster.ClosePath()
	}
	p.raster.Draw(p.mask, p.mask.Bounds(), stdimage.Opaque, stdimage.Point{})
	for i, a := range p.mask.Pix {
		m := float32(a) / 255
		p.cover[i] += m - 2*p.cover[i]*m
	}
}

// clutter is what people look through: two or three dark fields as large as a
// sign, and lines as thick as a thin stroke.
func clutter(d *dice) []outline {
	var out []outline
	x := d.in(-20, 60)
	for x < Width {
		out = append(out, field(d, point{x, d.in(0, Height)}))
		x += d.in(95, 190)
	}
	for range 3 + d.IntN(2) {
		out = append(out, stripe(d))
	}
	return out
}

// field is a round shape with an uneven edge.
func field(d *dice, mid point) outline {
	wide, high := d.in(38, 75), d.in(38, 70)
	var line []point
	edge := newWave(d)
	for a := 0.0; a < 2*math.Pi; a += 0.1 {
		sin, cos := math.Sincos(a)
		line = append(line, edge.move(point{mid.x + wide*cos, mid.y + high*sin}))
	}
	return outline{line}
}

// stripe is a curved line from one side to the other.
func stripe(d *dice) outline {
	from, to, sag := d.in(0, Height), d.in(0, Height), d.around(70)
	thick := d.in(2.5, 5)
	edge := newWave(d)
	const steps = 48
	line := make([]point, 2*(steps+1))
	for i := range steps + 1 {
		t := float64(i) / steps
		at := edge.move(point{-20 + t*(Width+40), from + (to-from)*t + 4*sag*t*(1-t)})
		line[i] = point{at.x, at.y - thick/2}
		line[len(line)-1-i] = point{at.x, at.y + thick/2}
	}
	return outline{line}
}
