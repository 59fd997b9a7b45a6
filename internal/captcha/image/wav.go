package image

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
)

const (
	formatPCM   = 1
	formatMuLaw = 7
)

// readWAV understands what make.sh writes and what a recorder writes: mono,
// 16 kHz, µ-law or 16-bit PCM. It believes no length that the file states.
func readWAV(data []byte) ([]float32, error) {
	if len(data) < 12 || string(data[:4]) != "RIFF" || string(data[8:12]) != "WAVE" {
		return nil, errors.New("not a WAV file")
	}
	format := uint16(0)
	for rest := data[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		body := rest[:min(size, int64(len(rest)))]
		switch name {
		case "fmt ":
			var err error
			if format, err = readFormat(body); err != nil {
				return nil, err
			}
		case "data":
			return decode(format, body)
		}
		rest = rest[min(size+size%2, int64(len(rest))):] // parts begin at even places
	}
	return nil, errors.New("a WAV file without sound")
}

func readFormat(body []byte) (uint16, error) {
	if len(body) < 16 {
		return 0, errors.New("a WAV format cut short")
	}
	var f struct {
		Format, Channels uint16
		Rate, Bytes      uint32
		Block, Bits      uint16
	}
	if _, err := binary.Decode(body, binary.LittleEndian, &f); err != nil {
		return 0, fmt.Errorf("a WAV format: %w", err)
	}
	known := f.Format == formatMuLaw && f.Bits == 8 || f.Format == formatPCM && f.Bits == 16
	if f.Channels != 1 || f.Rate != rate || !known {
		return 0, fmt.Errorf("WAV format %d, %d channels, %d Hz, %d bits; want mono, %d Hz, µ-law or 16-bit PCM",
			f.Format, f.Channels, f.Rate, f.Bits, rate)
	}
	return f.Format, nil
}

func decode(format uint16, body []byte) ([]float32, error) {
	switch format {
	case formatMuLaw:
		out := make([]float32, len(body))
		for i, b := range body {
			out[i] = muLaw(b)
		}
		return out, nil
	case formatPCM:
		out := make([]float32, len(body)/2)
		for i := range out {
			out[i] = float32(int16(binary.LittleEndian.Uint16(body[2*i:]))) / (1 << 15)
		}
		return out, nil
	}
	return nil, errors.New("a WAV file with its sound before its format")
}

// muLaw is the G.711 expansion: sign, exponent and four bits, all inverted.
func muLaw(b byte) float32 {
	b = ^b
	v := (int(b&0x0f)<<3+0x84)<<(b>>4&7) - 0x84
	if b&0x80 != 0 {
		v = -v
	}
	return float32(v) / (1 << 15)
}

// toMuLaw is the G.711 compression: the nearest value that muLaw gives back.
func toMuLaw(v int16) byte {
	const bias, clip = 0x84, 32635
	size, sign := int(v), byte(0)
	if size < 0 {
		size, sign = -size, 0x80
	}
	size = min(size, clip) + bias
	exponent := bits.Len16(uint16(size)) - 8
	return ^(sign | byte(exponent)<<4 | byte(size>>(exponent+3))&0x0f)
}

// writeWAV writes mono samples in one of the two formats that readWAV knows.
func writeWAV(samples []float32, format uint16) []byte {
	const header = 44
	wide := uint32(2)
	if format == formatMuLaw {
		wide = 1
	}
	size := wide * uint32(len(samples))
	out := make([]byte, 0, header+size)
	le := binary.LittleEndian
	out = append(out, "RIFF"...)
	out = le.AppendUint32(out, header-8+size)
	out = append(out, "WAVEfmt "...)
	out = le.AppendUint32(out, 16)
	out = le.AppendUint16(out, format)
	out = le.AppendUint16(out, 1)
	out = le.AppendUint32(out, rate)
	out = le.AppendUint32(out, wide*rate)
	out = le.AppendUint16(out, uint16(wide))
	out = le.AppendUint16(out, uint16(8*wide))
	out = append(out, "data"...)
	out = le.AppendUint32(out, size)
	for _, v := range samples {
		// A soft limit: two voices at once may be louder than the format.
		sample := int16(math.Tanh(float64(v)) * math.MaxInt16)
		if format == formatMuLaw {
			out = append(out, toMuLaw(sample))
		} else {
			out = le.AppendUint16(out, uint16(sample))
		}
	}
	return out
}
