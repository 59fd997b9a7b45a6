package limit

import (
	"context"
	"sync"
	"time"

	"efpconnect.example/internal/store/expiring"
)

// Memory is the backend of a single process: GCRA, the same algorithm as
// redis_rate. Each rule has room for max keys of its own, so that a flood on
// one rule leaves the others alone. Full, a rule refuses new keys, and spent
// budgets stay spent.
func Memory(max int, now func() time.Time) Spend {
	m := &memory{max: max, now: now, arrivals: make(map[Name]*expiring.Map[time.Time])}
	return m.spend
}

// memory keeps one moment for each key, its theoretical arrival time: when the
// budget will be whole again. From then on the entry says nothing, and dies.
type memory struct {
	max int
	now func() time.Time

	mu       sync.Mutex
	arrivals map[Name]*expiring.Map[time.Time]
}

func (m *memory) spend(_ context.Context, what Move, rule Name, key string, b Budget) (Decision, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	arrivals, ok := m.arrivals[rule]
	if !ok {
		arrivals = expiring.New[time.Time](m.max)
		m.arrivals[rule] = arrivals
	}
	now := m.now()
	interval := b.Period / time.Duration(b.Refill)
	whole, _, found := arrivals.Get(now, key)
	if what == GiveBack {
		m.giveBack(arrivals, key, whole.Add(-interval))
		return Decision{Allowed: true}, nil
	}
	if !found {
		whole = now
	}
	whole = whole.Add(interval)
	spare := now.Sub(whole.Add(-interval * time.Duration(b.Burst)))
	if spare < 0 {
		return Decision{RetryAfter: -spare}, nil
	}
	if !arrivals.Set(now, key, whole, whole) {
		next, _ := arrivals.NextDeath()
		return Decision{RetryAfter: next.Sub(now), Full: true}, nil
	}
	return Decision{Allowed: true}, nil
}

// giveBack makes the budget of key whole earlier. One that is whole by then has
// no entry: an entry's absence says so.
func (m *memory) giveBack(arrivals *expiring.Map[time.Time], key string, whole time.Time) {
	if now := m.now(); whole.After(now) {
		arrivals.Set(now, key, whole, whole)
		return
	}
	arrivals.Delete(key)
}
