package instant

import (
	"context"
	"log/slog"
	"time"
)

// Canary sends logins by the clock and tells a Shared how long they take.
type Canary struct {
	Shared *Shared
	// Every is the pause between the beginnings of two canaries.
	Every time.Duration
	// Accounts are identifiers of accounts kept for this, each with a password that nobody knows: one for each kind of hash
	// that Kratos may meet. They take turns.
	Accounts []string
	// Login tries one of them with a wrong password. Its error says that Kratos did not judge it.
	Login func(ctx context.Context, identifier string) error
	Log   *slog.Logger
}

// Run sends canaries until ctx ends. It sends none without an account: the instant then stays at the first step.
func (c *Canary) Run(ctx context.Context) {
	if len(c.Accounts) == 0 {
		return
	}
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	for n := 0; ; n++ {
		c.send(ctx, c.Accounts[n%len(c.Accounts)])
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// send waits for one canary, and raises the instant while it waits.
func (c *Canary) send(ctx context.Context, account string) {
	began, done := time.Now(), make(chan error, 1)
	go func() { done <- c.Login(ctx, account) }()
	for _, at := range c.Shared.thresholds() {
		late := time.NewTimer(time.Until(began.Add(at)))
		select {
		case err := <-done:
			late.Stop()
			c.note(ctx, time.Since(began), err)
			return
		case <-late.C:
			c.Shared.Under(at + 1)
		}
	}
	c.note(ctx, c.Shared.Last()+1, <-done)
}

// note tells of a canary that has come back. A Kratos that refuses connections answers fast and says nothing about how long
// a hash takes.
func (c *Canary) note(ctx context.Context, took time.Duration, err error) {
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		c.Log.WarnContext(ctx, "canary login failed", "ms", took.Milliseconds(), "cause", err.Error())
		c.Shared.Under(took)
		return
	}
	c.Shared.Took(took)
}
