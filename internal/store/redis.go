package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/redis/go-redis/v9"
)

// opTimeout bounds one operation, connecting included. Half a second leaves a
// page time to say that the service is down, within a second altogether.
const opTimeout = 500 * time.Millisecond

// Redis (6.2 or later) is the store that several replicas share.
type Redis struct {
	client *redis.Client
	prefix string
}

// errURL says what is wrong without a word of the address: it holds the password, and the library's reason may quote it.
var errURL = errors.New("store: not a Redis address (redis://[:password@]host:port/database; with sentinels " +
	"redis://sentinel:26379/database?master_name=name&addr=other-sentinel:26379&password=…)")

// RedisClient returns a client set up as this package needs it: for an address such as redis://:secret@host:6379/0, rediss:// over
// TLS, or, with master_name in the query, for the master that the named sentinels tell of. It does not connect yet.
func RedisClient(address string) (*redis.Client, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errURL
	}
	var client *redis.Client
	if u.Query().Has("master_name") {
		client, err = sentinelClient(address)
	} else {
		client, err = serverClient(address)
	}
	if err != nil {
		return nil, errURL
	}
	client.AddHook(&sweeper{client: client})
	return client, nil
}

func serverClient(address string) (*redis.Client, error) {
	o, err := redis.ParseURL(address)
	if err != nil {
		return nil, err
	}
	// Without this the client ignores the deadlines of its callers.
	o.ContextTimeoutEnabled = true
	// A repeated Count would count twice, a repeated Add would report that the
	// caller's own lock is somebody else's.
	o.MaxRetries = -1
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = opTimeout, opTimeout, opTimeout, opTimeout
	o.DialerRetries = 1
	return redis.NewClient(o), nil
}

// sentinelClient has the same bounds as serverClient, for the same reasons.
func sentinelClient(address string) (*redis.Client, error) {
	o, err := redis.ParseFailoverURL(address)
	if err != nil {
		return nil, err
	}
	o.ContextTimeoutEnabled = true
	o.MaxRetries = -1
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = opTimeout, opTimeout, opTimeout, opTimeout
	o.DialerRetries = 1
	return redis.NewFailoverClient(o), nil
}

// LogTo sends what the Redis library says by itself (a connection that cannot be made) to log, as a line like the others. Call it
// once, at the start of a process, before any client is made.
func LogTo(log *slog.Logger) { redis.SetLogger(library{log}) }

type library struct{ log *slog.Logger }

// Printf implements the library's logger. It is given addresses and reasons, no keys and no values.
func (l library) Printf(ctx context.Context, format string, values ...any) {
	l.log.WarnContext(ctx, "redis", "cause", fmt.Sprintf(format, values...))
}

// NewRedis returns a store whose keys start with prefix. The client comes from
// RedisClient.
func NewRedis(client *redis.Client, prefix string) *Redis {
	return &Redis{client: client, prefix: prefix}
}

// Put implements Store.
func (r *Redis) Put(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := checkWrite(key, value, ttl); err != nil {
		return err
	}
	_, err := within(ctx, "put", func(ctx context.Context) (string, error) {
		return r.client.Set(ctx, r.prefix+key, value, ttl).Result()
	})
	return err
}

// Add implements Store.
func (r *Redis) Add(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	if err := checkWrite(key, value, ttl); err != nil {
		return false, err
	}
	return within(ctx, "add", func(ctx context.Context) (bool, error) {
		return r.client.SetNX(ctx, r.prefix+key, value, ttl).Result()
	})
}

// Get implements Store.
func (r *Redis) Get(ctx context.Context, key string) ([]byte, bool, error) {
	return found(within(ctx, "get", func(ctx context.Context) ([]byte, error) {
		return r.client.Get(ctx, r.prefix+key).Bytes()
	}))
}

// Take implements Store.
func (r *Redis) Take(ctx context.Context, key string) ([]byte, bool, error) {
	return found(within(ctx, "take", func(ctx context.Context) ([]byte, error) {
		return r.client.GetDel(ctx, r.prefix+key).Bytes()
	}))
}

// Delete implements Store.
func (r *Redis) Delete(ctx context.Context, key string) error {
	_, err := within(ctx, "delete", func(ctx context.Context) (int64, error) {
		return r.client.Del(ctx, r.prefix+key).Result()
	})
	return err
}

var deleteIf = redis.NewScript(`
if redis.call("GET", KEYS[1]) == ARGV[1] then
  return redis.call("DEL", KEYS[1])
end
return 0`)

// DeleteIf implements Store.
func (r *Redis) DeleteIf(ctx context.Context, key string, value []byte) (bool, error) {
	n, err := within(ctx, "delete if", func(ctx context.Context) (int, error) {
		return deleteIf.Run(ctx, r.client, []string{r.prefix + key}, value).Int()
	})
	return n == 1, err
}

var extend = redis.NewScript(`
if redis.call("GET", KEYS[1]) == ARGV[1] then
  return redis.call("PEXPIRE", KEYS[1], ARGV[2])
end
return 0`)

// Extend implements Store.
func (r *Redis) Extend(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	if err := checkWrite(key, value, ttl); err != nil {
		return false, err
	}
	n, err := within(ctx, "extend", func(ctx context.Context) (int, error) {
		return extend.Run(ctx, r.client, []string{r.prefix + key}, value, ttl.Milliseconds()).Int()
	})
	return n == 1, err
}

var count = redis.NewScript(`
local total = redis.call("INCR", KEYS[1])
if total == 1 then
  redis.call("PEXPIRE", KEYS[1], ARGV[1])
end
return total`)

// Count implements Store.
func (r *Redis) Count(ctx context.Context, key string, ttl time.Duration) (int, error) {
	if err := checkWrite(key, nil, ttl); err != nil {
		return 0, err
	}
	return within(ctx, "count", func(ctx context.Context) (int, error) {
		n, err := count.Run(ctx, r.client, []string{r.prefix + key}, ttl.Milliseconds()).Int()
		if redis.HasErrorPrefix(err, "value is not an integer") {
			err = ErrNotCount
		}
		return n, err
	})
}

// pingLife is how long what Ping writes stays there.
const pingLife = time.Minute

// Ping implements Store. It writes: a Redis that is full, or the copy of another, answers a PING like any other.
func (r *Redis) Ping(ctx context.Context) error {
	return r.Put(ctx, "ping", []byte{1}, pingLife)
}

// within runs one operation under opTimeout. When the visitor went away, that is
// the answer, not an outage; no answer by the caller's own deadline is one.
func within[T any](ctx context.Context, op string, do func(context.Context) (T, error)) (T, error) {
	bounded, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	v, err := do(bounded)
	switch {
	case err == nil, errors.Is(err, redis.Nil), errors.Is(err, ErrNotCount):
		return v, err
	case errors.Is(ctx.Err(), context.Canceled):
		return v, fmt.Errorf("store: %s: %w", op, ctx.Err())
	default:
		return v, fmt.Errorf("%w: %s: %w", ErrUnavailable, op, reason(err))
	}
}

// reason adds what an administrator has to know of a Redis that answers and takes nothing.
func reason(err error) error {
	switch {
	case redis.IsOOMError(err):
		return fmt.Errorf("%w: %w", ErrFull, err)
	case redis.IsReadOnlyError(err), redis.HasErrorPrefix(err, "MISCONF"), redis.HasErrorPrefix(err, "NOREPLICAS"):
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	return err
}

// found turns the client's "no such key" error into an answer.
func found(value []byte, err error) ([]byte, bool, error) {
	if errors.Is(err, redis.Nil) {
		return nil, false, nil
	}
	return value, err == nil, err
}
