package help

import (
	"fmt"
	"strings"

	"github.com/skip2/go-qrcode"
)

// Paper is what only the printed guide shows: the site's address, and its QR code for a telephone's camera.
type Paper struct {
	Address string
	Size    int    // of the QR code: modules a side, quiet zone included
	Path    string // of an SVG of that size: a rectangle for each row's run of dark modules
}

// NewPaper draws the code once, at the start.
func NewPaper(address string) (Paper, error) {
	code, err := qrcode.New(address, qrcode.Medium)
	if err != nil {
		return Paper{}, fmt.Errorf("drawing %q as a QR code: %w", address, err)
	}
	rows := code.Bitmap()
	var path strings.Builder
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return Paper{Address: address, Size: len(rows), Path: path.String()}, nil
}
