// Package kratostest gives a test its own real Kratos: v1.3.1, or the one that EFP_TEST_KRATOS names; on SQLite, or on the
// PostgreSQL server that EFP_TEST_POSTGRES names. It speaks plain HTTP, so that it is no judge of our own client. Tests only.
package kratostest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"efpconnect.example/internal/kratosprocess"
)

// Kratos is a running Kratos with an empty database, stopped when its test ends.
type Kratos struct {
	*kratosprocess.Process
	client *http.Client
}

// Start runs a Kratos on free ports with a hash that costs nothing and a courier that does not wait. adjust changes the options
// first. The log is shown when the test fails. A start takes half a second; -short skips the test.
func Start(t testing.TB, adjust ...func(*kratosprocess.Options)) *Kratos {
	t.Helper()
	log := &logBuffer{}
	options := kratosprocess.Options{Binary: Binary(t), Dir: t.TempDir(), Log: log, Overrides: map[string]any{
		"hashers.argon2.memory":            "8MB",
		"hashers.argon2.iterations":        1,
		"hashers.argon2.parallelism":       1,
		"hashers.argon2.expected_duration": "4ms",
		"courier.worker.pull_wait":         "50ms",
	}}
	options.DSN = postgres(t, options.Binary)
	options.Migrated = options.DSN
	for _, change := range adjust {
		if change != nil {
			change(&options)
		}
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of Kratos's log:\n%s", log)
		}
	})
	process, err := kratosprocess.Start(context.Background(), options)
	if err != nil {
		t.Fatalf("starting a real Kratos: %v", err)
	}
	t.Cleanup(func() {
		if err := process.Stop(); err != nil {
			t.Errorf("stopping Kratos: %v", err)
		}
	})
	// No cookie jar: an API flow refuses any cookie. No redirect: the test is to see them.
	client := &http.Client{
		Transport:     &http.Transport{},
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(client.CloseIdleConnections) // before Stop, which would wait for them
	return &Kratos{Process: process, client: client}
}

// Binary is the Kratos that tests run, built when it is not there yet. With -short it skips the test.
func Binary(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no real Kratos")
	}
	binary, err := kratosprocess.Binary()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// Missing is the one way to skip for want of something outside the repository. Under EFP_STRICT=1 it fails: in CI nothing may
// be missing unnoticed.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("EFP_STRICT") == "1" {
		t.Fatalf("missing: %s (EFP_STRICT=1 allows no skip)", what)
	}
	t.Skipf("missing: %s", what)
}

// Call sends JSON (nil: no body) to a whole URL, with header pairs, and returns the status and the body. A test that wants the
// answer typed passes into; it is left alone when the body is not JSON.
func (k *Kratos) Call(t testing.TB, method, url string, body, into any, headers ...string) (status int, answer []byte) {
	t.Helper()
	var reader io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		reader = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, url, reader)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := k.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil && json.Valid(answer) {
		if err := json.Unmarshal(answer, into); err != nil {
			t.Fatalf("%s %s: %v in %s", method, url, err, answer)
		}
	}
	return response.StatusCode, answer
}

// SetCookies returns the Set-Cookie lines of a GET on the public port, as a browser would be sent them.
func (k *Kratos) SetCookies(t testing.TB, path string) []string {
	t.Helper()
	response, err := k.client.Get(k.PublicURL + path)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.Header.Values("Set-Cookie")
}

// logBuffer keeps the last part of a log that several goroutines write and read.
type logBuffer struct {
	mu   sync.Mutex
	data []byte
}

const logKept = 16 << 10

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data = append(b.data, p...)
	if len(b.data) > 2*logKept {
		b.data = append([]byte(nil), b.data[len(b.data)-logKept:]...)
	}
	return len(p), nil
}

// String is what is no routine in the kept part, and its last lines whatever they are, each cut short: a log of tests keeps
// few characters, and what the test itself says comes before.
func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	const last, width = 5, 400
	lines := strings.Split(strings.TrimSpace(string(b.data)), "\n")
	var kept []string
	for i, line := range lines {
		if i >= len(lines)-last || !strings.Contains(line, `"level":"info"`) {
			kept = append(kept, line[:min(len(line), width)])
		}
	}
	return strings.Join(kept[max(0, len(kept)-4*last):], "\n")
}
