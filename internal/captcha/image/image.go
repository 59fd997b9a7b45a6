// Package image shows the answer of a captcha.Challenge as a picture and as a
// French sound, for the handlers of the pages that carry one.
//
// The same seed gives the same picture and the same sound, byte for byte: serve
// one rendering for each challenge, however often it is asked for. Several
// pictures of one answer would let a robot average the noise away.
//
// What this resists, and what it does not, is measured by the tests built with
// the tag "bench". A trained neural network reads such pictures: they raise the
// cost, limits protect.
package image

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"math/big"
	randv2 "math/rand/v2"
	"strings"
)

// The alphabet leaves out what looks alike when bent (I 1, O 0 D Q, 2 Z, 5 S,
// 8 B, U V, 4 A, 6 G, C G, K X Y) and what sounds alike in French (b d p t v,
// c t g, m n f, f s, l r, e 2, k 4, a k): so F stays without M, L without R, X
// without K and Y. When the pictures were read by eye, X, Y and K made most of
// the mistakes.
const (
	letters = "AFHJLUWX"
	digits  = "35789"
)

// Alphabet holds every sign that an answer may have.
const Alphabet = letters + digits

// Meant gives what was typed in the signs of the alphabet. A person is not told which signs those are: who sees a K where an X is
// bent, or hears an R where an L is said, has read the code. Each sign stands for one of ours at most, so that nothing typed is
// worth more guesses than before.
func Meant(typed string) string { return meant.Replace(typed) }

// By eye: 5 S, 8 B, U V, 4 A, X K Y. By ear: L R, F M; S goes to the eye.
var meant = strings.NewReplacer("S", "5", "s", "5", "B", "8", "b", "8", "V", "U", "v", "U", "4", "A", "K", "X", "k", "X", "Y", "X", "y", "X",
	"R", "L", "r", "L", "M", "F", "m", "F")

// Length is the number of signs in an answer: 13^6 is 4.8e6, less those
// without a letter or without a digit.
const Length = 6

// Seed fixes one picture and one sound; captcha.Challenge carries it.
type Seed = [32]byte

// Generator draws and speaks. It is safe for concurrent use.
type Generator struct {
	faces  []face
	voices []voice
}

// New reads the faces and the clips. clips is a folder with one folder for each
// voice, as in clips/ of this package; nil takes that one.
func New(clips fs.FS) (*Generator, error) {
	faces, err := loadFaces()
	if err != nil {
		return nil, err
	}
	if clips == nil {
		if clips, err = fs.Sub(embedded, "clips"); err != nil {
			return nil, fmt.Errorf("captcha clips: %w", err)
		}
	}
	voices, err := loadVoices(clips)
	if err != nil {
		return nil, err
	}
	return &Generator{faces: faces, voices: voices}, nil
}

// Answer returns a fresh answer with at least one letter and one digit, as the
// page's sentence promises. Every such answer is equally likely.
func Answer() string {
	for {
		var b [Length]byte
		for i := range b {
			n, err := rand.Int(rand.Reader, big.NewInt(int64(len(Alphabet))))
			if err != nil {
				panic(err) // crypto/rand ends the program instead
			}
			b[i] = Alphabet[n.Int64()]
		}
		if s := string(b[:]); strings.ContainsAny(s, letters) && strings.ContainsAny(s, digits) {
			return s
		}
	}
}

// check keeps callers from drawing what nobody can type, and bounds the work.
func check(answer string) error {
	if len(answer) != Length || strings.Trim(answer, Alphabet) != "" {
		return fmt.Errorf("captcha: the answer is not %d signs of the alphabet", Length)
	}
	return nil
}

// source is a cryptographic stream: who knows half of a picture cannot work out
// the other half. The use keeps picture and sound apart.
func source(seed Seed, use string) *dice {
	h := sha256.Sum256(append([]byte(use), seed[:]...))
	return &dice{randv2.New(randv2.NewChaCha8(h))}
}

// dice draws in ranges.
type dice struct{ *randv2.Rand }

// in returns a number from lo up to hi.
func (d *dice) in(lo, hi float64) float64 { return lo + d.Float64()*(hi-lo) }

// around returns a number at most r away from zero.
func (d *dice) around(r float64) float64 { return d.in(-r, r) }
