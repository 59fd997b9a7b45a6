package sitetest

import (
	"context"
	"sync"
	"time"

	"efpconnect.example/internal/store"
)

// flakyStore is a store that can be away, as Redis can, and come back empty.
type flakyStore struct {
	fresh func() store.Store

	mu   sync.Mutex
	now  store.Store
	away bool
}

func newFlakyStore(fresh func() store.Store) *flakyStore {
	return &flakyStore{fresh: fresh, now: fresh()}
}

// set takes down (no answer), up (it answers again) or lost (it answers, and has forgotten everything).
func (l *flakyStore) set(how string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.away = how == "down"
	if how == "lost" {
		l.now = l.fresh()
	}
}

func (l *flakyStore) use() (store.Store, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return nil, store.ErrUnavailable
	}
	return l.now, nil
}

func (l *flakyStore) Put(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	s, err := l.use()
	if err != nil {
		return err
	}
	return s.Put(ctx, key, value, ttl)
}

func (l *flakyStore) Add(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	s, err := l.use()
	if err != nil {
		return false, err
	}
	return s.Add(ctx, key, value, ttl)
}

func (l *flakyStore) Get(ctx context.Context, key string) ([]byte, bool, error) {
	s, err := l.use()
	if err != nil {
		return nil, false, err
	}
	return s.Get(ctx, key)
}

func (l *flakyStore) Take(ctx context.Context, key string) ([]byte, bool, error) {
	s, err := l.use()
	if err != nil {
		return nil, false, err
	}
	return s.Take(ctx, key)
}

func (l *flakyStore) Delete(ctx context.Context, key string) error {
	s, err := l.use()
	if err != nil {
		return err
	}
	return s.Delete(ctx, key)
}

func (l *flakyStore) DeleteIf(ctx context.Context, key string, value []byte) (bool, error) {
	s, err := l.use()
	if err != nil {
		return false, err
	}
	return s.DeleteIf(ctx, key, value)
}

func (l *flakyStore) Extend(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	s, err := l.use()
	if err != nil {
		return false, err
	}
	return s.Extend(ctx, key, value, ttl)
}

func (l *flakyStore) Count(ctx context.Context, key string, ttl time.Duration) (int, error) {
	s, err := l.use()
	if err != nil {
		return 0, err
	}
	return s.Count(ctx, key, ttl)
}

func (l *flakyStore) Ping(ctx context.Context) error {
	s, err := l.use()
	if err != nil {
		return err
	}
	return s.Ping(ctx)
}
