package consent_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"efpconnect.example/internal/testkit/servicetest"
)

// hears waits for the logout token of a session, and judges it as the specification says (OpenID Connect Back-Channel Logout, 2.6).
func (c *client) hears(sid any) {
	c.t.Helper()
	var raw string
	select {
	case raw = <-c.told:
	case <-time.After(20 * time.Second):
		c.t.Fatal("the service hears of no log-out")
	}
	// A logout token says when it was made, and need not say when it ends.
	verifier := c.provider.Verifier(&oidc.Config{ClientID: c.config.ClientID, SkipExpiryCheck: true})
	token, err := verifier.Verify(c.context(), raw)
	servicetest.Must(c.t, err)
	var claims map[string]any
	servicetest.Must(c.t, token.Claims(&claims))
	events, _ := claims["events"].(map[string]any)
	if _, is := events["http://schemas.openid.net/event/backchannel-logout"]; !is || sid == nil || claims["sid"] != sid || claims["nonce"] != nil {
		c.t.Errorf("the logout token of session %v holds %v", sid, claims)
	}
	tampered := raw[:strings.LastIndexByte(raw, '.')+1] + strings.Repeat("A", 342)
	if _, err := verifier.Verify(c.context(), tampered); err == nil {
		c.t.Error("a logout token with another signature is taken")
	}
}

// « Se déconnecter » at the site ends the session at the service, by a token that the service verifies; the other browser stays in.
func TestLogoutTellsTheService(t *testing.T) {
	c := newClient(t)
	s := servicetest.Start(t, registryOf(c.entry("contrats", "email", "")))
	c.connect(s, "contrats")
	p, elsewhere := s.Person(t), s.Person(t)
	elsewhere.Open(c.ask())
	elsewhere.LogIn()
	c.signedIn(elsewhere)
	p.Open(c.ask())
	p.LogIn()
	_, claims, _ := c.signedIn(p)
	p.Open(s.Front + "/services")
	p.Submit(nil)
	c.hears(claims["sid"])
	p.Open(c.ask("prompt", "none"))
	if c.back.Get("error") != "login_required" {
		t.Errorf("after the log-out: %v", c.back)
	}
	c.back = nil
	elsewhere.Open(c.ask("prompt", "none"))
	c.signedIn(elsewhere)
	if len(c.told) != 0 {
		t.Error("the session of another browser ended too")
	}
}

// Whoever knew the old password is out of a service of OpenID Connect too, once the owner has chosen a new one.
func TestAResetEndsAThiefsSession(t *testing.T) {
	c := newClient(t)
	s := servicetest.Start(t, registryOf(c.entry("contrats", "email", "")))
	c.connect(s, "contrats")
	thief := s.Person(t)
	thief.Open(c.ask())
	thief.LogIn()
	_, claims, token := c.signedIn(thief)

	owner := s.Person(t)
	owner.Open(s.Front + "/reinitialisation")
	owner.Submit(map[string]string{"identifiant": servicetest.Camille})
	code, _, err := s.Code(servicetest.Camille, 1)
	servicetest.Must(t, err)
	owner.Submit(map[string]string{"code": code})
	owner.Submit(map[string]string{"mot-de-passe": "Nouveau-Platane-2026", "confirmation": "Nouveau-Platane-2026"})
	c.hears(claims["sid"])
	thief.Open(c.ask("prompt", "none"))
	if c.back.Get("error") != "login_required" {
		t.Errorf("the thief is still in: %v", c.back)
	}
	// The tokens end a moment after the notice.
	for until := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := c.provider.UserInfo(c.context(), oauth2.StaticTokenSource(token)); err != nil {
			break
		}
		if time.Now().After(until) {
			t.Fatal("the thief's access token still opens userinfo")
		}
	}
}

// While Hydra is away a person reads one page that says so, the service learns nothing, and « Se déconnecter » says who was not told.
func TestHydraIsAway(t *testing.T) {
	c := newClient(t)
	s := servicetest.Start(t, registryOf(c.entry("contrats", "email", "")))
	c.connect(s, "contrats")
	p := s.Person(t)
	p.Open(c.ask())
	p.LogIn()
	c.signedIn(p)
	asks := p.LedTo(c.ask())
	servicetest.Must(t, s.Hydra.Stop())
	p.Open(asks.String())
	if p.Status != http.StatusServiceUnavailable || !strings.HasPrefix(p.URL.String(), s.Front) || !strings.Contains(p.Body, "<h1") || c.back != nil {
		t.Errorf("at %s: %d %s, the service got %v", p.URL, p.Status, p.Body, c.back)
	}
	p.Open(s.Front + "/services")
	p.Submit(nil)
	if !strings.Contains(p.Body, "Service contrats") {
		t.Errorf("the page after the log-out does not name who was not told: %s %d %s", p.URL, p.Status, p.Body)
	}
	if p.Open(s.Front + "/services"); p.URL.Path != "/connexion" {
		t.Errorf("after the log-out the site shows %s", p.URL)
	}
}
