package source

import (
	"bytes"
	"slices"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// wideText recognises UTF-16 and UTF-32, with a byte order mark or without: French is mostly ASCII, so that most characters have bytes
// of 0 at the same places, and no text in another encoding has any. name is "" for another encoding.
func wideText(head []byte) (name string, text encoding.Encoding) {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")), zeros(head, 4, 2, 3):
		return "UTF-32", utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)
	case bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff")), zeros(head, 4, 0, 1):
		return "UTF-32", utf32.UTF32(utf32.BigEndian, utf32.UseBOM)
	case bytes.HasPrefix(head, []byte("\xff\xfe")), zeros(head, 2, 1):
		return "UTF-16", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(head, []byte("\xfe\xff")), zeros(head, 2, 0):
		return "UTF-16", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	return "", nil
}

// zeros tells whether nearly every unit of so many bytes is 0 at these places, and not as a whole.
func zeros(head []byte, unit int, places ...int) bool {
	units, there := 0, 0
	for part := range slices.Chunk(head[:min(len(head), 4096)], unit) {
		if len(part) < unit {
			break
		}
		units++
		zero := !slices.ContainsFunc(places, func(place int) bool { return part[place] != 0 })
		if zero && !bytes.Equal(part, make([]byte, unit)) {
			there++
		}
	}
	return units > 0 && there*10 >= units*8
}
