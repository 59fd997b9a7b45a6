// Package store keeps what must outlive one request and be shared by the
// replicas of the site: locks, permits, single-use answers, outcomes, counts.
// Everything in it dies by itself; it is no database.
//
// One process uses Memory, several use Redis. Steps, hook and captcha take the
// Store interface. Keys and values hold no address in clear: callers hash
// (package seal) before they write.
package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Errors; test with errors.Is.
var (
	// ErrFull: the store is at its bound and takes no new key.
	ErrFull = errors.New("store: full")
	// ErrReadOnly: Redis answers and takes no writes, as a replica or without its disk.
	ErrReadOnly = errors.New("store: takes no writes")
	// ErrUnavailable: the store did not answer in time, or answered nonsense.
	// It wraps the reason, which names no key and no value.
	ErrUnavailable = errors.New("store: unavailable")
	// ErrNotCount: Count was called on a key that Put or Add wrote.
	ErrNotCount = errors.New("store: not a count")
)

// MaxValue bounds one value, in bytes, so that a bound on entries is a bound
// on memory.
const MaxValue = 64 << 10

// maxKey bounds one key, in bytes: names with a hash or an identifier inside.
const maxKey = 512

// Store is what callers need; every operation is atomic, also across replicas.
// A ttl is counted in milliseconds at the finest and must be at least one.
type Store interface {
	// Put writes key, replacing what is there.
	Put(ctx context.Context, key string, value []byte, ttl time.Duration) error
	// Add writes key only when it is absent: locks and single-use marks.
	Add(ctx context.Context, key string, value []byte, ttl time.Duration) (added bool, err error)
	// Get reads key.
	Get(ctx context.Context, key string) (value []byte, found bool, err error)
	// Take reads key and deletes it at once: one caller gets it, ever.
	Take(ctx context.Context, key string) (value []byte, found bool, err error)
	// Delete removes key; an absent one is no error.
	Delete(ctx context.Context, key string) error
	// DeleteIf removes key only while it holds value: a lock is released by
	// its holder alone, even after it expired and another took it.
	DeleteIf(ctx context.Context, key string, value []byte) (deleted bool, err error)
	// Extend gives key a new ttl only while it holds value: a lock is prolonged
	// by its holder alone, and never brought back once it expired.
	Extend(ctx context.Context, key string, value []byte, ttl time.Duration) (held bool, err error)
	// Count adds one and returns the total. The first call sets the ttl, later
	// ones leave it.
	Count(ctx context.Context, key string, ttl time.Duration) (total int, err error)
	// Ping tells whether the store takes what callers write.
	Ping(ctx context.Context) error
}

// checkWrite refuses what one backend would take and the other would not:
// Redis reads a ttl of zero as "for ever".
func checkWrite(key string, value []byte, ttl time.Duration) error {
	switch {
	case key == "" || len(key) > maxKey:
		return fmt.Errorf("store: a key of %d bytes", len(key))
	case len(value) > MaxValue:
		return fmt.Errorf("store: a value of %d bytes, more than %d", len(value), MaxValue)
	case ttl < time.Millisecond:
		return fmt.Errorf("store: a ttl of %v", ttl)
	}
	return nil
}
