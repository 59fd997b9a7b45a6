package ui_test

import (
	"encoding/base64"
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

// A client past its limit costs Kratos nothing, whatever cookie it brings, at every door that asks Kratos.
func TestPastItsLimitAClientCostsKratosNothing(t *testing.T) {
	var calls atomic.Int64
	site := sitetest.Start(t, sitetest.Options{
		Settings: func(set *settings.Settings) {
			for i, rule := range set.Limits {
				if name, _, _ := strings.Cut(rule, "="); strings.HasSuffix(name, ".client") {
					set.Limits[i] = name + "=1+1/24h"
				}
			}
		},
		KratosURL: func(real string) string { return countingKratos(t, real, &calls) },
	})
	o := newObserver(site)
	home, err := url.Parse(site.URL)
	if err != nil {
		t.Fatal(err)
	}
	// Of the form that Kratos writes, and nobody's.
	session := &http.Cookie{Name: "ory_kratos_session", Value: base64.URLEncoding.EncodeToString([]byte("1800000000|" + strings.Repeat("x", 90)))}
	jar := newJar()
	send := func(method, path string, form url.Values) int64 {
		t.Helper()
		jar.SetCookies(home, []*http.Cookie{session})
		before := calls.Load()
		if _, _, err := o.call(jar, method, path, form); err != nil {
			t.Fatal(err)
		}
		return calls.Load() - before
	}
	for _, door := range []struct {
		method, path string
		form         url.Values
		asks         bool // the first time: page or log-out that no other door has spent the limit of
	}{
		{http.MethodGet, "/connexion", nil, true},
		{http.MethodPost, "/deconnexion", nil, true},
		{http.MethodPost, "/connexion", url.Values{"identifiant": {"moi@example.test"}, "mot-de-passe": {"un mot faux"}}, true},
		{http.MethodGet, "/services", nil, false},
		{http.MethodPost, "/reinitialisation", url.Values{"identifiant": {"moi@example.test"}}, true},
		{http.MethodGet, "/reinitialisation/code", nil, false},
	} {
		first := send(door.method, door.path, door.form)
		if door.path == "/reinitialisation" {
			<-time.After(time.Second) // the code's sending goes on by itself
		}
		if (first > 0) != door.asks {
			t.Errorf("%s %s: %d calls at first", door.method, door.path, first)
		}
		for range 3 {
			if n := send(door.method, door.path, door.form); n != 0 {
				t.Errorf("%s %s: %d calls past the limit", door.method, door.path, n)
			}
		}
	}
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
