package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// A step submitted twice gets the first one's outcome, in the same browser
// only. The outcome waits in the store under Fingerprint, sealed with SealWith;
// both need r, a random that lives in that browser's sealed cookie alone. So
// another browser cannot replay it, and whoever reads the store can neither
// read it nor test a guess of what was typed.

// RandomSize is the length of a browser's own random, in bytes.
const RandomSize = 32

var errRandomSize = errors.New("seal: a browser's random has 32 bytes")

// NewRandom returns a fresh random for one browser.
func NewRandom() []byte {
	r := make([]byte, RandomSize)
	rand.Read(r) // never fails: crypto/rand ends the program instead
	return r
}

// Fingerprint is the store key for the outcome of a step: the parts are the
// step's name, the flow and what was typed.
func Fingerprint(r []byte, parts ...string) (string, error) {
	if len(r) != RandomSize {
		return "", errRandomSize
	}
	key, err := derive(string(r), "fingerprint")
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(mac(key, parts...)), nil
}

// SealWith encrypts v, as JSON, under r. It carries no date: the store entry's
// ttl ends its life.
func SealWith(r []byte, v any) ([]byte, error) {
	aead, err := browserAEAD(r)
	if err != nil {
		return nil, err
	}
	value, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("seal: outcome: %w", err)
	}
	return aead.Seal(nil, nil, value, nil), nil
}

// OpenWith reads into v what SealWith made under the same r, else ErrForged.
func OpenWith(r, sealed []byte, v any) error {
	aead, err := browserAEAD(r)
	if err != nil {
		return err
	}
	value, err := aead.Open(nil, nil, sealed, nil)
	if err != nil {
		return ErrForged
	}
	return read(value, v)
}

func browserAEAD(r []byte) (cipher.AEAD, error) {
	if len(r) != RandomSize {
		return nil, errRandomSize
	}
	key, err := derive(string(r), "outcome")
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
