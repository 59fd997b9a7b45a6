package captcha_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/store"
)

var start = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newChallenges(c *clock) *captcha.Challenges {
	return &captcha.Challenges{Store: store.NewMemory(100, c.now), Now: c.now}
}

func TestVerify(t *testing.T) {
	const form, other = captcha.FormRecovery, captcha.FormLogin
	for _, tc := range []struct {
		name, form, typed string
		after             time.Duration
		want              captcha.Outcome
	}{
		{"as shown", form, "K7WA38", 0, captcha.Right},
		{"small letters, as a phone types them", form, "k7wa38", 0, captcha.Right},
		{"gaps, as one who listens types them", form, " k7w a38\u00a0", 0, captcha.Right},
		{"the last instant", form, "K7WA38", captcha.Lifetime - time.Millisecond, captcha.Right},
		{"too late", form, "K7WA38", captcha.Lifetime, captcha.Unknown},
		{"one sign off", form, "K7WA39", 0, captcha.Wrong},
		{"nothing", form, "", 0, captcha.Wrong},
		{"longer than the answer", form, "K7WA38K7WA38", 0, captcha.Wrong},
		{"a sign that no answer has is not skipped", form, "K7WA38é", 0, captcha.Wrong},
		{"a letter that looks the same elsewhere", form, "\u212a7WA38", 0, captcha.Wrong}, // Kelvin
		{"very long", form, strings.Repeat("K", 1<<20), 0, captcha.Wrong},
		{"the other form's", other, "K7WA38", 0, captcha.WrongForm},
		{"the other form's, mistyped", other, "K7WA39", 0, captcha.WrongForm},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := &clock{start}
			cs := newChallenges(c)
			ch, err := cs.New(t.Context(), form, "K7WA38")
			if err != nil {
				t.Fatal(err)
			}
			c.t = c.t.Add(tc.after)
			got, err := cs.Verify(t.Context(), ch.ID, tc.form, tc.typed)
			if err != nil || got != tc.want {
				t.Fatalf("Verify = %v, %v, want %v", got, err, tc.want)
			}
			// Single use whatever the result: the right answer comes too late.
			again, err := cs.Verify(t.Context(), ch.ID, form, "K7WA38")
			if err != nil || again != captcha.Unknown {
				t.Errorf("second Verify = %v, %v, want unknown", again, err)
			}
		})
	}
}

func TestMadeUpIDs(t *testing.T) {
	cs := newChallenges(&clock{start})
	ch, err := cs.New(t.Context(), captcha.FormLogin, "K7WA38")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", "captcha:" + ch.ID, ch.ID + "\n", ch.ID[:21] + "_", strings.Repeat("A", 22), strings.Repeat("A", 1<<16)} {
		if _, found, err := cs.Find(t.Context(), id); found || err != nil {
			t.Errorf("Find(%.30q) = %v, %v", id, found, err)
		}
		if got, err := cs.Verify(t.Context(), id, captcha.FormLogin, "K7WA38"); got != captcha.Unknown || err != nil {
			t.Errorf("Verify(%.30q) = %v, %v", id, got, err)
		}
	}
	if got, err := cs.Verify(t.Context(), ch.ID, captcha.FormLogin, "K7WA38"); got != captcha.Right || err != nil {
		t.Errorf("the real one, afterwards = %v, %v", got, err)
	}
}

// The picture and the sound are asked for many times, by two replicas.
func TestFind(t *testing.T) {
	c := &clock{start}
	cs := newChallenges(c)
	ch, err := cs.New(t.Context(), captcha.FormRecovery, "K7WA38")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		got, found, err := cs.Find(t.Context(), ch.ID)
		if err != nil || !found || got.Answer != "K7WA38" || got.Seed != ch.Seed || got.ID != ch.ID {
			t.Fatalf("Find = %+v, %v, %v", got, found, err)
		}
	}
	other, err := cs.New(t.Context(), captcha.FormRecovery, "K7WA38")
	if err != nil {
		t.Fatal(err)
	}
	if other.Seed == ch.Seed || other.ID == ch.ID {
		t.Error("two challenges share their randomness")
	}
	c.t = c.t.Add(captcha.Lifetime)
	if _, found, _ := cs.Find(t.Context(), ch.ID); found {
		t.Error("found after its time")
	}
}

func TestOneWinner(t *testing.T) {
	cs := newChallenges(&clock{start})
	ch, err := cs.New(t.Context(), captcha.FormRecovery, "K7WA38")
	if err != nil {
		t.Fatal(err)
	}
	var right atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if got, err := cs.Verify(context.Background(), ch.ID, captcha.FormRecovery, "K7WA38"); err == nil && got == captcha.Right {
				right.Add(1)
			}
		})
	}
	wg.Wait()
	if right.Load() != 1 {
		t.Errorf("right %d times, want once", right.Load())
	}
}

// deadStore stands for a Redis that is gone: no outcome may come of it.
type deadStore struct{ store.Store }

func (deadStore) Put(context.Context, string, []byte, time.Duration) error {
	return store.ErrUnavailable
}
func (deadStore) Get(context.Context, string) ([]byte, bool, error) {
	return nil, false, store.ErrUnavailable
}
func (deadStore) Take(context.Context, string) ([]byte, bool, error) {
	return nil, false, store.ErrUnavailable
}

func TestStoreFailures(t *testing.T) {
	c := &clock{start}
	live := newChallenges(c)
	ch, err := live.New(t.Context(), captcha.FormLogin, "K7WA38")
	if err != nil {
		t.Fatal(err)
	}
	dead := &captcha.Challenges{Store: deadStore{}, Now: c.now}
	if _, err := dead.New(t.Context(), captcha.FormLogin, "K7WA38"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("New: %v", err)
	}
	if _, _, err := dead.Find(t.Context(), ch.ID); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Find: %v", err)
	}
	if got, err := dead.Verify(t.Context(), ch.ID, captcha.FormLogin, "K7WA38"); got != 0 || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Verify = %v, %v", got, err)
	}

	full := &captcha.Challenges{Store: store.NewMemory(1, c.now), Now: c.now}
	if _, err := full.New(t.Context(), captcha.FormLogin, "K7WA38"); err != nil {
		t.Fatal(err)
	}
	if _, err := full.New(t.Context(), captcha.FormLogin, "K7WA38"); !errors.Is(err, store.ErrFull) {
		t.Errorf("New in a full store: %v", err)
	}
}

// Garbage under our key is our fault, not the visitor's: no outcome, and the
// error does not carry the value.
func TestForeignValue(t *testing.T) {
	c := &clock{start}
	cs := newChallenges(c)
	ch, err := cs.New(t.Context(), captcha.FormLogin, "K7WA38")
	if err != nil {
		t.Fatal(err)
	}
	if err := cs.Store.Put(t.Context(), "captcha:"+ch.ID, []byte(`{"a":["K7WA38"]}`), time.Minute); err != nil {
		t.Fatal(err)
	}
	if got, err := cs.Verify(t.Context(), ch.ID, captcha.FormLogin, "K7WA38"); got != 0 || err == nil || strings.Contains(err.Error(), "K7WA38") {
		t.Errorf("Verify = %v, %v", got, err)
	}
}
