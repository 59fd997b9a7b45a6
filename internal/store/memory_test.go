package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"efpconnect.example/internal/store"
)

// A flood of ten times the bound must not push out one live lock or permit.
func TestFullMemoryForgetsNothingAlive(t *testing.T) {
	const bound = 1000
	c := &clock{}
	m := store.NewMemory(bound, c.now)
	ctx := t.Context()
	check(t, m.Put(ctx, "permit", []byte("v"), time.Hour))
	if _, err := m.Count(ctx, "spent", time.Hour); err != nil {
		t.Fatal(err)
	}
	full := 0
	for i := range 10 * bound {
		if err := m.Put(ctx, fmt.Sprint("flood", i), nil, time.Minute); errors.Is(err, store.ErrFull) {
			full++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if want := 9*bound + 2; full != want {
		t.Errorf("%d writes refused, want %d", full, want)
	}
	for i := range bound - 2 {
		if _, found, _ := m.Get(ctx, fmt.Sprint("flood", i)); !found {
			t.Fatalf("live entry %d was forgotten", i)
		}
	}
	// Full concerns new keys: what is there goes on working.
	if n, err := m.Count(ctx, "spent", time.Hour); err != nil || n != 2 {
		t.Errorf("Count while full = %d, %v", n, err)
	}
	check(t, m.Put(ctx, "permit", []byte("w"), time.Hour))
	for name, call := range map[string]func() error{
		"Add":   func() error { _, err := m.Add(ctx, "new", nil, time.Minute); return err },
		"Count": func() error { _, err := m.Count(ctx, "new", time.Minute); return err },
	} {
		if err := call(); !errors.Is(err, store.ErrFull) {
			t.Errorf("%s of a new key while full = %v", name, err)
		}
	}
	// The flood dies, and makes room by itself.
	c.advance(time.Minute)
	check(t, m.Put(ctx, "new", nil, time.Minute))
	if got, found, _ := m.Get(ctx, "permit"); !found || string(got) != "w" {
		t.Errorf("permit after the flood = %q, %v", got, found)
	}
}

// What anybody can make many of leaves room for what a reset under way needs.
func TestAFloodOfOneKindLeavesTheOthersRoom(t *testing.T) {
	m := store.NewMemory(10, (&clock{}).now)
	ctx := t.Context()
	var err error
	for i := range 11 {
		err = m.Put(ctx, fmt.Sprint("captcha:", i), nil, time.Minute)
	}
	if !errors.Is(err, store.ErrFull) {
		t.Fatalf("the flood was taken whole: %v", err)
	}
	for _, key := range []string{"lock:code:1", "once:1", "permit/1", "plain"} {
		if added, err := m.Add(ctx, key, nil, time.Minute); err != nil || !added {
			t.Errorf("Add(%q) = %v, %v", key, added, err)
		}
	}
}
