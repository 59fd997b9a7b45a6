// Package seal makes what a browser or a mail carries and may not read: flow
// ids, session tokens, typed addresses. Sealed text is encrypted,
// authenticated, bound to a purpose and dated.
//
// The pages use it for their cookies and links; the keyed hash is for log
// fields and store keys that stand for an address.
package seal

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/gorilla/securecookie"
)

// What Open and OpenWith may answer; test with errors.Is.
var (
	// ErrExpired: sealed by us, but its time is over.
	ErrExpired = errors.New("seal: expired")
	// ErrForged: not sealed by us for this purpose, or damaged.
	ErrForged = errors.New("seal: forged or damaged")
)

const (
	// MaxLength bounds sealed text, in bytes: browsers drop cookies above 4096
	// with their name and attributes.
	MaxLength = 3800
	// minKey is the length of 32 random bytes in base64 without padding.
	minKey = 43
	// minDistinct catches placeholders such as "changeme" repeated; a random
	// key in hexadecimal has fifteen different characters or more.
	minDistinct = 10
)

// Box seals and opens. It is safe for concurrent use.
type Box struct {
	codecs  []securecookie.Codec
	hashKey []byte
	now     func() time.Time
}

// envelope puts the end of life inside the sealed text. securecookie's own
// clock is off: it cannot be set, and cannot tell expired from forged.
type envelope struct {
	Expires int64           `json:"e"` // Unix milliseconds
	Value   json.RawMessage `json:"v"`
}

// New returns a Box. Each key is text that holds at least 32 random bytes, as
// from NewKey or "openssl rand -base64 32". The first key seals and hashes, all
// of them open. To rotate without a break: append the new key everywhere, then
// put it first everywhere, then, once the longest ttl is over, drop the old one.
func New(keys []string, now func() time.Time) (*Box, error) {
	if len(keys) == 0 {
		return nil, errors.New("seal: no key")
	}
	b := &Box{now: now}
	for i, key := range keys {
		if err := checkKey(key); err != nil {
			return nil, fmt.Errorf("seal: key %d: %w", i+1, err)
		}
		sign, err := derive(key, "sign")
		if err != nil {
			return nil, err
		}
		encrypt, err := derive(key, "encrypt")
		if err != nil {
			return nil, err
		}
		codec := securecookie.New(sign, encrypt).MaxAge(0).MaxLength(2 * MaxLength).SetSerializer(plainJSON{})
		b.codecs = append(b.codecs, codec)
	}
	var err error
	b.hashKey, err = derive(keys[0], "hash")
	return b, err
}

// NewKey returns a fresh random key, for demonstrations and tests.
func NewKey() string {
	k := make([]byte, 32)
	rand.Read(k) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(k)
}

func checkKey(key string) error {
	if len(key) < minKey {
		return fmt.Errorf("shorter than %d characters", minKey)
	}
	distinct := make(map[byte]bool)
	for i := range len(key) {
		distinct[key[i]] = true
	}
	if len(distinct) < minDistinct {
		return errors.New("not random")
	}
	return nil
}

// derive makes one 32-byte key for one use, so that no key serves twice.
func derive(secret, use string) ([]byte, error) {
	k, err := hkdf.Key(sha256.New, []byte(secret), nil, "efp-connect seal "+use, 32)
	if err != nil {
		return nil, fmt.Errorf("seal: deriving the key: %w", err)
	}
	return k, nil
}

// plainJSON writes & < > as they are, where encoding/json takes six bytes for each: sealed text stands in no page, and has a bound.
type plainJSON struct{ securecookie.JSONEncoder }

func (plainJSON) Serialize(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return out.Bytes(), err
}

// Seal turns v, as JSON, into URL-safe text that Open reads for the same
// purpose until ttl is over. An error means that v cannot be sealed (not JSON,
// or longer than MaxLength once sealed: some 2 000 bytes of JSON). Callers bound
// what a visitor typed, so that it is never one of theirs.
func (b *Box) Seal(purpose string, ttl time.Duration, v any) (string, error) {
	value, err := plainJSON{}.Serialize(v)
	if err != nil {
		return "", fmt.Errorf("seal: %s: %w", purpose, err)
	}
	e := envelope{Expires: b.now().Add(ttl).UnixMilli(), Value: value}
	text, err := b.codecs[0].Encode(purpose, e)
	if err != nil {
		return "", fmt.Errorf("seal: %s: %w", purpose, err)
	}
	text = strings.TrimRight(text, "=")
	if len(text) > MaxLength {
		return "", fmt.Errorf("seal: %s: %d bytes, more than %d", purpose, len(text), MaxLength)
	}
	return text, nil
}

// Open reads into v what Seal made for the same purpose. It answers ErrForged
// or ErrExpired, and leaves v alone then.
func (b *Box) Open(purpose, sealed string, v any) error {
	padded, err := canonical(sealed)
	if err != nil {
		return err
	}
	var e envelope
	if err := securecookie.DecodeMulti(purpose, padded, &e, b.codecs...); err != nil {
		// The library's reason stays inside: it can quote what was sent.
		return ErrForged
	}
	if b.now().UnixMilli() >= e.Expires {
		return ErrExpired
	}
	return read(e.Value, v)
}

// canonical accepts exactly one spelling of each sealed text, so that none can
// be altered and still open: base64 decoders skip line ends and spare bits.
func canonical(sealed string) (padded string, err error) {
	if len(sealed) > MaxLength {
		return "", ErrForged
	}
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || base64.RawURLEncoding.EncodeToString(raw) != sealed {
		return "", ErrForged
	}
	return base64.URLEncoding.EncodeToString(raw), nil
}

// read fills v only when the whole value fits: a cookie of an older release
// must not leave half of itself behind.
func read(value []byte, v any) error {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return errors.New("seal: the target is not a pointer")
	}
	fresh := reflect.New(target.Type().Elem())
	if err := json.Unmarshal(value, fresh.Interface()); err != nil {
		return fmt.Errorf("%w: sealed by another release", ErrForged)
	}
	target.Elem().Set(fresh.Elem())
	return nil
}
