package consent_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/servicetest"
	"efpconnect.example/internal/testkit/sitetest"
)

// client is a service that speaks OpenID Connect with a library of others: code flow with PKCE, the ID token's signature verified.
type client struct {
	t        *testing.T
	site     *servicetest.Site
	server   *httptest.Server
	provider *oidc.Provider
	config   oauth2.Config
	verifier string
	told     chan string // logout tokens
	back     url.Values  // what the browser last came back with
}

// newClient begins before the site: the registry names its address.
func newClient(t *testing.T) *client {
	c := &client{t: t, verifier: oauth2.GenerateVerifier(), told: make(chan string, 20)}
	c.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/retour":
			c.back = r.URL.Query()
		case "/fin":
			c.told <- r.PostFormValue("logout_token")
		}
		fmt.Fprintln(w, "service", r.URL.Path)
	}))
	t.Cleanup(c.server.Close)
	return c
}

func (c *client) entry(id, identifier, more string) string {
	return fmt.Sprintf(`  - id: %[1]s
    name: Service %[1]s
    home: %[2]s/accueil
    protocol: oidc
    openid: {redirects: ["%[2]s/retour"], post_logout: ["%[2]s/parti"]}
    identifier: %[3]s
    attributes: {email: email, given_name: trait.given_name}
    logout: %[2]s/fin
%[4]s`, id, c.server.URL, identifier, more)
}

func (c *client) connect(s *servicetest.Site, id string) {
	c.t.Helper()
	var err error
	c.site = s
	c.provider, err = oidc.NewProvider(c.context(), s.Issuer)
	servicetest.Must(c.t, err)
	c.config = oauth2.Config{ClientID: id, ClientSecret: sitetest.ClientSecret, Endpoint: c.provider.Endpoint(), RedirectURL: c.server.URL + "/retour",
		Scopes: []string{"openid", "profile", "email"}}
}

func (c *client) context() context.Context {
	return oidc.ClientContext(context.Background(), c.site.Trusting())
}

// ask is where the service sends a browser.
func (c *client) ask(more ...string) string {
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(c.verifier), oidc.Nonce("nonce-de-trente-deux-caracteres-1")}
	for i := 0; i+1 < len(more); i += 2 {
		options = append(options, oauth2.SetAuthURLParam(more[i], more[i+1]))
	}
	return c.config.AuthCodeURL("etat-de-trente-deux-caracteres-12", options...)
}

// signedIn takes the code that the browser came back with.
func (c *client) signedIn(p *servicetest.Person) (*oidc.IDToken, map[string]any, *oauth2.Token) {
	c.t.Helper()
	code := c.back.Get("code")
	if code == "" || c.back.Get("state") != "etat-de-trente-deux-caracteres-12" {
		c.t.Fatalf("no code: %v, the browser is at %s: %d %s", c.back, p.URL, p.Status, p.Body)
	}
	token, err := c.config.Exchange(c.context(), code, oauth2.VerifierOption(c.verifier))
	servicetest.Must(c.t, err)
	raw, _ := token.Extra("id_token").(string)
	id, err := c.provider.Verifier(&oidc.Config{ClientID: c.config.ClientID}).Verify(c.context(), raw)
	servicetest.Must(c.t, err)
	if id.Nonce != "nonce-de-trente-deux-caracteres-1" {
		c.t.Errorf("nonce %q", id.Nonce)
	}
	claims := map[string]any{"": raw}
	servicetest.Must(c.t, id.Claims(&claims))
	c.back = nil
	return id, claims, token
}

func registryOf(entries ...string) string { return "services:\n" + strings.Join(entries, "") }

// From a service to the login page, which names it, and back with a code: the claims are the registry's.
func TestSignIn(t *testing.T) {
	one, two := newClient(t), newClient(t)
	s := servicetest.Start(t, registryOf(one.entry("contrats", "email", ""), two.entry("bilans", "opaque", ""),
		"  - {id: formation, name: Formation, addresses: [\""+one.server.URL+"/cas\"], protocol: cas, identifier: email}\n"))
	one.connect(s, "contrats")
	two.connect(s, "bilans")
	p := s.Person(t)
	p.Open(one.ask())
	if !strings.Contains(p.Body, "Vous vous connectez pour accéder à Service contrats.") {
		t.Errorf("the login page does not name the service: %s", p.Body)
	}
	p.LogIn()
	id, claims, token := one.signedIn(p)
	if id.Subject != servicetest.Camille || claims["email"] != servicetest.Camille || claims["given_name"] != "Camille" || claims["sid"] == nil {
		t.Errorf("sub %q, claims %v", id.Subject, claims)
	}
	info, err := one.provider.UserInfo(one.context(), oauth2.StaticTokenSource(token))
	servicetest.Must(t, err)
	if info.Subject != servicetest.Camille || info.Email != servicetest.Camille {
		t.Errorf("userinfo %+v", info)
	}

	// Another service asks no password, and knows the person by another name; so does one that speaks CAS, on the same session.
	p.Open(two.ask())
	other, _, _ := two.signedIn(p)
	if len(other.Subject) != 26 || strings.Contains(other.Subject, "@") {
		t.Errorf("an opaque identifier: %q", other.Subject)
	}
	p.Open(s.Front + "/cas/login?service=" + url.QueryEscape(one.server.URL+"/cas"))
	if !strings.HasPrefix(p.URL.Query().Get("ticket"), "ST-") {
		t.Errorf("CAS asks again: %s", p.URL)
	}
	// Without a page: who has entered a service is let in, who is unknown is not.
	p.Open(one.ask("prompt", "none"))
	if again, _, _ := one.signedIn(p); again.Subject != id.Subject {
		t.Errorf("prompt=none: %q", again.Subject)
	}
	stranger := s.Person(t)
	stranger.Open(one.ask("prompt", "none"))
	if one.back.Get("error") != "login_required" {
		t.Errorf("prompt=none without a session: %v at %s", one.back, stranger.URL)
	}

	// The other way: a session that CAS began opens a service of OpenID Connect.
	q := s.Person(t)
	q.Open(s.Front + "/cas/login?service=" + url.QueryEscape(one.server.URL+"/cas"))
	q.LogIn()
	q.Open(two.ask())
	if again, _, _ := two.signedIn(q); again.Subject != other.Subject {
		t.Errorf("another browser, another name: %q", again.Subject)
	}
}

// A service that wants a new login gets one, whatever session there is; the answer to one request is no answer to the next.
func TestNewLogin(t *testing.T) {
	c := newClient(t)
	s := servicetest.Start(t, registryOf(c.entry("contrats", "email", "")))
	c.connect(s, "contrats")
	p := s.Person(t)
	p.Open(c.ask())
	p.LogIn()
	c.signedIn(p)
	for _, demand := range [][]string{{"prompt", "login"}, {"max_age", "0"}} {
		p.Open(c.ask(demand...))
		if p.URL.Path != "/connexion" {
			t.Fatalf("%v: no login page at %s", demand, p.URL)
		}
		p.LogIn()
		c.signedIn(p)
	}
	p.Open(c.ask("max_age", "3600"))
	c.signedIn(p)

	// Somebody else logs in: the first person's session at Hydra ends, and the service hears so.
	s.Kratos.Create(t, kratostest.Identity{Email: "dominique@example.test", GivenName: "Dominique", FamilyName: "Roy", Password: servicetest.Password})
	p.Open(c.ask("prompt", "login"))
	p.LogInAs("dominique@example.test")
	if id, _, _ := c.signedIn(p); id.Subject != "dominique@example.test" {
		t.Errorf("signed in as %q", id.Subject)
	}
	p.Open(c.ask())
	if id, _, _ := c.signedIn(p); id.Subject != "dominique@example.test" {
		t.Errorf("afterwards as %q", id.Subject)
	}
}
