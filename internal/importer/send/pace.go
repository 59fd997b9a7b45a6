package send

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"efpconnect.example/internal/kratos"
)

const (
	firstWait = 500 * time.Millisecond
	longWait  = 30 * time.Second
)

// ErrGaveUp is returned when Kratos stayed unavailable for longer than the operator allows. The journal keeps the place.
var ErrGaveUp = errors.New("Kratos reste indisponible : l’import s’arrête ici, relancez la même commande pour reprendre")

// Pace slows everybody down together when Kratos is in trouble: workers wait, longer each time, and fewer of them work at once.
// It recovers by itself. Its methods may be called concurrently.
type Pace struct {
	// GiveUp is how long Kratos may stay unavailable.
	GiveUp time.Duration
	// OnWait, when set, hears of each wait.
	OnWait func(wait time.Duration, cause error)

	mu       sync.Mutex
	changed  *sync.Cond
	most     int // workers at once when all is well
	limit    int // workers at once now
	active   int
	failures int
	writing  bool      // one of the failures in a row is a write's: only a write that goes well ends them
	since    time.Time // of the first failure in a row
	until    time.Time // nobody calls before
}

// NewPace returns a Pace for so many workers.
func NewPace(workers int, giveUp time.Duration, onWait func(time.Duration, error)) *Pace {
	p := &Pace{GiveUp: giveUp, OnWait: onWait, most: workers, limit: workers}
	p.changed = sync.NewCond(&p.mu)
	return p
}

// Read calls f until it does not find Kratos unavailable. Other errors of f are returned at once.
func (p *Pace) Read(ctx context.Context, f func(context.Context) error) error {
	return p.repeat(ctx, false, f)
}

// Write is Read for an f that changes something in Kratos. A Kratos that can be read and not written is unavailable too.
func (p *Pace) Write(ctx context.Context, f func(context.Context) error) error {
	return p.repeat(ctx, true, f)
}

func (p *Pace) repeat(ctx context.Context, write bool, f func(context.Context) error) error {
	for {
		err := p.once(ctx, write, f)
		if !errors.Is(err, kratos.ErrUnavailable) {
			return err
		}
		if err := p.wait(ctx, err); err != nil {
			return err
		}
	}
}

// once calls f when it may, and notes how it went. f's context does not end when ctx does: a call under way is let
// finish, so that its answer is not lost.
func (p *Pace) once(ctx context.Context, write bool, f func(context.Context) error) error {
	if err := p.enter(ctx); err != nil {
		return err
	}
	err := f(context.WithoutCancel(ctx))
	p.leave(write, err)
	return err
}

// enter blocks until one more may call.
func (p *Pace) enter(ctx context.Context) error {
	for {
		if err := p.pause(ctx); err != nil {
			return err
		}
		if p.take(ctx) {
			return nil
		}
	}
}

// take waits for a place among the workers. It takes none when Kratos got into trouble meanwhile, or ctx ended.
func (p *Pace) take(ctx context.Context) bool {
	stop := context.AfterFunc(ctx, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.changed.Broadcast()
	})
	defer stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.active >= p.limit && ctx.Err() == nil {
		p.changed.Wait()
	}
	if ctx.Err() != nil || time.Now().Before(p.until) {
		return false
	}
	p.active++
	return true
}

func (p *Pace) leave(write bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active--
	switch {
	case errors.Is(err, kratos.ErrUnavailable):
		p.trouble(err)
		p.writing = p.writing || write
	case write || !p.writing:
		p.failures, p.writing = 0, false
		p.limit = min(p.limit+1, p.most)
	}
	p.changed.Broadcast()
}

// trouble sets the next wait. Workers that fail during a wait, having called before it, do not make it longer.
func (p *Pace) trouble(err error) {
	now := time.Now()
	if now.Before(p.until) {
		return
	}
	if p.failures == 0 {
		p.since = now
	}
	p.failures++
	p.limit = max(1, p.limit/2)
	wait := min(firstWait<<min(p.failures-1, 10), longWait)
	// Half fixed, half random: replicas of this program do not come back in step.
	wait = wait/2 + rand.N(wait/2)
	p.until = now.Add(max(wait, kratos.RetryAfter(err)))
}

// wait reports a failed call, blocks until calls are allowed again, and gives up when Kratos has been down for too long.
func (p *Pace) wait(ctx context.Context, cause error) error {
	p.mu.Lock()
	left, down, failing := time.Until(p.until), time.Since(p.since), p.failures > 0
	p.mu.Unlock()
	if failing && down > p.GiveUp {
		return fmt.Errorf("%w (%w)", ErrGaveUp, cause)
	}
	if left > 0 && p.OnWait != nil {
		p.OnWait(left, cause)
	}
	return p.pause(ctx)
}

// pause blocks while nobody may call.
func (p *Pace) pause(ctx context.Context) error {
	p.mu.Lock()
	left := time.Until(p.until)
	p.mu.Unlock()
	if left <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
