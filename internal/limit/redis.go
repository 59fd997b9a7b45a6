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
// store.RedisClient; keys start with rateKeys and the prefix.
func Redis(client *redis.Client, prefix string) Spend {
	limiter := redis_rate.NewLimiter(client)
	return func(ctx context.Context, what Move, rule Name, key string, b Budget) (Decision, error) {
		bounded, cancel := context.WithTimeout(ctx, redisTimeout)
		defer cancel()
		name := prefix + string(rule) + ":" + key
		if what == GiveBack {
			interval := b.Period.Seconds() / float64(b.Refill)
			err := giveBack.Run(bounded, client, []string{rateKeys + name}, interval).Err()
			return Decision{Allowed: err == nil}, unavailable(ctx, err)
		}
		res, err := limiter.Allow(bounded, name, redis_rate.Limit{Rate: b.Refill, Burst: b.Burst, Period: b.Period})
		if err != nil {
			return Decision{}, unavailable(ctx, err)
		}
		return Decision{
			Allowed:    res.Allowed > 0,
			RetryAfter: max(0, res.RetryAfter),
		}, nil
	}
}

// unavailable is the error of a call that Redis did not answer.
func unavailable(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("limit: %w", ctx.Err()) // the visitor left: no outage
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// rateKeys is what redis_rate puts before each of its keys.
const rateKeys = "rate:"

// giveBack moves the moment at which a budget is whole again one call earlier:
// the number that redis_rate keeps, in seconds since 2017 by Redis's clock. The
// library itself can only take: a cost below zero leaves a lone call spent.
var giveBack = redis.NewScript(`
local whole = redis.call("GET", KEYS[1])
if not whole then
  return 0
end
local now = redis.call("TIME")
now = (now[1] - 1483228800) + (now[2] / 1000000)
whole = tonumber(whole) - tonumber(ARGV[1])
if whole <= now then
  return redis.call("DEL", KEYS[1])
end
redis.call("SET", KEYS[1], string.format("%.6f", whole), "EX", math.ceil(whole - now))
return 1
`)

// fallBackFor is how long the shared backend is left alone after a failure, so
// that each page does not wait for it again.
const fallBackFor = 2 * time.Second

// FallBack asks the local backend while the shared one fails. Each replica then
// counts alone: limits are as many times wider as there are replicas. That is a
// setting; locks, permits and captcha answers never fall back.
func FallBack(shared, local Spend, now func() time.Time, log *slog.Logger) Spend {
	var until atomic.Int64 // Unix nanoseconds
	return func(ctx context.Context, what Move, rule Name, key string, b Budget) (Decision, error) {
		if now().UnixNano() >= until.Load() {
			d, err := shared(ctx, what, rule, key, b)
			if err == nil || errors.Is(err, context.Canceled) {
				return d, err
			}
			until.Store(now().Add(fallBackFor).UnixNano())
			log.WarnContext(ctx, "rate limits counted by this process alone", "for", fallBackFor, "cause", err.Error())
		}
		return local(ctx, what, rule, key, b)
	}
}
