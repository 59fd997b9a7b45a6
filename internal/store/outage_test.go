package store_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"efpconnect.example/internal/store"
	"efpconnect.example/internal/testkit/kratostest"
)

// ownRedis is a Redis of the test's own: it may be filled, cut off and made a copy of another.
func ownRedis(t *testing.T, directives ...string) (address string) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		kratostest.Missing(t, "redis-server")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	address = free.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	free.Close()
	server := exec.Command("redis-server", "-")
	server.Dir = t.TempDir()
	server.Stdin = strings.NewReader(fmt.Sprintf("bind 127.0.0.1\nport %s\nsave \"\"\nrepl-diskless-sync-delay 0\n%s\n", port, strings.Join(directives, "\n")))
	check(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	return address
}

// clientOf waits until the Redis answers.
func clientOf(t *testing.T, url string) *redis.Client {
	t.Helper()
	client, err := store.RedisClient(url)
	check(t, err)
	t.Cleanup(func() { client.Close() })
	soon(t, "Redis answers", func() bool { return client.Ping(t.Context()).Err() == nil })
	return client
}

// soon waits for what is due within seconds.
func soon(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for !is() {
		select {
		case <-deadline:
			t.Fatalf("not so: %s", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// A Redis that answers and takes nothing is no store: each way it can come to that, and that it is ready again after.
func TestPingTellsARedisThatTakesNothing(t *testing.T) {
	client := clientOf(t, "redis://"+ownRedis(t, "maxmemory-policy noeviction"))
	s := store.NewRedis(client, "efp:")
	do := func(words ...any) {
		t.Helper()
		check(t, client.Do(t.Context(), words...).Err())
	}
	for _, c := range []struct {
		why         string
		spoil, mend []any
		is          error
	}{
		{"full", []any{"config", "set", "maxmemory", "1"}, []any{"config", "set", "maxmemory", "0"}, store.ErrFull},
		{"a copy of another", []any{"replicaof", "127.0.0.1", "1"}, []any{"replicaof", "no", "one"}, store.ErrReadOnly},
		{"without its copies", []any{"config", "set", "min-replicas-to-write", "1"}, []any{"config", "set", "min-replicas-to-write", "0"}, store.ErrReadOnly},
	} {
		check(t, s.Ping(t.Context()))
		do(c.spoil...)
		if err := s.Ping(t.Context()); !errors.Is(err, c.is) || !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: %v", c.why, err)
		}
		do(c.mend...)
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("no longer %s: %v", c.why, err)
		}
	}
}

func TestPingTellsAFullMemory(t *testing.T) {
	now := time.Now()
	s := store.NewMemory(2, func() time.Time { return now })
	check(t, s.Put(t.Context(), "captcha:1", nil, time.Minute))
	check(t, s.Put(t.Context(), "lock:1", nil, time.Hour))
	check(t, s.Ping(t.Context()))
	check(t, s.Put(t.Context(), "captcha:2", nil, time.Minute))
	if err := s.Ping(t.Context()); !errors.Is(err, store.ErrFull) {
		t.Errorf("no room for a security code: %v", err)
	}
	now = now.Add(2 * time.Minute)
	check(t, s.Ping(t.Context()))
}

// TestFirstReadOnlyDropsIdleConnections: a name leads to the new master, and many connections to the old one are idle. One visitor
// is refused, the next ones are not.
func TestFirstReadOnlyDropsIdleConnections(t *testing.T) {
	old, young := ownRedis(t), ownRedis(t)
	var mu sync.Mutex
	leads := old
	name, err := net.Listen("tcp", "127.0.0.1:0") // the name, as it were: it leads to one Redis or the other
	check(t, err)
	t.Cleanup(func() { name.Close() })
	go forward(name, func() string { mu.Lock(); defer mu.Unlock(); return leads })
	clientOf(t, "redis://"+young)
	admin := clientOf(t, "redis://"+old)
	client := clientOf(t, "redis://"+name.Addr().String())
	s := store.NewRedis(client, "efp:")
	const idle = 8
	fill(t, client, idle)
	if got := client.PoolStats().IdleConns; got < idle {
		t.Fatalf("%d idle connections", got)
	}
	mu.Lock()
	leads = young
	mu.Unlock()
	check(t, admin.Do(t.Context(), "replicaof", "127.0.0.1", "1").Err())
	if err := s.Put(t.Context(), "k", nil, time.Minute); !errors.Is(err, store.ErrReadOnly) {
		t.Fatalf("the first one: %v", err)
	}
	for i := range 2 * idle {
		if err := s.Put(t.Context(), fmt.Sprint("k", i), nil, time.Minute); err != nil {
			t.Errorf("number %d after it: %v", i+1, err)
		}
	}
}

// fill opens n connections at once and lets them go.
func fill(t *testing.T, client *redis.Client, n int) {
	t.Helper()
	var held []*redis.Conn
	for range n {
		one := client.Conn()
		check(t, one.Ping(t.Context()).Err())
		held = append(held, one)
	}
	for _, one := range held {
		check(t, one.Close())
	}
}

// forward joins each connection to where to leads then.
func forward(from net.Listener, to func() string) {
	for {
		in, err := from.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", to())
		if err != nil {
			in.Close()
			continue
		}
		go pipe(in, out)
		go pipe(out, in)
	}
}

func pipe(from, to net.Conn) {
	defer to.Close()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// TestSentinel: the store follows the master from one Redis to the other.
func TestSentinel(t *testing.T) {
	first := ownRedis(t)
	clientOf(t, "redis://"+first)
	host, port, _ := net.SplitHostPort(first)
	second := ownRedis(t, "replicaof "+host+" "+port)
	clientOf(t, "redis://"+second)
	sentinel := ownSentinel(t, host, port)
	asked := clientOf(t, "redis://"+sentinel)
	soon(t, "the sentinel knows both", func() bool {
		copies, err := asked.Do(t.Context(), "sentinel", "replicas", "efp").Slice()
		return err == nil && len(copies) == 1
	})
	s := store.NewRedis(clientOf(t, "redis://"+sentinel+"/0?master_name=efp"), "efp:")
	check(t, s.Put(t.Context(), "before", []byte("v"), time.Minute))
	soon(t, "the copy has it", func() bool {
		return clientOf(t, "redis://"+second).Get(t.Context(), "efp:before").Val() == "v"
	})
	soon(t, "the sentinel begins", func() bool { return asked.Do(t.Context(), "sentinel", "failover", "efp").Err() == nil })
	soon(t, "the other one is master", func() bool {
		role, err := clientOf(t, "redis://"+second).Do(t.Context(), "role").Slice()
		return err == nil && role[0] == "master"
	})
	soon(t, "the store writes again", func() bool { return s.Put(context.Background(), "after", nil, time.Minute) == nil })
	if v, found, err := s.Get(t.Context(), "before"); err != nil || !found || string(v) != "v" {
		t.Errorf("what was written before: %q %v %v", v, found, err)
	}
}

// ownSentinel watches one master under the name efp.
func ownSentinel(t *testing.T, host, port string) (address string) {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	address = free.Addr().String()
	_, own, _ := net.SplitHostPort(address)
	free.Close()
	file := t.TempDir() + "/sentinel.conf" // a sentinel writes into it
	write(t, file, fmt.Sprintf("bind 127.0.0.1\nport %s\nsentinel monitor efp %s %s 1\nsentinel down-after-milliseconds efp 2000\n", own, host, port))
	server := exec.Command("redis-server", file, "--sentinel")
	server.Dir = t.TempDir()
	check(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	return address
}
