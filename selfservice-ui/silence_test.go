package ui_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/sitetest"
)

// Nothing that can be seen from outside tells whether an address has an account: neither when an answer leaves, nor how
// long the next request of the same connection takes, nor how many bytes and which headers come. An observer sends pairs
// of a known and an unknown address, whose order alternates, and counts in how many the known one was slower.

// measured is a way watched for a short while.
func measured(t *testing.T, answerAfter time.Duration, send way, pairs int) findings {
	const observers = 4
	return observe(t, silenceSite(t, answerAfter, observers), send, pairs, observers)
}

// A few hundred pairs find what the instant is there to hide; make bench counts 2 000 (silence_bench_test.go). A machine so
// busy that Kratos's hash takes longer than the instant shows what is hidden, so it is given a later one: a leak of the site
// shows each time, whatever the instant. That the observer
// does see a leak where there is no instant is a figure of make bench (BenchmarkSilenceWithout): a busy machine blurs it.
func TestAnswersTellNothingOfAccounts(t *testing.T) {
	instants := []time.Duration{100 * time.Millisecond, 300 * time.Millisecond, 900 * time.Millisecond}
	for _, w := range ways {
		if strings.HasSuffix(w.name, "code") { // a flow of its own each time: below, and make bench
			continue
		}
		t.Run(w.name, func(t *testing.T) {
			for _, instant := range instants {
				f := measured(t, instant, w.send, 240)
				if f.took[0] < instant {
					t.Fatalf("an answer left after %v, before the instant", f.took[0])
				}
				for shape, n := range f.shapes {
					if n != 0 {
						t.Errorf("known %+d times more often than unknown:\n%s", n, shape)
					}
				}
				// 240 fair coins stay between 35 and 65 % but once in 300 000 times.
				if min(f.share(), f.nextShare()) > 35 && max(f.share(), f.nextShare()) < 65 {
					return
				}
				t.Logf("instant of %s: slower in %.0f %% of the pairs, at the next request in %.0f %%", instant, f.share(), f.nextShare())
			}
			t.Error("the known address is told from the unknown one by the clock")
		})
	}
}

// A wrong code leaves at the instant, and reads alike, in both flows. How its times compare is a figure of make bench.
func TestAWrongCodeLeavesAtTheInstant(t *testing.T) {
	const instant = 300 * time.Millisecond
	for name, send := range map[string]way{"reset": (*observer).code, "registration": (*observer).registerCode} {
		t.Run(name, func(t *testing.T) {
			f := measured(t, instant, send, 16)
			if f.took[0] < instant {
				t.Errorf("an answer left after %v, before the instant", f.took[0])
			}
			for shape, n := range f.shapes {
				if n != 0 {
					t.Errorf("known %+d times more often than unknown:\n%s", n, shape)
				}
			}
		})
	}
}

// On a busy machine Kratos is still taking the address in when somebody types a code, longer where there is an account to
// mail to: it must read like any wrong code, a resend must not wait, and Kratos must not hear the code. A reset would answer it in
// another way than later; a registration would take it for the first request, and send a mail without a button.
func TestACodeBeforeTheMailIsAWrongOne(t *testing.T) {
	for _, form := range []string{resetForm, registerForm} {
		t.Run(form, func(t *testing.T) {
			sending := make(chan struct{})
			var heard atomic.Int32
			site := sitetest.Start(t, sitetest.Options{
				Settings: func(set *settings.Settings) { set.Registration = settings.RegistrationOpen },
				Engine:   openRegistration,
				KratosURL: func(real string) string {
					counted := slowFor(t, real, `"123456"`, func() { heard.Add(1) })
					return slowFor(t, counted, `"transient_payload":{"`, func() { <-sending })
				},
			})
			release := sync.OnceFunc(func() { close(sending) })
			t.Cleanup(release) // before the site stops, which waits for it
			b := site.NewBrowser()
			walk(t, func() error { return b.Open(form) },
				func() error { return b.Fill("identifiant", "moi@example.test") },
				func() error { return fillNames(b, form) },
				func() error { return b.Submit("Suivant") },
				func() error { return b.Fill("code", "123456") },
				func() error { return b.Submit("Suivant") })
			if b.Status != http.StatusUnprocessableEntity || !strings.Contains(b.Text(), "Le code de validation est incorrect") {
				t.Errorf("%d %s", b.Status, b.Text())
			}
			if n := heard.Load(); n != 0 {
				t.Errorf("Kratos has heard the code %d times before the address", n)
			}
			// Nor does a resend wait for Kratos, which takes longer where there is an account.
			site.Clock.Advance(61 * time.Second)
			walk(t, func() error { return b.Submit("Renvoyer le code") })
			if b.Status != http.StatusOK || !strings.Contains(b.Text(), "Un nouveau code vient de vous être envoyé") {
				t.Errorf("a resend while Kratos is sending: %d %s", b.Status, b.Text())
			}
		})
	}
}

// fillNames types what a registration asks for beside the address.
func fillNames(b *sitetest.Browser, form string) error {
	if form != registerForm {
		return nil
	}
	return errors.Join(b.Fill("prenom", "Camille"), b.Fill("nom", "SERVE"))
}

func walk(t *testing.T, steps ...func() error) {
	t.Helper()
	for _, step := range steps {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
}

// slowFor is a Kratos that does something first with each request whose body holds a text.
func slowFor(t *testing.T, real, text string, first func()) string {
	t.Helper()
	target, err := url.Parse(real)
	if err != nil {
		t.Fatal(err)
	}
	through := httputil.NewSingleHostReverseProxy(target)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if bytes.Contains(body, []byte(text)) {
			first()
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		through.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL
}
