package limit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
)

// redisTimeout bounds one call. It is below the store's, so that a page that
// asks a limit and then the store still answers within a second.
const redisTimeout = 250 * time.Millisecond

// Redis is the backend that several replicas share. The client comes from
// store.RedisClient; keys start with "rate:" and the prefix.
func Redis(client *redis.Client, prefix string) Spend {
	limiter := redis_rate.NewLimiter(client)
	return func(ctx context.Context, rule Name, key string, b Budget) (Decision, error) {
		bounded, cancel := context.WithTimeout(ctx, redisTimeout)
		defer cancel()
		res, err := limiter.Allow(bounded, prefix+string(rule)+":"+key, redis_rate.Limit{
			Rate: b.Refill, Burst: b.Burst, Period: b.Period,
		})
		if err != nil {
			if errors.Is(ctx.Err(), context.Canceled) {
				return Decision{}, fmt.Errorf("limit: %w", ctx.Err()) // the visitor left: no outage
			}
			return Decision{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		return Decision{
			Allowed:    res.Allowed > 0,
			RetryAfter: max(0, res.RetryAfter),
		}, nil
	}
}

// fallBackFor is how long the shared backend is left alone after a failure, so
// that each page does not wait for it again.
const fallBackFor = 2 * time.Second

// FallBack asks the local backend while the shared one fails. Each replica then
// counts alone: limits are as many times wider as there are replicas. That is a
// setting; locks, permits and captcha answers never fall back.
func FallBack(shared, local Spend, now func() time.Time, log *slog.Logger) Spend {
	var until atomic.Int64 // Unix nanoseconds
	return func(ctx context.Context, rule Name, key string, b Budget) (Decision, error) {
		if now().UnixNano() >= until.Load() {
			d, err := shared(ctx, rule, key, b)
			if err == nil || errors.Is(err, context.Canceled) {
				return d, err
			}
			until.Store(now().Add(fallBackFor).UnixNano())
			log.WarnContext(ctx, "rate limits counted by this process alone", "for", fallBackFor, "error", err)
		}
		return local(ctx, rule, key, b)
	}
}
