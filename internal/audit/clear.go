package audit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Clear is the security log: what a client did, with its network address in clear, for whoever has to block an attack. It is a folder of
// one file an hour, readable by its owner alone; each is removed when it is older than Keep. Off unless an administrator names a
// folder. It is an io.Writer, so that a slog handler writes to it.
type Clear struct {
	Dir  string
	Keep time.Duration
	Now  func() time.Time

	mu   sync.Mutex
	hour string
	file *os.File
}

const (
	clearName = "security-2006-01-02T15"
	clearEnd  = ".jsonl"
)

// Write adds one line to the hour's file.
func (c *Clear) Write(line []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if hour := c.Now().UTC().Format(clearName); hour != c.hour {
		if c.file != nil {
			_ = c.file.Close()
		}
		file, err := os.OpenFile(filepath.Join(c.Dir, hour+clearEnd), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			c.file, c.hour = nil, ""
			return 0, fmt.Errorf("audit: security log: %w", err)
		}
		c.file, c.hour = file, hour
	}
	return c.file.Write(line)
}

// Sweep removes the files whose last line is older than Keep. Files that are not its own stay.
func (c *Clear) Sweep() error {
	names, err := filepath.Glob(filepath.Join(c.Dir, "security-*"+clearEnd))
	if err != nil {
		return fmt.Errorf("audit: security log: %w", err)
	}
	for _, name := range names {
		began, err := time.Parse(clearName, strings.TrimSuffix(filepath.Base(name), clearEnd))
		if err != nil || c.Now().Before(began.Add(time.Hour).Add(c.Keep)) {
			continue
		}
		if err := os.Remove(name); err != nil {
			return fmt.Errorf("audit: security log: %w", err)
		}
	}
	return nil
}

// Run sweeps until ctx ends, also while nothing is written.
func (c *Clear) Run(ctx context.Context, failed func(error)) {
	again := time.NewTicker(10 * time.Minute)
	defer again.Stop()
	for {
		if err := c.Sweep(); err != nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}
