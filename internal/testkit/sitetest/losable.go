package sitetest

import (
	"context"
	"sync"
	"time"

	"efpconnect.example/internal/store"
)

// losable is a store that can be away, as Redis can, and come back empty.
type losable struct {
	fresh func() store.Store

	mu   sync.Mutex
	now  store.Store
	away bool
}

func newLosable(fresh func() store.Store) *losable { return &losable{fresh: fresh, now: fresh()} }

// turn takes down (no answer), up (it answers again) or lost (it answers, and has forgotten everything).
func (l *losable) turn(how string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.away = how == "down"
	if how == "lost" {
		l.now = l.fresh()
	}
}

func (l *losable) use() (store.Store, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return nil, store.ErrUnavailable
	}
	return l.now, nil
}

func (l *losable) Put(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	s, err := l.use()
	if err != nil {
		return err
	}
	return s.Put(ctx, key, value, ttl)
}

func (l *losable) Add(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	s, err := l.use()
	if err != nil {
		return false, err
	}
	return s.Add(ctx, key, value, ttl)
}

func (l *losable) Get(ctx context.Context, key string) ([]byte, bool, error) {
	s, err := l.use()
	if err != nil {
		return nil, false, err
	}
	return s.Get(ctx, key)
}

func (l *losable) Take(ctx context.Context, key string) ([]byte, bool, error) {
	s, err := l.use()
	if err != nil {
		return nil, false, err
	}
	return s.Take(ctx, key)
}

func (l *losable) Delete(ctx context.Context, key string) error {
	s, err := l.use()
	if err != nil {
		return err
	}
	return s.Delete(ctx, key)
}

func (l *losable) DeleteIf(ctx context.Context, key string, value []byte) (bool, error) {
	s, err := l.use()
	if err != nil {
		return false, err
	}
	return s.DeleteIf(ctx, key, value)
}

func (l *losable) Extend(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	s, err := l.use()
	if err != nil {
		return false, err
	}
	return s.Extend(ctx, key, value, ttl)
}

func (l *losable) Count(ctx context.Context, key string, ttl time.Duration) (int, error) {
	s, err := l.use()
	if err != nil {
		return 0, err
	}
	return s.Count(ctx, key, ttl)
}

func (l *losable) Ping(ctx context.Context) error {
	s, err := l.use()
	if err != nil {
		return err
	}
	return s.Ping(ctx)
}
