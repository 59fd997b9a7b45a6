package store

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"efpconnect.example/internal/store/expiring"
)

// Memory is the store of a single process. One lock is enough: an operation
// takes less than a microsecond, a reset needs a dozen of them and a password
// hash.
//
// Each kind of key (see kind) has room of its own. A page view makes a captcha
// and costs its sender nothing: a flood of them must not take the room of the
// locks that a reset under way needs.
type Memory struct {
	max int
	now func() time.Time

	mu    sync.Mutex
	kinds map[string]*expiring.Map[[]byte]
}

// NewMemory returns a store of at most max keys of each kind. Full, it answers
// ErrFull to new keys of that kind and keeps every live one.
func NewMemory(max int, now func() time.Time) *Memory {
	return &Memory{max: max, now: now, kinds: make(map[string]*expiring.Map[[]byte])}
}

// kind is what a key stands for: its text before the first separator, "lock" of
// "lock:code:…". Callers write it, never visitors, so there are a dozen.
func kind(key string) string {
	if i := strings.IndexAny(key, ":/"); i >= 0 {
		return key[:i]
	}
	return ""
}

// of returns the entries of key's kind.
func (m *Memory) of(key string) *expiring.Map[[]byte] {
	entries, ok := m.kinds[kind(key)]
	if !ok {
		entries = expiring.New[[]byte](m.max)
		m.kinds[kind(key)] = entries
	}
	return entries
}

// Put implements Store.
func (m *Memory) Put(_ context.Context, key string, value []byte, ttl time.Duration) error {
	if err := checkWrite(key, value, ttl); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.set(key, value, m.now().Add(ttl))
}

// Add implements Store.
func (m *Memory) Add(_ context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	if err := checkWrite(key, value, ttl); err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, found := m.get(key); found {
		return false, nil
	}
	if err := m.set(key, value, m.now().Add(ttl)); err != nil {
		return false, err
	}
	return true, nil
}

// Get implements Store.
func (m *Memory) Get(_ context.Context, key string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, found := m.get(key)
	return value, found, nil
}

// Take implements Store.
func (m *Memory) Take(_ context.Context, key string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, found := m.get(key)
	m.of(key).Delete(key)
	return value, found, nil
}

// Delete implements Store.
func (m *Memory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of(key).Delete(key)
	return nil
}

// DeleteIf implements Store.
func (m *Memory) DeleteIf(_ context.Context, key string, value []byte) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	held, found := m.get(key)
	if !found || !bytes.Equal(held, value) {
		return false, nil
	}
	m.of(key).Delete(key)
	return true, nil
}

// Extend implements Store.
func (m *Memory) Extend(_ context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	if err := checkWrite(key, value, ttl); err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if held, found := m.get(key); !found || !bytes.Equal(held, value) {
		return false, nil
	}
	return true, m.set(key, value, m.now().Add(ttl))
}

// Count implements Store. The total is kept as decimal text, as Redis does.
func (m *Memory) Count(_ context.Context, key string, ttl time.Duration) (int, error) {
	if err := checkWrite(key, nil, ttl); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	total, expires := 0, m.now().Add(ttl)
	if text, until, found := m.of(key).Get(m.now(), key); found {
		n, err := strconv.Atoi(string(text))
		if err != nil {
			return 0, ErrNotCount
		}
		total, expires = n, until
	}
	total++
	return total, m.set(key, strconv.AppendInt(nil, int64(total), 10), expires)
}

// Ping implements Store. One kind that is full is a form that answers with an error page.
func (m *Memory) Ping(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, entries := range m.kinds {
		if entries.Full(m.now()) {
			return ErrFull
		}
	}
	return nil
}

// get returns a copy: callers may change what they were given.
func (m *Memory) get(key string) ([]byte, bool) {
	value, _, found := m.of(key).Get(m.now(), key)
	return bytes.Clone(value), found
}

func (m *Memory) set(key string, value []byte, expires time.Time) error {
	if !m.of(key).Set(m.now(), key, bytes.Clone(value), expires) {
		return ErrFull
	}
	return nil
}
