package ui_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

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

// On a busy machine Kratos is still taking the address in when somebody types a code, longer where there is an account to
// mail to: it must read like any wrong code, and a resend must not wait.
func TestACodeBeforeTheMailIsAWrongOne(t *testing.T) {
	sending := make(chan struct{})
	site := sitetest.Start(t, sitetest.Options{KratosURL: func(real string) string { return slowFor(t, real, `"email"`, func() { <-sending }) }})
	t.Cleanup(func() { close(sending) }) // before the site stops, which waits for it
	b := site.NewBrowser()
	for _, step := range []func() error{
		func() error { return b.Open("/reinitialisation") }, func() error { return b.Fill("identifiant", "moi@example.test") },
		func() error { return b.Submit("Suivant") }, func() error { return b.Fill("code", "123456") }, func() error { return b.Submit("Suivant") },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	if b.Status != http.StatusUnprocessableEntity || !strings.Contains(b.Text(), "Le code de validation est incorrect") {
		t.Errorf("%d %s", b.Status, b.Text())
	}
	// Nor does a resend wait for Kratos, which takes longer where there is an account.
	site.Clock.Advance(61 * time.Second)
	if err := b.Submit("Renvoyer le code"); err != nil {
		t.Fatal(err)
	}
	if b.Status != http.StatusOK || !strings.Contains(b.Text(), "Un nouveau code vient de vous être envoyé") {
		t.Errorf("a resend while Kratos is sending: %d %s", b.Status, b.Text())
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
