package store_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"efpconnect.example/internal/store"
	"efpconnect.example/internal/testkit/redistest"
)

// clock is a time that tests move by hand.
type clock struct{ t atomic.Int64 }

func (c *clock) now() time.Time          { return time.UnixMilli(c.t.Load()) }
func (c *clock) advance(d time.Duration) { c.t.Add(d.Milliseconds()) }

// subject is one backend under the shared suite.
type subject struct {
	store.Store
	advance func(time.Duration)
}

// both runs the same test on each backend: what holds in development holds
// with several replicas.
func both(t *testing.T, run func(t *testing.T, s subject)) {
	t.Run("memory", func(t *testing.T) {
		c := &clock{}
		run(t, subject{store.NewMemory(1000, c.now), c.advance})
	})
	t.Run("redis", func(t *testing.T) {
		client, prefix := redistest.Redis(t)
		run(t, subject{store.NewRedis(client, prefix), func(d time.Duration) {
			redistest.Advance(t, client, prefix, d)
		}})
	})
}

func (s subject) wantGet(t *testing.T, key, want string, wantFound bool) {
	t.Helper()
	got, found, err := s.Get(t.Context(), key)
	if err != nil || string(got) != want || found != wantFound {
		t.Fatalf("Get(%q) = %q, %v, %v; want %q, %v", key, got, found, err, want, wantFound)
	}
}

func TestPutReplacesAndDies(t *testing.T) {
	both(t, func(t *testing.T, s subject) {
		ctx := t.Context()
		s.wantGet(t, "k", "", false)
		check(t, s.Put(ctx, "k", []byte("one"), time.Minute))
		check(t, s.Put(ctx, "k", []byte("two"), time.Hour))
		s.wantGet(t, "k", "two", true)
		s.advance(59 * time.Minute) // the second ttl counts, not the first
		s.wantGet(t, "k", "two", true)
		s.advance(2 * time.Minute)
		s.wantGet(t, "k", "", false)
	})
}

func TestDelete(t *testing.T) {
	both(t, func(t *testing.T, s subject) {
		check(t, s.Put(t.Context(), "k", []byte("v"), time.Minute))
		check(t, s.Delete(t.Context(), "k"))
		check(t, s.Delete(t.Context(), "k")) // an absent key is no error
		s.wantGet(t, "k", "", false)
	})
}

func TestAddKeepsTheFirst(t *testing.T) {
	both(t, func(t *testing.T, s subject) {
		for i, want := range []bool{true, false} {
			added, err := s.Add(t.Context(), "lock", fmt.Append(nil, i), time.Minute)
			if err != nil || added != want {
				t.Fatalf("Add %d = %v, %v; want %v", i, added, err, want)
			}
		}
		s.wantGet(t, "lock", "0", true)
		s.advance(time.Minute) // a holder that died frees the lock
		if added, err := s.Add(t.Context(), "lock", []byte("2"), time.Minute); err != nil || !added {
			t.Fatalf("Add after the ttl = %v, %v", added, err)
		}
	})
}

func TestTakeOnce(t *testing.T) {
	both(t, func(t *testing.T, s subject) {
		check(t, s.Put(t.Context(), "answer", []byte("k7xp"), time.Minute))
		got, found, err := s.Take(t.Context(), "answer")
		if err != nil || !found || string(got) != "k7xp" {
			t.Fatalf("first Take = %q, %v, %v", got, found, err)
		}
		if _, found, err := s.Take(t.Context(), "answer"); err != nil || found {
			t.Fatalf("second Take = %v, %v", found, err)
		}
		check(t, s.Put(t.Context(), "answer", []byte("k7xp"), time.Minute))
		s.advance(time.Minute)
		if _, found, err := s.Take(t.Context(), "answer"); err != nil || found {
			t.Fatalf("Take of a dead key = %v, %v", found, err)
		}
	})
}

func TestDeleteIfIsForTheHolder(t *testing.T) {
	both(t, func(t *testing.T, s subject) {
		check(t, s.Put(t.Context(), "lock", []byte("mine"), time.Minute))
		for _, c := range []struct {
			value string
			want  bool
		}{
			{"theirs", false},
			{"", false},
			{"mine", true},
			{"mine", false}, // already released
		} {
			got, err := s.DeleteIf(t.Context(), "lock", []byte(c.value))
			if err != nil || got != c.want {
				t.Fatalf("DeleteIf(%q) = %v, %v; want %v", c.value, got, err, c.want)
			}
		}
		// An absent key is not a key that holds nothing.
		if got, err := s.DeleteIf(t.Context(), "none", nil); err != nil || got {
			t.Fatalf("DeleteIf of an absent key = %v, %v", got, err)
		}
	})
}

func TestExtendIsForTheHolder(t *testing.T) {
	both(t, func(t *testing.T, s subject) {
		check(t, s.Put(t.Context(), "lock", []byte("mine"), time.Minute))
		s.advance(59 * time.Second)
		for value, want := range map[string]bool{"theirs": false, "": false, "mine": true} {
			if got, err := s.Extend(t.Context(), "lock", []byte(value), time.Minute); err != nil || got != want {
				t.Fatalf("Extend(%q) = %v, %v; want %v", value, got, err, want)
			}
		}
		s.advance(59 * time.Second)
		s.wantGet(t, "lock", "mine", true)
		// Whoever comes back after the lock expired does not take it from who has it now, nor from nobody.
		s.advance(time.Second)
		for _, now := range []string{"", "theirs"} {
			if now != "" {
				check(t, s.Put(t.Context(), "lock", []byte(now), time.Minute))
			}
			if got, err := s.Extend(t.Context(), "lock", []byte("mine"), time.Minute); err != nil || got {
				t.Fatalf("Extend of a lost lock = %v, %v", got, err)
			}
			s.wantGet(t, "lock", now, now != "")
		}
	})
}

func TestCountKeepsItsFirstTTL(t *testing.T) {
	both(t, func(t *testing.T, s subject) {
		for want := 1; want <= 3; want++ {
			got, err := s.Count(t.Context(), "tries", time.Minute)
			if err != nil || got != want {
				t.Fatalf("Count = %d, %v; want %d", got, err, want)
			}
			s.advance(15 * time.Second)
		}
		s.wantGet(t, "tries", "3", true)
		s.advance(20 * time.Second) // 65 s since the first call
		if got, err := s.Count(t.Context(), "tries", time.Minute); err != nil || got != 1 {
			t.Fatalf("Count after the ttl = %d, %v", got, err)
		}
	})
}

func TestCountOfSomethingElse(t *testing.T) {
	both(t, func(t *testing.T, s subject) {
		check(t, s.Put(t.Context(), "k", []byte("text"), time.Minute))
		if _, err := s.Count(t.Context(), "k", time.Minute); !errors.Is(err, store.ErrNotCount) {
			t.Fatalf("Count = %v", err)
		}
		s.wantGet(t, "k", "text", true)
	})
}

// What one backend would take and the other refuse is refused by both; a ttl
// of zero would be "for ever" in Redis.
func TestWritesThatAreRefused(t *testing.T) {
	both(t, func(t *testing.T, s subject) {
		for _, c := range []struct {
			name, key string
			value     []byte
			ttl       time.Duration
		}{
			{"no ttl", "k", nil, 0},
			{"negative ttl", "k", nil, -time.Second},
			{"no key", "", nil, time.Minute},
			{"long key", strings.Repeat("k", 513), nil, time.Minute},
			{"big value", "k", make([]byte, store.MaxValue+1), time.Minute},
		} {
			if err := s.Put(t.Context(), c.key, c.value, c.ttl); err == nil {
				t.Errorf("%s: Put took it", c.name)
			}
			if added, err := s.Add(t.Context(), c.key, c.value, c.ttl); err == nil || added {
				t.Errorf("%s: Add took it", c.name)
			}
			if _, err := s.Count(t.Context(), c.key, c.ttl); err == nil && c.value == nil {
				t.Errorf("%s: Count took it", c.name)
			}
		}
	})
}

func TestValuesAreBytes(t *testing.T) {
	both(t, func(t *testing.T, s subject) {
		value := []byte{0, 0xff, '\r', '\n', 0}
		check(t, s.Put(t.Context(), "k", value, time.Minute))
		s.wantGet(t, "k", string(value), true)
		got, _, _ := s.Get(t.Context(), "k")
		value[0], got[1] = 'x', 'x' // neither side shares its slice
		s.wantGet(t, "k", "\x00\xff\r\n\x00", true)
	})
}

// One key, 200 callers: exactly one may win, and no count is lost.
func TestParallelCallersAreExact(t *testing.T) {
	const callers = 200
	both(t, func(t *testing.T, s subject) {
		check(t, s.Put(t.Context(), "answer", []byte("v"), time.Minute))
		check(t, s.Put(t.Context(), "held", []byte("mine"), time.Minute))
		var taken, added, released, highest atomic.Int64
		totals := make([]atomic.Bool, callers+1)
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				_, found, err := s.Take(t.Context(), "answer")
				count(t, &taken, found, err)
				ok, err := s.Add(t.Context(), "lock", []byte("v"), time.Minute)
				count(t, &added, ok, err)
				ok, err = s.DeleteIf(t.Context(), "held", []byte("mine"))
				count(t, &released, ok, err)
				n, err := s.Count(t.Context(), "tries", time.Minute)
				count(t, &highest, true, err)
				if n < 1 || n > callers || totals[n].Swap(true) {
					t.Errorf("Count answered %d twice, or out of range", n)
				}
			})
		}
		wg.Wait()
		if taken.Load() != 1 || added.Load() != 1 || released.Load() != 1 {
			t.Errorf("taken %d times, added %d, released %d; want once each", taken.Load(), added.Load(), released.Load())
		}
		s.wantGet(t, "tries", fmt.Sprint(callers), true)
	})
}

func count(t *testing.T, n *atomic.Int64, won bool, err error) {
	if err != nil {
		t.Error(err)
	}
	if won {
		n.Add(1)
	}
}

func TestPing(t *testing.T) {
	both(t, func(t *testing.T, s subject) { check(t, s.Ping(t.Context())) })
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
