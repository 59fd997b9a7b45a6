package proof_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	altcha "github.com/altcha-org/altcha-lib-go"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/captcha/proof"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/store"
)

// delivered is the difficulty that people meet.
var delivered = int64(settings.Defaults().ProofDifficulty)

var start = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newProofs(t testing.TB, c *clock, keys ...string) *proof.Proofs {
	t.Helper()
	p, err := proof.New(keys, proof.LeastDifficulty, store.NewMemory(1000, c.now), c.now)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// solve does what the widget does; with is given the solution to spoil.
func solve(t testing.TB, p *proof.Proofs, form string, with func(*altcha.Payload)) string {
	t.Helper()
	text, err := p.Challenge(form, 1)
	if err != nil {
		t.Fatal(err)
	}
	var ch altcha.Challenge
	if err := json.Unmarshal(text, &ch); err != nil {
		t.Fatal(err)
	}
	found, err := altcha.SolveChallenge(ch.Challenge, ch.Salt, altcha.Algorithm(ch.Algorithm), int(ch.MaxNumber), 0, nil)
	if err != nil || found == nil {
		t.Fatalf("no solution, %v", err)
	}
	s := altcha.Payload{Algorithm: ch.Algorithm, Challenge: ch.Challenge, Number: int64(found.Number), Salt: ch.Salt, Signature: ch.Signature}
	if with != nil {
		with(&s)
	}
	return encode(t, s)
}

func encode(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(text)
}

func TestVerify(t *testing.T) {
	for _, tc := range []struct {
		name, form string
		after      time.Duration
		with       func(*altcha.Payload)
		want       captcha.Outcome
	}{
		{name: "solved", form: captcha.FormLogin, want: captcha.Right},
		{name: "the last second", form: captcha.FormLogin, after: captcha.Lifetime - time.Second, want: captcha.Right},
		{name: "too late", form: captcha.FormLogin, after: captcha.Lifetime, want: captcha.Unknown},
		{name: "the other form", form: captcha.FormRecovery, want: captcha.WrongForm},
		{name: "another number", form: captcha.FormLogin, with: func(s *altcha.Payload) { s.Number++ }, want: captcha.Wrong},
		{name: "a signature of nobody", form: captcha.FormLogin, with: func(s *altcha.Payload) { s.Signature = strings.Repeat("0", 64) }, want: captcha.Wrong},
		{name: "a later date", form: captcha.FormLogin, with: func(s *altcha.Payload) { s.Salt = strings.Replace(s.Salt, "expires=1", "expires=9", 1) }, want: captcha.Wrong},
		{name: "the form rewritten", form: captcha.FormRecovery, with: func(s *altcha.Payload) {
			s.Salt = strings.Replace(s.Salt, captcha.FormLogin, captcha.FormRecovery, 1)
		}, want: captcha.Wrong},
		{name: "a form put first", form: captcha.FormRecovery, with: func(s *altcha.Payload) {
			s.Salt = strings.Replace(s.Salt, "?", "?form="+captcha.FormRecovery+"&", 1)
		}, want: captcha.Wrong},
		{name: "a weaker hash", form: captcha.FormLogin, with: func(s *altcha.Payload) { s.Algorithm = "SHA-1" }, want: captcha.Wrong},
		{name: "no hash named: the library would take SHA-256", form: captcha.FormLogin, with: func(s *altcha.Payload) { s.Algorithm = "" }, want: captcha.Wrong},
		{name: "nothing", form: captcha.FormLogin, with: func(s *altcha.Payload) { *s = altcha.Payload{} }, want: captcha.Wrong},
		{name: "very long", form: captcha.FormLogin, with: func(s *altcha.Payload) { s.Salt += strings.Repeat("&", 1<<16) }, want: captcha.Wrong},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := &clock{start}
			p := newProofs(t, c, seal.NewKey())
			payload := solve(t, p, captcha.FormLogin, tc.with)
			c.t = c.t.Add(tc.after)
			if got, err := p.Verify(t.Context(), tc.form, payload); err != nil || got != tc.want {
				t.Fatalf("Verify = %v, %v, want %v", got, err, tc.want)
			}
		})
	}
}

// A robot must not solve once and send often: not the same text, not the same
// solution in other words, not after it met the wrong form.
func TestSingleUse(t *testing.T) {
	c := &clock{start}
	p := newProofs(t, c, seal.NewKey())
	for name, first := range map[string]string{"at its form": captcha.FormLogin, "at the other form": captcha.FormRecovery} {
		var s altcha.Payload
		payload := solve(t, p, captcha.FormLogin, func(made *altcha.Payload) { s = *made })
		if got, err := p.Verify(t.Context(), first, payload); err != nil || got == captcha.Unknown {
			t.Fatalf("%s: %v, %v", name, got, err)
		}
		short := s
		short.Salt = strings.TrimSuffix(s.Salt, "&") // the library accepts this one too
		upper := s
		upper.Challenge = strings.ToUpper(s.Challenge)
		for again, payload := range map[string]string{
			"the same text":        payload,
			"a salt without its &": encode(t, short),
			"capitals":             encode(t, upper),
			"more fields":          encode(t, map[string]any{"algorithm": s.Algorithm, "challenge": s.Challenge, "number": s.Number, "salt": s.Salt, "signature": s.Signature, "took": 12.5}),
		} {
			if got, err := p.Verify(t.Context(), captcha.FormLogin, payload); err != nil || got == captcha.Right {
				t.Errorf("%s, then %s: %v, %v", name, again, got, err)
			}
		}
	}
}

func TestOneWinner(t *testing.T) {
	p := newProofs(t, &clock{start}, seal.NewKey())
	payload := solve(t, p, captcha.FormLogin, nil)
	var right atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if got, err := p.Verify(context.Background(), captcha.FormLogin, payload); err == nil && got == captcha.Right {
				right.Add(1)
			}
		})
	}
	wg.Wait()
	if right.Load() != 1 {
		t.Errorf("right %d times, want once", right.Load())
	}
}

// A key is changed without anybody noticing: appended everywhere, then first.
func TestRotation(t *testing.T) {
	c := &clock{start}
	before, after := seal.NewKey(), seal.NewKey()
	payload := solve(t, newProofs(t, c, before), captcha.FormLogin, nil)
	if got, _ := newProofs(t, c, after, before).Verify(t.Context(), captcha.FormLogin, payload); got != captcha.Right {
		t.Errorf("with the old key second: %v", got)
	}
	if got, _ := newProofs(t, c, after).Verify(t.Context(), captcha.FormLogin, payload); got != captcha.Wrong {
		t.Errorf("without the old key: %v", got)
	}
}

// deadStore stands for a Redis that is gone: a proof that cannot be marked is
// none, or it would serve for ever.
type deadStore struct{ store.Store }

func (deadStore) Add(context.Context, string, []byte, time.Duration) (bool, error) {
	return false, store.ErrUnavailable
}

func TestStoreFailure(t *testing.T) {
	c := &clock{start}
	p, err := proof.New([]string{seal.NewKey()}, proof.LeastDifficulty, deadStore{}, c.now)
	if err != nil {
		t.Fatal(err)
	}
	payload := solve(t, p, captcha.FormLogin, nil)
	if got, err := p.Verify(t.Context(), captcha.FormLogin, payload); got != 0 || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Verify = %v, %v", got, err)
	}
}

func TestSettings(t *testing.T) {
	c := &clock{start}
	st := store.NewMemory(1, c.now)
	for name, make := range map[string]func() (*proof.Proofs, error){
		"no key": func() (*proof.Proofs, error) { return proof.New(nil, delivered, st, c.now) },
		"a short key": func() (*proof.Proofs, error) {
			return proof.New([]string{"secret"}, delivered, st, c.now)
		},
		"no work": func() (*proof.Proofs, error) {
			return proof.New([]string{seal.NewKey()}, 0, st, c.now) // the library would take its default
		},
		"a day's work": func() (*proof.Proofs, error) {
			return proof.New([]string{seal.NewKey()}, proof.MostDifficulty+1, st, c.now)
		},
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzVerify(f *testing.F) {
	c := &clock{start}
	p := newProofs(f, c, seal.NewKey())
	f.Add(`{"algorithm":"SHA-256","challenge":"","number":1,"salt":"a?expires=9999999999&form=connexion&","signature":""}`)
	f.Add(`{"number":1e30}`)
	f.Add(`[]`)
	good, err := base64.StdEncoding.DecodeString(solve(f, newProofs(f, c, seal.NewKey()), captcha.FormLogin, nil))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(good)) // solved, and signed with another key
	f.Fuzz(func(t *testing.T, text string) {
		for _, payload := range []string{text, base64.StdEncoding.EncodeToString([]byte(text))} {
			got, err := p.Verify(context.Background(), captcha.FormLogin, payload)
			if err != nil || got != captcha.Wrong {
				t.Fatalf("Verify = %v, %v", got, err)
			}
		}
	})
}

// What a robot pays for one proof with a native program on one processor.
func BenchmarkNativeSolver(b *testing.B) {
	p, err := proof.New([]string{seal.NewKey()}, delivered, store.NewMemory(1, time.Now), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	for range b.N {
		solve(b, p, captcha.FormLogin, nil)
	}
}

// What each of them costs us.
func BenchmarkVerify(b *testing.B) {
	c := &clock{start}
	p := newProofs(b, c, seal.NewKey())
	payload := solve(b, p, captcha.FormLogin, nil)
	for b.Loop() {
		if _, err := p.Verify(context.Background(), captcha.FormLogin, payload); err != nil {
			b.Fatal(err)
		}
	}
}
