package limit_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/store"
	"efpconnect.example/internal/testkit/redistest"
)

var small = limit.BreakerRule{Window: time.Hour, Floor: 5, PerMail: 0.5, Hold: 30 * time.Minute, PerDay: 40}

func breaker(c *clock) *limit.Breaker {
	return &limit.Breaker{Store: store.NewMemory(100, c.now), Now: c.now, BreakerRule: small}
}

// wrong submits n wrong codes and returns the levels that were raised.
func wrong(t *testing.T, b *limit.Breaker, n int) (raised []limit.Level) {
	t.Helper()
	for range n {
		l, err := b.Wrong(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if l != limit.Calm {
			raised = append(raised, l)
		}
	}
	return raised
}

func wantLevel(t *testing.T, b *limit.Breaker, want limit.Level) {
	t.Helper()
	if got, err := b.Level(t.Context()); err != nil || got != want {
		t.Fatalf("level %v, %v; want %v", got, err, want)
	}
}

func mails(t *testing.T, b *limit.Breaker, n int) {
	t.Helper()
	for range n {
		if err := b.MailSent(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBreakerComparesWrongCodesWithMails(t *testing.T) {
	c := &clock{}
	b := breaker(c)
	mails(t, b, 20)
	if r := wrong(t, b, 10); r != nil { // people mistype: half a code a mail is borne
		t.Fatalf("raised %v", r)
	}
	wantLevel(t, b, limit.Calm)
	if r := wrong(t, b, 5); len(r) != 1 || r[0] != limit.Captcha { // one alert, not five
		t.Fatalf("raised %v, want captcha once", r)
	}
	wantLevel(t, b, limit.Captcha)
	c.advance(30 * time.Minute)
	wantLevel(t, b, limit.Calm)
}

func TestBreakerBearsAFewWithoutMails(t *testing.T) {
	b := breaker(&clock{})
	if r := wrong(t, b, 5); r != nil {
		t.Fatalf("raised %v at the floor", r)
	}
	if r := wrong(t, b, 1); len(r) != 1 {
		t.Fatalf("raised %v above the floor without one mail", r)
	}
}

// A mail asked for before the hour is typed after it.
func TestBreakerCountsTheMailsOfTheHourBefore(t *testing.T) {
	c := &clock{}
	b := breaker(c)
	mails(t, b, 30)
	c.advance(time.Hour)
	if r := wrong(t, b, 15); r != nil {
		t.Fatalf("raised %v", r)
	}
	c.advance(time.Hour) // two hours later those mails excuse nothing
	if r := wrong(t, b, 6); len(r) != 1 {
		t.Fatalf("raised %v", r)
	}
}

// The cap holds however many mails an attacker has sent to look harmless, and however many codes are under way at once.
func TestBreakerCapsTheDay(t *testing.T) {
	c := &clock{}
	b := breaker(c)
	mails(t, b, 1000)
	var through, alerts atomic.Int64
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			try, err := b.Try(t.Context())
			if err != nil {
				t.Error(err)
			}
			if !try.Refused {
				through.Add(1)
			}
			if try.Alert {
				alerts.Add(1)
			}
		})
	}
	wg.Wait()
	if through.Load() != 40 || alerts.Load() != 1 {
		t.Fatalf("%d tries let through, %d alerts; want 40 and 1", through.Load(), alerts.Load())
	}
	wantLevel(t, b, limit.MailOnly)
	c.advance(24 * time.Hour)
	wantLevel(t, b, limit.Calm)
}

// People who type the right code use nothing up.
func TestBreakerSparesRightCodes(t *testing.T) {
	b := breaker(&clock{})
	for range 3 * small.PerDay {
		try, err := b.Try(t.Context())
		if err != nil || try.Refused {
			t.Fatalf("%+v, %v", try, err)
		}
		if err := b.Spare(t.Context(), try); err != nil {
			t.Fatal(err)
		}
	}
	wantLevel(t, b, limit.Calm)
}

// Several replicas on one Redis: the alert fires once.
func TestBreakerAlertsOnce(t *testing.T) {
	client, prefix := redistest.Redis(t)
	b := &limit.Breaker{Store: store.NewRedis(client, prefix), Now: time.Now, BreakerRule: small}
	var alerts atomic.Int64
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			l, err := b.Wrong(t.Context())
			if err != nil {
				t.Error(err)
			}
			if l == limit.Captcha {
				alerts.Add(1)
			}
		})
	}
	wg.Wait()
	if alerts.Load() != 1 {
		t.Errorf("%d alerts, want 1", alerts.Load())
	}
}

// Without the store nothing says how many guesses were made: be strict.
func TestBreakerWithoutStore(t *testing.T) {
	client, err := store.RedisClient("redis://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	b := &limit.Breaker{Store: store.NewRedis(client, "efp:"), Now: time.Now, BreakerRule: small}
	if l, err := b.Level(t.Context()); l != limit.MailOnly || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Level = %v, %v", l, err)
	}
	if _, err := b.Wrong(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Wrong = %v", err)
	}
	if try, err := b.Try(t.Context()); !try.Refused || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Try = %+v, %v", try, err)
	}
	if err := b.MailSent(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("MailSent = %v", err)
	}
}
