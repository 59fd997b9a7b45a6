// Package redistest gives tests a real Redis. Tests of the store, of the rate
// limits and of whatever runs on two replicas may use it.
package redistest

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"efpconnect.example/internal/store"
	"efpconnect.example/internal/testkit/kratostest"
)

// Redis returns a client of the Redis that EFP_TEST_REDIS names (host:port,
// 127.0.0.1:6379 by default) and a prefix of its own for the test's keys, which
// are removed at its end. Without Redis the test is skipped, or fails when
// EFP_STRICT is 1.
func Redis(t testing.TB) (client *redis.Client, prefix string) {
	t.Helper()
	addr := os.Getenv("EFP_TEST_REDIS")
	if addr == "" {
		addr = "127.0.0.1:6379"
	}
	client, err := store.RedisClient("redis://" + addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	if err := client.Ping(t.Context()).Err(); err != nil {
		kratostest.Missing(t, fmt.Sprintf("Redis at %s (EFP_TEST_REDIS names another): %v", addr, err))
	}
	prefix = "efp-test-" + rand.Text() + ":"
	t.Cleanup(func() {
		for _, key := range Keys(t, client, prefix) {
			client.Del(context.Background(), key)
		}
	})
	return client, prefix
}

// Keys lists the keys that contain prefix.
func Keys(t testing.TB, client *redis.Client, prefix string) []string {
	t.Helper()
	var keys []string
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	it := client.Scan(ctx, 0, "*"+prefix+"*", 1000).Iterator()
	for it.Next(ctx) {
		keys = append(keys, it.Val())
	}
	if err := it.Err(); err != nil {
		t.Error(err)
	}
	return keys
}

// Advance makes every key with the prefix older by d, as if time had passed.
func Advance(t testing.TB, client *redis.Client, prefix string, d time.Duration) {
	t.Helper()
	for _, key := range Keys(t, client, prefix) {
		left, err := client.PTTL(t.Context(), key).Result()
		if err != nil {
			t.Fatal(err)
		}
		if left < 0 {
			t.Errorf("a key without a ttl")
			continue
		}
		// A time to live of zero or less deletes the key.
		if err := client.PExpire(t.Context(), key, left-d).Err(); err != nil {
			t.Fatal(err)
		}
	}
}
