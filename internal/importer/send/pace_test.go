package send

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"efpconnect.example/internal/kratos"
)

var errDown = fmt.Errorf("no answer: %w", kratos.ErrUnavailable)

// Time in these tests is synctest's: it passes when everybody waits.
func TestPaceWaitsLongerAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var waits []time.Duration
		p := NewPace(4, time.Hour, func(wait time.Duration, _ error) { waits = append(waits, wait) })
		failures := 8
		calls := 0
		err := p.Read(t.Context(), func(context.Context) error {
			if calls++; calls <= failures {
				return errDown
			}
			return nil
		})
		if err != nil || calls != failures+1 {
			t.Fatalf("%v after %d calls", err, calls)
		}
		for i, wait := range waits {
			most := min(firstWait<<i, longWait)
			if wait < most/2 || wait > most {
				t.Errorf("wait %d was %v, want %v to %v", i, wait, most/2, most)
			}
		}
		if len(waits) != failures {
			t.Errorf("%d waits, want %d", len(waits), failures)
		}
		began := time.Now()
		if err := p.Read(t.Context(), func(context.Context) error { return nil }); err != nil || time.Since(began) != 0 {
			t.Errorf("once Kratos is back nobody waits: %v, %v", time.Since(began), err)
		}
	})
}

func TestPaceGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPace(1, 5*time.Minute, nil)
		began := time.Now()
		err := p.Read(t.Context(), func(context.Context) error { return errDown })
		if !errors.Is(err, ErrGaveUp) || !errors.Is(err, kratos.ErrUnavailable) {
			t.Errorf("got %v, want ErrGaveUp and its cause", err)
		}
		if lasted := time.Since(began); lasted < 5*time.Minute || lasted > 6*time.Minute {
			t.Errorf("gave up after %v, want 5 minutes and a wait at most", lasted)
		}
	})
}

// An operator's Ctrl-C ends a wait at once, and lets a call under way finish.
func TestPaceEndsWithTheOperator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPace(1, time.Hour, nil)
		ctx, cancel := context.WithCancel(t.Context())
		finished := false
		err := p.Read(ctx, func(call context.Context) error {
			cancel()
			finished = call.Err() == nil
			return errDown
		})
		if !errors.Is(err, context.Canceled) || !finished {
			t.Errorf("got %v; the call was let finish: %v", err, finished)
		}
	})
}

// In trouble fewer work at once: after one failure half of them.
func TestPaceSlowsEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPace(8, time.Hour, nil)
		if err := p.once(t.Context(), true, func(context.Context) error { return errDown }); !errors.Is(err, kratos.ErrUnavailable) {
			t.Fatal(err)
		}
		var active, most atomic.Int64
		var wait sync.WaitGroup
		began := time.Now()
		for range 8 {
			wait.Go(func() {
				err := p.once(t.Context(), true, func(context.Context) error {
					n := active.Add(1)
					for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
					}
					time.Sleep(time.Second)
					active.Add(-1)
					return errDown
				})
				if !errors.Is(err, kratos.ErrUnavailable) {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if most.Load() > 4 {
			t.Errorf("%d at once after a failure, want 4 at most", most.Load())
		}
		if time.Since(began) < firstWait/2 {
			t.Error("nobody waited")
		}
	})
}

// Who waits for a place waits for the end of the trouble too: nobody calls before, and an operator's Ctrl-C ends that wait as well.
func TestPaceHoldsThoseInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPace(1, time.Hour, nil)
		ctx, cancel := context.WithCancel(t.Context())
		var inLine sync.WaitGroup
		gone, later := errors.New("called"), time.Time{}
		err := p.once(t.Context(), true, func(context.Context) error {
			inLine.Go(func() { _ = p.once(t.Context(), true, func(context.Context) error { later = time.Now(); return nil }) })
			inLine.Go(func() { gone = p.once(ctx, true, func(context.Context) error { return nil }) })
			synctest.Wait()
			cancel()
			synctest.Wait()
			if !errors.Is(gone, context.Canceled) {
				t.Errorf("in line, and the operator has gone: %v", gone)
			}
			return errDown
		})
		if !errors.Is(err, kratos.ErrUnavailable) {
			t.Fatal(err)
		}
		until := p.until
		inLine.Wait()
		if later.Before(until) {
			t.Errorf("called %v before the end of the wait", until.Sub(later))
		}
	})
}

// A server that says how long to wait is obeyed.
func TestRetryAfter(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "90")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer server.Close()
	admin, err := kratos.NewAdmin(server.URL, kratos.AdminOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p := NewPace(1, time.Hour, nil)
	err = p.once(t.Context(), true, admin.Ready)
	if kratos.RetryAfter(err) != 90*time.Second {
		t.Fatalf("RetryAfter of %v is %v", err, kratos.RetryAfter(err))
	}
	if left := time.Until(p.until); left < 89*time.Second {
		t.Errorf("the next call is in %v, want 90 s", left)
	}
}
