package image

import (
	"fmt"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// point is in pixels, y downwards.
type point struct{ x, y float64 }

// outline is a shape made of closed lines, fine enough that bending them looks
// like bending curves.
type outline [][]point

// face holds the outlines of the alphabet, one em high, around the middle of
// each sign.
type face map[byte]outline

// faces that come with golang.org/x/image under its BSD licence: upright ones
// with heavy strokes, which people read first.
var fontFiles = [][]byte{gobold.TTF, gomedium.TTF, gomonobold.TTF}

func loadFaces() ([]face, error) {
	var faces []face
	for _, ttf := range fontFiles {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			return nil, fmt.Errorf("captcha: reading a font: %w", err)
		}
		signs := make(face)
		for i := range len(Alphabet) {
			if signs[Alphabet[i]], err = loadOutline(f, Alphabet[i]); err != nil {
				return nil, fmt.Errorf("captcha: reading a font: %w", err)
			}
		}
		faces = append(faces, signs)
	}
	return faces, nil
}

func loadOutline(f *sfnt.Font, sign byte) (outline, error) {
	var buf sfnt.Buffer
	index, err := f.GlyphIndex(&buf, rune(sign))
	if err != nil {
		return nil, err
	}
	const em = 1024
	segments, err := f.LoadGlyph(&buf, index, fixed.I(em), nil)
	if err != nil {
		return nil, err
	}
	bounds, _, err := f.GlyphBounds(&buf, index, fixed.I(em), font.HintingNone)
	if err != nil {
		return nil, err
	}
	mid := fixed.Point26_6{X: (bounds.Min.X + bounds.Max.X) / 2, Y: (bounds.Min.Y + bounds.Max.Y) / 2}
	var o outline
	for _, s := range segments {
		var p [3]point
		for i, a := range s.Args {
			p[i] = point{float64(a.X-mid.X) / (em * 64), float64(a.Y-mid.Y) / (em * 64)}
		}
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			o = append(o, []point{p[0]})
		case sfnt.SegmentOpLineTo:
			o.extend(func(from point, t float64) point { return mix(from, p[0], t) })
		case sfnt.SegmentOpQuadTo:
			o.extend(func(from point, t float64) point { return mix(mix(from, p[0], t), mix(p[0], p[1], t), t) })
		case sfnt.SegmentOpCubeTo:
			return nil, fmt.Errorf("a cubic curve in sign %q", sign) // TrueType has none
		}
	}
	return o, nil
}

// extend cuts a curve from the last point on into short lines.
func (o outline) extend(at func(from point, t float64) point) {
	const pieces = 8
	last := &o[len(o)-1]
	from := (*last)[len(*last)-1]
	for i := 1; i <= pieces; i++ {
		*last = append(*last, at(from, float64(i)/pieces))
	}
}

func mix(a, b point, t float64) point { return point{a.x + (b.x-a.x)*t, a.y + (b.y-a.y)*t} }

// bend returns the outline with every point moved by f.
func (o outline) bend(f func(point) point) outline {
	out := make(outline, len(o))
	for i, line := range o {
		out[i] = make([]point, len(line))
		for j, p := range line {
			out[i][j] = f(p)
		}
	}
	return out
}

// bounds returns the corners of the smallest box around the outline.
func (o outline) bounds() (lo, hi point) {
	lo, hi = point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, line := range o {
		for _, p := range line {
			lo = point{min(lo.x, p.x), min(lo.y, p.y)}
			hi = point{max(hi.x, p.x), max(hi.y, p.y)}
		}
	}
	return lo, hi
}

func (o outline) width() float64 {
	lo, hi := o.bounds()
	return hi.x - lo.x
}

// inside moves the outline as little as brings it onto the picture: a sign cut
// by the edge is one that nobody can type.
func (o outline) inside() outline {
	const edge = 3
	lo, hi := o.bounds()
	by := point{
		max(0, edge-lo.x) - max(0, hi.x-(Width-edge)),
		max(0, edge-lo.y) - max(0, hi.y-(Height-edge)),
	}
	return o.bend(func(p point) point { return point{p.x + by.x, p.y + by.y} })
}
