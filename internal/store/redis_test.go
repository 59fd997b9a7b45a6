package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/store"
	"efpconnect.example/internal/testkit/redistest"
)

// A page that waits on a lost Redis must still answer within a second.
func TestLostRedisIsNoticedWithinASecond(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { silent.Close() }) // accepts, never answers
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	closed.Close()
	for name, addr := range map[string]string{
		"silent": silent.Addr().String(),
		"closed": closed.Addr().String(),
	} {
		client, err := store.RedisClient("redis://" + addr)
		check(t, err)
		t.Cleanup(func() { client.Close() })
		s := store.NewRedis(client, "efp:")
		for op, call := range operations(t.Context(), s) {
			within(t, time.Second, name+", "+op, func() {
				if err := call(); !errors.Is(err, store.ErrUnavailable) {
					t.Errorf("%s, %s: %v", name, op, err)
				}
			})
		}
	}
}

// Whoever has less time than opTimeout (a rate limit, a detached call) gets its
// answer when that time is over.
func TestCallersDeadlineCounts(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer silent.Close()
	client, err := store.RedisClient("redis://" + silent.Addr().String())
	check(t, err)
	defer client.Close()
	within(t, 400*time.Millisecond, "a call that had 50 ms", func() {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, _, err := store.NewRedis(client, "efp:").Get(ctx, "k"); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("Get = %v", err)
		}
	})
}

// within fails when do takes longer, three times in a row: a busy machine stalls once, a call without a bound each time.
func within(t *testing.T, limit time.Duration, what string, do func()) {
	t.Helper()
	var took time.Duration
	for range 3 {
		began := time.Now()
		do()
		if took = time.Since(began); took <= limit {
			return
		}
	}
	t.Errorf("%s took %v, more than %v", what, took, limit)
}

func operations(ctx context.Context, s store.Store) map[string]func() error {
	v := []byte("v")
	return map[string]func() error{
		"Put":      func() error { return s.Put(ctx, "k", v, time.Minute) },
		"Add":      func() error { _, err := s.Add(ctx, "k", v, time.Minute); return err },
		"Get":      func() error { _, _, err := s.Get(ctx, "k"); return err },
		"Take":     func() error { _, _, err := s.Take(ctx, "k"); return err },
		"Delete":   func() error { return s.Delete(ctx, "k") },
		"DeleteIf": func() error { _, err := s.DeleteIf(ctx, "k", v); return err },
		"Extend":   func() error { _, err := s.Extend(ctx, "k", v, time.Minute); return err },
		"Count":    func() error { _, err := s.Count(ctx, "k", time.Minute); return err },
		"Ping":     func() error { return s.Ping(ctx) },
	}
}

// A visitor who goes away is no outage: no alarm for it.
func TestCancelledCallerIsNotAnOutage(t *testing.T) {
	client, prefix := redistest.Redis(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := store.NewRedis(client, prefix).Get(ctx, "k")
	if !errors.Is(err, context.Canceled) || errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Get = %v", err)
	}
}

// Several services may share one Redis: a prefix keeps them apart.
func TestPrefixSeparates(t *testing.T) {
	client, prefix := redistest.Redis(t)
	a, b := store.NewRedis(client, prefix+"a:"), store.NewRedis(client, prefix+"b:")
	check(t, a.Put(t.Context(), "k", []byte("v"), time.Minute))
	if _, found, err := b.Get(t.Context(), "k"); err != nil || found {
		t.Errorf("the other prefix reads it: %v, %v", found, err)
	}
}

func TestBadURLKeepsItsPassword(t *testing.T) {
	_, err := store.RedisClient("redis://:s3cret@host:port:0/x")
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("err = %v", err)
	}
}

// What the library says by itself is a line of our log: a program that reads JSON finds nothing else there.
func TestTheLibrarySpeaksInOurLog(t *testing.T) {
	var said strings.Builder
	store.LogTo(slog.New(slog.NewJSONHandler(&said, nil)))
	t.Cleanup(func() { store.LogTo(slog.New(slog.DiscardHandler)) })
	client, err := store.RedisClient("redis://:secret@127.0.0.1:1/0")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Ping(t.Context()).Err(); err == nil {
		t.Fatal("something listens on port 1")
	}
	var line struct{ Msg, Cause string }
	if err := json.Unmarshal([]byte(said.String()), &line); err != nil || line.Msg != "redis" || !strings.Contains(line.Cause, "refused") || strings.Contains(said.String(), "secret") {
		t.Errorf("%v: %s", err, said.String())
	}
}
