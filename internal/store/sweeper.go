package store

import (
	"context"
	"net"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// sweeper drops the idle connections to a Redis that has become the copy of another. The library drops the one that the refusal
// came over, and a name may lead to the new master by then: without this each idle connection would refuse one more visitor.
type sweeper struct {
	client   *redis.Client
	sweeping atomic.Bool
}

// DialHook implements redis.Hook.
func (s *sweeper) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return next(ctx, network, address)
	}
}

// ProcessHook implements redis.Hook.
func (s *sweeper) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		err := next(ctx, command)
		if redis.IsReadOnlyError(err) && s.sweeping.CompareAndSwap(false, true) {
			defer s.sweeping.Store(false)
			s.sweep(ctx)
		}
		return err
	}
}

// ProcessPipelineHook implements redis.Hook.
func (s *sweeper) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error { return next(ctx, commands) }
}

// sweep writes over each connection that was idle: the library closes those that refuse, and keeps the others.
func (s *sweeper) sweep(ctx context.Context) {
	var held []*redis.Conn
	for range s.client.PoolStats().IdleConns {
		one := s.client.Conn()
		held = append(held, one) // so that the next one is another
		_ = one.Set(ctx, "efp:sweep", 1, pingLife).Err()
	}
	for _, one := range held {
		_ = one.Close()
	}
}
