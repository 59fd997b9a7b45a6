package seal_test

import (
	"bytes"
	"errors"
	"testing"

	"efpconnect.example/internal/seal"
)

func TestHash(t *testing.T) {
	now := start
	key := seal.NewKey()
	b := box(t, &now, key)
	h := b.Hash("log", "a@example.test")
	if len(h) != 22 {
		t.Errorf("%d characters, want 22 for 16 bytes", len(h))
	}
	// Another replica with the same key finds the same store entry.
	if h != box(t, &now, key, seal.NewKey()).Hash("log", "a@example.test") {
		t.Error("the same key hashes otherwise")
	}
	for name, other := range map[string]string{
		"other value":          b.Hash("log", "b@example.test"),
		"other purpose":        b.Hash("lock", "a@example.test"),
		"other key":            box(t, &now, seal.NewKey()).Hash("log", "a@example.test"),
		"same text, other cut": b.Hash("loga", "@example.test"),
	} {
		if h == other {
			t.Errorf("%s: same hash", name)
		}
	}
}

func TestFingerprint(t *testing.T) {
	r, other := seal.NewRandom(), seal.NewRandom()
	fp := func(r []byte, parts ...string) string {
		t.Helper()
		s, err := seal.Fingerprint(r, parts...)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := fp(r, "code", "flow", "238392")
	if first != fp(r, "code", "flow", "238392") {
		t.Error("a double click is not recognised")
	}
	for name, got := range map[string]string{
		"another browser":   fp(other, "code", "flow", "238392"),
		"another code":      fp(r, "code", "flow", "238393"),
		"parts cut apart":   fp(r, "code", "flow2", "38392"),
		"an empty part":     fp(r, "code", "flow", "238392", ""),
		"parts joined up":   fp(r, "codeflow238392"),
		"parts in disorder": fp(r, "flow", "code", "238392"),
	} {
		if got == first {
			t.Errorf("%s: same fingerprint", name)
		}
	}
}

func TestSealWith(t *testing.T) {
	r := seal.NewRandom()
	text, err := seal.SealWith(r, sample)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("ory_st")) {
		t.Error("the store can read the outcome")
	}
	var got cookie
	if err := seal.OpenWith(r, text, &got); err != nil || got != sample {
		t.Fatalf("OpenWith = %+v, %v", got, err)
	}
	if err := seal.OpenWith(seal.NewRandom(), text, &got); !errors.Is(err, seal.ErrForged) {
		t.Errorf("another browser: %v", err)
	}
	for i := range text {
		bad := bytes.Clone(text)
		bad[i] ^= 1
		if err := seal.OpenWith(r, bad, &got); !errors.Is(err, seal.ErrForged) {
			t.Fatalf("byte %d flipped: %v", i, err)
		}
		if err := seal.OpenWith(r, text[:i], &got); !errors.Is(err, seal.ErrForged) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
}

// An absent random must never become a key that all browsers share.
func TestShortRandomIsRefused(t *testing.T) {
	for _, r := range [][]byte{nil, {}, make([]byte, 16)} {
		if _, err := seal.Fingerprint(r, "x"); err == nil {
			t.Errorf("Fingerprint took %d bytes", len(r))
		}
		if _, err := seal.SealWith(r, 1); err == nil {
			t.Errorf("SealWith took %d bytes", len(r))
		}
		if err := seal.OpenWith(r, []byte("x"), new(int)); err == nil {
			t.Errorf("OpenWith took %d bytes", len(r))
		}
	}
}
