package image

import (
	stdimage "image"
	"image/draw"

	"golang.org/x/image/vector"
)

// plane holds how much ink each pixel has, from 0 to 1.
type plane struct {
	w, h   int
	ink    []float32
	raster *vector.Rasterizer
	mask   *stdimage.Alpha
}

func newPlane(w, h int) *plane {
	return &plane{
		w:      w,
		h:      h,
		ink:    make([]float32, w*h),
		raster: vector.NewRasterizer(w, h),
		mask:   stdimage.NewAlpha(stdimage.Rect(0, 0, w, h)),
	}
}

// add puts ink inside the outline. Where two shapes cross, the darker one is
// seen: a line never makes a sign lighter.
func (p *plane) add(o outline, ink float32) {
	lo, hi := o.bounds()
	left, top := max(0, int(lo.x)), max(0, int(lo.y))
	right, bottom := min(p.w, int(hi.x)+2), min(p.h, int(hi.y)+2)
	if left >= right || top >= bottom {
		return
	}
	p.raster.Reset(right-left, bottom-top)
	p.raster.DrawOp = draw.Src
	for _, line := range o {
		for i, at := range line {
			x, y := float32(at.x)-float32(left), float32(at.y)-float32(top)
			if i == 0 {
				p.raster.MoveTo(x, y)
			} else {
				p.raster.LineTo(x, y)
			}
		}
		p.raster.ClosePath()
	}
	box := stdimage.Rect(0, 0, right-left, bottom-top)
	p.raster.Draw(p.mask, box, stdimage.Opaque, stdimage.Point{})
	for y := range box.Dy() {
		row := p.ink[(top+y)*p.w+left:]
		for x, a := range p.mask.Pix[y*p.mask.Stride:][:box.Dx()] {
			row[x] = max(row[x], ink*float32(a)/255)
		}
	}
}

// stripeInk is how dark a stripe is: a stripe as dark as a sign would be a
// stroke of it, and make an E of an F.
const stripeInk = 0.55

// stripe is a thin curved line from one side to the other.
func stripe(d *dice) outline {
	from, to, sag := d.in(20, Height-20), d.in(20, Height-20), d.around(60)
	thick := d.in(2.5, 4)
	edge := newWave(d)
	const steps = 64
	line := make([]point, 2*(steps+1))
	for i := range steps + 1 {
		t := float64(i) / steps
		at := edge.move(point{-20 + t*(Width+40), from + (to-from)*t + 4*sag*t*(1-t)})
		line[i] = point{at.x, at.y - thick/2}
		line[len(line)-1-i] = point{at.x, at.y + thick/2}
	}
	return outline{line}
}
