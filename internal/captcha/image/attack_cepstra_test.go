//go:build bench

package image

import (
	"math"
	"math/cmplx"
)

const (
	frameSize = 512 // for the transform; 400 of them are sound
	frameLong = 400
	frameHop  = 320
	bands     = 26
)

var (
	melBands = makeBands()
	hamming  = makeWindow()
	cosines  = makeCosines()
)

// cepstra describes a sound as its spectrum's shape over time: mel bands, their
// logarithm, their cosine transform.
func cepstra(samples []float32) []frame {
	var out []frame
	for at := 0; at+frameLong <= len(samples); at += frameHop {
		buffer := make([]complex128, frameSize)
		for i := range frameLong {
			v := float64(samples[at+i])
			if at+i > 0 {
				v -= 0.97 * float64(samples[at+i-1])
			}
			buffer[i] = complex(v*hamming[i], 0)
		}
		transform(buffer)
		var energy [bands]float64
		for b := range energy {
			for k, weight := range melBands[b] {
				a := cmplx.Abs(buffer[k])
				energy[b] += weight * a * a
			}
			energy[b] = math.Log(energy[b] + 1e-3)
		}
		var f frame
		for c := range coefficients {
			var sum float64
			for b := range energy {
				sum += energy[b] * cosines[c][b]
			}
			f[c] = float32(sum)
		}
		out = append(out, f)
	}
	change(out)
	return out
}

// change adds the difference between a frame's neighbours. The mean stays in:
// every sound comes through the same channel, and silence would move it.
func change(frames []frame) {
	for i := range frames {
		before, after := &frames[max(0, i-1)], &frames[min(len(frames)-1, i+1)]
		for c := range coefficients {
			frames[i][coefficients+c] = after[c] - before[c]
		}
	}
}

func makeBands() (out [bands][frameSize / 2]float64) {
	mel := func(hertz float64) float64 { return 2595 * math.Log10(1+hertz/700) }
	lo, hi := mel(100), mel(rate/2)
	for b := range out {
		mid := lo + (hi-lo)*float64(b+1)/(bands+1)
		wide := (hi - lo) / (bands + 1)
		for k := range out[b] {
			out[b][k] = max(0, 1-math.Abs(mel(float64(k)*rate/frameSize)-mid)/wide)
		}
	}
	return out
}

func makeWindow() (out [frameLong]float64) {
	for i := range out {
		out[i] = 0.54 - 0.46*math.Cos(2*math.Pi*float64(i)/(frameLong-1))
	}
	return out
}

func makeCosines() (out [coefficients][bands]float64) {
	for c := range out {
		for b := range out[c] {
			out[c][b] = math.Sqrt(2./bands) * math.Cos(math.Pi*float64(c+1)*(float64(b)+0.5)/bands)
		}
	}
	return out
}

// transform is the fast Fourier transform, in place.
func transform(a []complex128) {
	n := len(a)
	for i, j := 1, 0; i < n; i++ {
		bit := n >> 1
		for ; j&bit != 0; bit >>= 1 {
			j ^= bit
		}
		j ^= bit
		if i < j {
			a[i], a[j] = a[j], a[i]
		}
	}
	for size := 2; size <= n; size *= 2 {
		turn := cmplx.Rect(1, -2*math.Pi/float64(size))
		for at := 0; at < n; at += size {
			w := complex(1, 0)
			for k := range size / 2 {
				u, v := a[at+k], a[at+k+size/2]*w
				a[at+k], a[at+k+size/2] = u+v, u-v
				w *= turn
			}
		}
	}
}
