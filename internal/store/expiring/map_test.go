package expiring

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"
)

// The map against the plainest model there is, through random operations: a
// wrong heap index would forget a live entry only once in a while.
func TestAgainstModel(t *testing.T) {
	const max, keys = 20, 40
	type cell struct {
		value   int
		expires time.Time
	}
	r := rand.New(rand.NewPCG(1, 2))
	m, model, now := New[int](max), map[string]cell{}, time.Unix(0, 0)
	for i := range 50_000 {
		key := strconv.Itoa(r.IntN(keys))
		switch r.IntN(5) {
		case 0:
			now = now.Add(time.Duration(r.IntN(3)) * time.Second)
			for k, c := range model {
				if !now.Before(c.expires) {
					delete(model, k)
				}
			}
		case 1:
			m.Delete(key)
			delete(model, key)
		default:
			expires := now.Add(time.Duration(1+r.IntN(30)) * time.Second)
			_, known := model[key]
			fits := known || len(model) < max
			if got := m.Set(now, key, i, expires); got != fits {
				t.Fatalf("step %d: Set = %v, want %v", i, got, fits)
			}
			if fits {
				model[key] = cell{i, expires}
			}
		}
		for k := range keys {
			k := strconv.Itoa(k)
			want, known := model[k]
			got, expires, found := m.Get(now, k)
			if found != known || got != want.value || !expires.Equal(want.expires) {
				t.Fatalf("step %d: Get(%s) = %v, %v, %v; want %+v, %v", i, k, got, expires, found, want, known)
			}
		}
		if m.Len() > max {
			t.Fatalf("step %d: %d entries", i, m.Len())
		}
	}
}

func TestNextDeath(t *testing.T) {
	m, now := New[int](3), time.Unix(0, 0)
	if _, ok := m.NextDeath(); ok {
		t.Error("an empty map has a next death")
	}
	m.Set(now, "later", 1, now.Add(time.Hour))
	m.Set(now, "sooner", 2, now.Add(time.Minute))
	m.Set(now, "sooner", 3, now.Add(30*time.Minute)) // a new date counts
	if at, ok := m.NextDeath(); !ok || !at.Equal(now.Add(30*time.Minute)) {
		t.Errorf("NextDeath = %v, %v", at, ok)
	}
}

func BenchmarkSetWhileFull(b *testing.B) {
	m, now := New[int](100_000), time.Unix(0, 0)
	for i := range 100_000 {
		m.Set(now, strconv.Itoa(i), i, now.Add(time.Hour))
	}
	for b.Loop() {
		m.Set(now, "one more", 0, now.Add(time.Hour))
	}
}
