package consent_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/testkit/servicetest"
	"efpconnect.example/internal/testkit/sitetest"
)

// apache is a service behind Debian's mod_auth_openidc, unmodified, that verifies the site's authority.
type apache struct {
	t    *testing.T
	site *servicetest.Site
	at   string
}

func newApache(t *testing.T) *apache {
	t.Helper()
	servicetest.Installed(t, "/usr/sbin/apache2", "/usr/lib/apache2/modules/mod_auth_openidc.so")
	port := servicetest.FreePort(t)
	a := &apache{t: t, at: fmt.Sprint("http://127.0.0.1:", port)}
	a.site = servicetest.Start(t, fmt.Sprintf(`services:
  - id: bilans
    name: Bilans pédagogiques
    protocol: oidc
    openid: {redirects: ["%[1]s/retour"], post_logout: ["%[1]s/"]}
    identifier: email
    attributes: {given_name: trait.given_name}
    logout: %[1]s/retour?logout=backchannel
`, a.at))
	config := servicetest.Configured(t, "mod_auth_openidc.conf",
		"https://efpconnect.example.test", a.site.Front,
		"https://bilans.example.test", a.at,
		"/etc/ssl/certs/ca-certificates.crt", a.site.CA,
		"SECRET-OF-THE-CLIENT", sitetest.ClientSecret)
	page := `user=<!--#echo var="REMOTE_USER" --> given=<!--#echo var="OIDC_CLAIM_given_name" -->`
	a.site.Apache(t, port, "auth_openidc", config, page, "app", "signature", "ouvert")
	return a
}

// knows tells whether the page in front of a person is the service's own, with who it takes them for.
func (a *apache) knows(p *servicetest.Person) bool {
	return p.Status == http.StatusOK && strings.HasPrefix(p.URL.String(), a.at) && strings.Contains(p.Body, "user="+servicetest.Camille+" given=Camille")
}

const apacheSession = "mod_auth_openidc_session"

func TestModAuthOpenIDC(t *testing.T) {
	servicetest.Documented(t, "mod_auth_openidc.conf")
	a := newApache(t)
	p := a.site.Person(t)
	p.Open(a.at + "/app/who.shtml?x=1&y=%C3%A9")
	if !strings.Contains(p.Body, "Vous vous connectez pour accéder à Bilans pédagogiques.") {
		t.Errorf("the login page does not name the service: %s", p.Body)
	}
	p.LogIn()
	if !a.knows(p) || p.URL.String() != a.at+"/app/who.shtml?x=1&y=%C3%A9" {
		t.Fatalf("signed in at %s: %d %s", p.URL, p.Status, p.Body)
	}
	t.Run("gateway", func(t *testing.T) {
		p.Forget(a.at, apacheSession)
		if p.Open(a.at + "/ouvert/who.shtml"); !a.knows(p) {
			t.Errorf("with a session, prompt=none ends at %s: %d %s", p.URL, p.Status, p.Body)
		}
		stranger := a.site.Person(t)
		if stranger.Open(a.at + "/ouvert/who.shtml"); a.knows(stranger) || !strings.HasPrefix(stranger.URL.String(), a.at) {
			t.Errorf("without one, prompt=none ends at %s: %d %s", stranger.URL, stranger.Status, stranger.Body)
		}
	})
	t.Run("renew", func(t *testing.T) {
		p.Forget(a.at, apacheSession)
		p.Open(a.at + "/signature/who.shtml")
		if p.URL.Path != "/connexion" {
			t.Fatalf("no login page at %s: %d %s", p.URL, p.Status, p.Body)
		}
		if p.LogIn(); !a.knows(p) {
			t.Errorf("after a new login: %d %s", p.Status, p.Body)
		}
	})
	t.Run("forged", func(t *testing.T) { a.forged(t) })
	t.Run("logout at the site", func(t *testing.T) {
		p.Open(a.site.Front + "/services")
		p.Submit(nil)
		// Hydra posts the logout token without waiting: the service may hear a moment later.
		for until := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			if p.Open(a.at + "/app/who.shtml"); p.URL.Path == "/connexion" {
				break
			}
			if time.Now().After(until) {
				t.Fatalf("the service still knows the person: %s %s", p.URL, p.Body)
			}
		}
	})
	t.Run("logout at the service", func(t *testing.T) { a.logout(t, p) })
}

// forged brings a code that nobody made to a service that waits for one.
func (a *apache) forged(t *testing.T) {
	stranger := a.site.Person(t)
	to := stranger.LedTo(a.at + "/app/who.shtml")
	state := to.Query().Get("state")
	if state == "" {
		t.Fatalf("the service sends nobody to Hydra: %s", to)
	}
	stranger.Open(a.at + "/retour?" + url.Values{"code": {"ory_ac_forged"}, "state": {state}}.Encode())
	if a.knows(stranger) || strings.Contains(stranger.Body, servicetest.Camille) {
		t.Errorf("a forged code signs in: %s", stranger.Body)
	}
	if stranger.Open(a.at + "/app/who.shtml"); stranger.URL.Path != "/connexion" {
		t.Errorf("after a forged code the service shows %s: %s", stranger.URL, stranger.Body)
	}
}

// logout begins at the service: Hydra takes its id_token_hint, the site asks by a button, and the person ends at the service again.
func (a *apache) logout(t *testing.T, p *servicetest.Person) {
	p.LogIn()
	if !a.knows(p) {
		t.Fatalf("signed in at %s: %d %s", p.URL, p.Status, p.Body)
	}
	p.Open(a.at + "/retour?logout=" + url.QueryEscape(a.at+"/"))
	if p.URL.Path != "/deconnexion" || !strings.Contains(p.Body, "Bilans pédagogiques") {
		t.Fatalf("no page that asks and names the service: %s: %d %s", p.URL, p.Status, p.Body)
	}
	if p.Submit(nil); p.URL.String() != a.at+"/" {
		t.Errorf("the person ends at %s: %d %s", p.URL, p.Status, p.Body)
	}
	if p.Open(a.at + "/app/who.shtml"); p.URL.Path != "/connexion" {
		t.Errorf("after the log-out the service shows %s: %s", p.URL, p.Body)
	}
	if p.Open(a.site.Front + "/services"); p.URL.Path != "/connexion" {
		t.Errorf("after the log-out the site shows %s", p.URL)
	}
}
