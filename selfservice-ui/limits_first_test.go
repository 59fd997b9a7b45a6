package ui_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
)

// countingKratos passes everything on to the real one, and counts it.
func countingKratos(t *testing.T, real string, calls *atomic.Int64) string {
	t.Helper()
	target, err := url.Parse(real)
	if err != nil {
		t.Fatal(err)
	}
	through := httputil.NewSingleHostReverseProxy(target)
	counter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		through.ServeHTTP(w, r)
	}))
	t.Cleanup(counter.Close)
	return counter.URL
}

// Kratos judges a right password after the answer has left: the same browser is signed in by its next try, with one session.
func TestALateSuccessWaitsForItsBrowser(t *testing.T) {
	const address, secret = "lente@example.test", "Un-Mot-De-Passe-2026"
	judged := make(chan struct{})
	var heard atomic.Int64
	site := sitetest.Start(t, sitetest.Options{
		Settings: func(set *settings.Settings) { set.AnswerAfter = 200 * time.Millisecond },
		KratosURL: func(real string) string {
			return slowFor(t, real, secret, func() { heard.Add(1); <-judged })
		},
	})
	if err := site.CreateAccount(kratostest.Identity{Email: address, Password: secret, Verified: true}); err != nil {
		t.Fatal(err)
	}
	login := func(b *sitetest.Browser) {
		t.Helper()
		for _, step := range []func() error{
			func() error { return b.Open("/connexion") }, func() error { return b.Fill("identifiant", address) },
			func() error { return b.Fill("mot-de-passe", secret) }, func() error { return b.Submit("Je m’identifie avec") },
		} {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
	}
	b := site.NewBrowser()
	for range 2 { // the second joins the first
		if login(b); b.Status != http.StatusUnprocessableEntity || !strings.Contains(b.Text(), refusedLogin) {
			t.Fatalf("before Kratos has judged: %d %s", b.Status, b.Text())
		}
	}
	close(judged)
	for end := time.Now().Add(20 * time.Second); b.URL.Path != "/services"; {
		if login(b); time.Now().After(end) {
			t.Fatalf("never signed in: %d %s", b.Status, b.Text())
		}
	}
	if n := heard.Load(); n != 1 {
		t.Errorf("Kratos heard the password %d times", n)
	}
}
