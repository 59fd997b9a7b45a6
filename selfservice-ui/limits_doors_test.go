package ui_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
	"efpconnect.example/selfservice-ui/registration"
)

// door is a request that asks Kratos something. Its form differs each time: the same one sent again is answered without Kratos anyway.
type door struct {
	method, path string
	before       func(t *testing.T, b *sitetest.Browser) (path string) // leads a browser to it; "" keeps the path
	form         func(b *sitetest.Browser, n int) url.Values
	detached     bool // Kratos is asked after the answer
}

// doors are all that ask Kratos.
var doors = map[string]door{
	"login page": {method: http.MethodGet, path: "/connexion"},
	"login": {method: http.MethodPost, path: "/connexion", before: atPage("/connexion"), form: func(_ *sitetest.Browser, n int) url.Values {
		return url.Values{"identifiant": {"moi@example.test"}, "mot-de-passe": {fmt.Sprint("un mot faux ", n)}}
	}},
	"services": {method: http.MethodGet, path: "/services"},
	"log-out":  {method: http.MethodPost, path: "/deconnexion"},
	"step 1": {method: http.MethodPost, path: "/reinitialisation", before: atPage("/reinitialisation"), detached: true, form: func(_ *sitetest.Browser, n int) url.Values {
		return url.Values{"identifiant": {fmt.Sprintf("moi%d@example.test", n)}}
	}},
	"step 2":                               {method: http.MethodGet, path: "/reinitialisation/code", before: atStep2},
	"code":                                 {method: http.MethodPost, path: "/reinitialisation/code", before: atStep2, form: differing("code", "11111%d")},
	"resend":                               {method: http.MethodPost, path: "/reinitialisation/code/renvoi", before: atStep2, form: differing("envoi", "%d"), detached: true},
	"mail's button":                        {method: http.MethodGet, before: withMail},
	"mail's button, leaving another reset": {method: http.MethodPost, before: withMail},
	"step 3": {method: http.MethodPost, path: "/reinitialisation/mot-de-passe", before: atStep3, form: func(b *sitetest.Browser, n int) url.Values {
		secret := fmt.Sprint("Un-Mot-De-Passe-2026-", n)
		return url.Values{"demande": {b.Value("demande")}, "mot-de-passe": {secret}, "confirmation": {secret}}
	}},
	"the end":                       {method: http.MethodPost, path: "/reinitialisation/terminee", before: atEnd, form: differing("n", "%d")},
	"a service's login":             {method: http.MethodGet, path: "/cas/login?service=https%3A%2F%2Fformation.example.test%2F"},
	"a service's log-out, the page": {method: http.MethodGet, path: "/cas/logout"},
	"a service's log-out":           {method: http.MethodPost, path: "/cas/logout"},
}

// A client past its limit costs Kratos nothing, whatever cookie it brings, at every door that asks Kratos.
func TestPastItsLimitAClientCostsKratosNothing(t *testing.T) {
	var calls atomic.Int64
	registry := filepath.Join(t.TempDir(), "services.yml")
	if err := os.WriteFile(registry, []byte("services:\n  - {id: formation, name: Formation, protocol: cas, identifier: email, addresses: [\"https://formation.example.test/\"]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	site := sitetest.Start(t, sitetest.Options{
		Settings: func(set *settings.Settings) {
			for i, rule := range set.Limits {
				if name, _, _ := strings.Cut(rule, "="); strings.HasSuffix(name, ".client") {
					set.Limits[i] = name + "=3+1/24h"
				}
			}
			set.ResendAfter = time.Millisecond
			set.ServicesFile, set.ServicesKey, set.CASPrefixes = registry, strings.Repeat("k7", 16), []string{"/cas"}
		},
		KratosURL: func(real string) string { return countingKratos(t, real, &calls) },
	})
	// Of the form that Kratos writes, and nobody's.
	session := &http.Cookie{Name: "ory_kratos_session", Value: base64.URLEncoding.EncodeToString([]byte("1800000000|" + strings.Repeat("x", 90)))}
	home, err := url.Parse(site.URL)
	if err != nil {
		t.Fatal(err)
	}
	o := newObserver(site)
	for name, d := range doors {
		t.Run(name, func(t *testing.T) {
			site.Clock.Advance(30 * 24 * time.Hour) // every limit is whole again
			b := site.NewBrowser()
			if d.before != nil {
				if path := d.before(t, b); path != "" {
					d.path = path
				}
			}
			jar := newJar()
			jar.SetCookies(home, append(b.Cookies(), session))
			send := func(n int) int64 {
				t.Helper()
				form := url.Values{"demande": {b.Value("demande")}}
				if d.form != nil {
					form = d.form(b, n)
				}
				before := calls.Load()
				if _, _, err := o.call(jar, d.method, d.path, form); err != nil {
					t.Fatal(err)
				}
				jar.SetCookies(home, append(b.Cookies(), session)) // as they were
				if d.detached && n == 0 {
					<-time.After(time.Second)
				}
				return calls.Load() - before
			}
			if send(0) == 0 {
				t.Error("Kratos is not asked at all")
			}
			for n := range 3 {
				send(n + 1)
			}
			if d.detached {
				<-time.After(time.Second)
			}
			for n := range 3 {
				if n := send(n + 4); n != 0 {
					t.Errorf("%d calls past the limit", n)
				}
			}
		})
	}
}

// atPage is a browser on a page.
func atPage(path string) func(*testing.T, *sitetest.Browser) string {
	return func(t *testing.T, b *sitetest.Browser) string {
		t.Helper()
		if err := b.Open(path); err != nil {
			t.Fatal(err)
		}
		return ""
	}
}

// differing is a form of a flow with one field that differs each time.
func differing(field, format string) func(*sitetest.Browser, int) url.Values {
	return func(b *sitetest.Browser, n int) url.Values {
		return url.Values{"demande": {b.Value("demande")}, field: {fmt.Sprintf(format, n)}}
	}
}

// newAccount is an account of a test's own.
func newAccount(t *testing.T, b *sitetest.Browser) (address string) {
	t.Helper()
	address = fmt.Sprintf("porte%d@example.test", time.Now().UnixNano())
	if err := b.Site.CreateAccount(kratostest.Identity{Email: address, Verified: true}); err != nil {
		t.Fatal(err)
	}
	return address
}

// askFor goes through step 1.
func askFor(t *testing.T, b *sitetest.Browser, address string) {
	t.Helper()
	atPage("/reinitialisation")(t, b)
	if err := b.Fill("identifiant", address); err != nil {
		t.Fatal(err)
	}
	press(t, b, "Suivant")
}

// atStep2 is a browser at step 2.
func atStep2(t *testing.T, b *sitetest.Browser) string {
	t.Helper()
	askFor(t, b, newAccount(t, b))
	return ""
}

// withMail is a browser with a mail under its eyes.
func withMail(t *testing.T, b *sitetest.Browser) string {
	t.Helper()
	address := newAccount(t, b)
	askFor(t, b, address)
	_, link, err := b.Site.Code(address, 1)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(link, b.Site.URL)
}

// atStep3 is a browser at step 3.
func atStep3(t *testing.T, b *sitetest.Browser) string {
	t.Helper()
	address := newAccount(t, b)
	askFor(t, b, address)
	right(t, b.Site, b, address, 1)
	return ""
}

// atEnd is a browser at the end of a reset.
func atEnd(t *testing.T, b *sitetest.Browser) string {
	t.Helper()
	atStep3(t, b)
	chosen(t, b)
	return ""
}

// A client past its limit is answered before its form is read: one that never sends it holds nothing.
func TestPastItsLimitAFormIsNotRead(t *testing.T) {
	site := sitetest.Start(t, sitetest.Options{Engine: openRegistration, Settings: func(set *settings.Settings) {
		set.Registration = settings.RegistrationOpen
		for i, rule := range set.Limits {
			if name, _, _ := strings.Cut(rule, "="); strings.HasSuffix(name, ".client") {
				set.Limits[i] = name + "=1+1/24h"
			}
		}
	}})
	o := newObserver(site)
	for _, path := range []string{
		"/connexion", "/reinitialisation", "/reinitialisation/code/renvoi", "/reinitialisation/mot-de-passe",
		registration.PathForm, registration.PathResend, registration.PathPassword,
	} {
		site.Clock.Advance(30 * 24 * time.Hour)
		for range 2 {
			if _, _, err := o.call(newJar(), http.MethodPost, path, nil); err != nil {
				t.Fatal(err)
			}
		}
		connection, err := net.Dial("tcp", strings.TrimPrefix(site.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		if err := connection.SetDeadline(time.Now().Add(5 * time.Second)); err != nil { // the site waits ten for a form
			t.Fatal(err)
		}
		fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: %s\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 40000\r\n\r\n",
			path, strings.TrimPrefix(site.URL, "http://"))
		answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
		if err != nil || answer.StatusCode != http.StatusTooManyRequests {
			t.Errorf("%s: %v, %v", path, answer, err)
		}
	}
}
