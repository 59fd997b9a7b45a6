package services

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const openidSample = `
services:
  - id: contrats
    name: Contrats
    protocol: oidc
    openid:
      redirects: ["https://contrats.example.test/retour?x=1", "http://127.0.0.1:8080/retour"]
      post_logout: [https://contrats.example.test/]
    identifier: opaque
    attributes: {email: email, given_name: trait.given_name}
    logout: https://contrats.example.test/fin
  - id: formation
    name: Formation
    addresses: [https://contrats.example.test/cas]
    protocol: cas
    identifier: email
`

func TestOpenIDDefaults(t *testing.T) {
	r := parse(t, openidSample)
	s := r.ByClient("contrats")
	if s == nil || r.ByClient("formation") != nil || r.ByClient("") != nil {
		t.Fatal("a client is found by its id alone")
	}
	want := &OpenID{
		Client:     "contrats",
		Auth:       AuthBasic,
		Redirects:  []string{"https://contrats.example.test/retour?x=1", "http://127.0.0.1:8080/retour"},
		PostLogout: []string{"https://contrats.example.test/"},
		Scopes:     []string{"openid", "profile", "email"},
	}
	if diff := cmp.Diff(want, s.OpenID); diff != "" {
		t.Error(diff)
	}
	if !r.Speaks(OIDC) || !r.Speaks(CAS) || r.Speaks(SAML) {
		t.Error("the protocols of the registry")
	}
	// No ticket of CAS goes to a service that speaks OpenID Connect.
	if found, err := r.Match("https://contrats.example.test/retour"); err == nil {
		t.Errorf("matches %s", found.ID)
	}
}

// Each fault of an entry alone, so that none hides behind another.
func TestOpenIDFaults(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"    openid:\n", "    openid:\n      autre: 1\n", "autre"},
		{"    openid:\n", "    addresses: [https://x.example.test/]\n    openid:\n", "addresses: the protocol oidc has openid.redirects"},
		{"protocol: oidc", "protocol: saml", "openid: is for the protocol oidc"},
		{"protocol: cas", "protocol: oidc", "openid: is required"},
		{"    openid:\n", "    openid:\n      client: a b\n", `openid.client: "a b"`},
		{"    openid:\n", "    openid:\n      auth: jwt\n", `openid.auth: "jwt"`},
		{"    openid:\n", "    openid:\n      scopes: [openid, offline_access]\n", "refresh token"},
		{"    openid:\n", "    openid:\n      scopes: [profile]\n", "openid is one of them"},
		{"https://contrats.example.test/retour?x=1", "https://contrats.example.test/../retour", "openid.redirects"},
		{"https://contrats.example.test/retour?x=1", "http://contrats.example.test/retour", "must begin with https://"},
		{"https://contrats.example.test/retour?x=1", "https://*.example.test/retour", "host must be written"},
		{"post_logout: [https://contrats.example.test/]", "post_logout: [https://autre.example.test/]", "host of none of the redirects"},
		{"given_name: trait.given_name", "sub: trait.given_name", `"sub" is a claim of OpenID Connect itself`},
		{"given_name: trait.given_name", "sid: trait.given_name", `"sid" is a claim`},
		{"protocol: cas", "protocol: oidc\n    openid: {client: contrats, redirects: [https://x.example.test/]}", `both are the client "contrats"`},
	} {
		text := strings.Replace(openidSample, c.old, c.new, 1)
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s in place of %s: %v", c.new, c.old, err)
		}
	}
}
