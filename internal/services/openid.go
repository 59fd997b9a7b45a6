package services

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
)

// OpenID is what an entry with the protocol oidc has besides: a client of Hydra. Its identifier is the claim sub, its attributes are
// claims of the ID token and of userinfo, its logout is where Hydra posts the logout token.
type OpenID struct {
	// Client is the client_id; empty: the entry's id.
	Client string `yaml:"client"`
	// Auth is how the client proves itself at the token address: basic, post, or none (a public client, which must use PKCE).
	Auth ClientAuth `yaml:"auth"`
	// Redirects are where the browser may come back with a code: each exact.
	Redirects []string `yaml:"redirects"`
	// PostLogout are where it may come back after a log-out: each exact, at the host of one of Redirects.
	PostLogout []string `yaml:"post_logout"`
	// Scopes are what the client may ask for; none: openid profile email. They say nothing of what is released: attributes do.
	Scopes []string `yaml:"scopes"`
}

// ClientAuth is a way for a client to prove itself.
type ClientAuth string

// The ways.
const (
	AuthBasic ClientAuth = "basic"
	AuthPost  ClientAuth = "post"
	AuthNone  ClientAuth = "none"
)

var (
	clientID      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{1,99}$`)
	knownScopes   = []string{"openid", "profile", "email", "address", "phone"}
	defaultScopes = []string{"openid", "profile", "email"}
	// Hydra writes these claims itself (OpenID Connect Core 2, 3.1.3.6; Back-Channel Logout 2.1).
	ownClaims = []string{"iss", "sub", "aud", "exp", "iat", "nbf", "jti", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash", "sid", "rat", "events"}
)

// checkProtocol holds an entry to what its protocol needs, and to nothing of the other.
func (s *Service) checkProtocol() (faults []error) {
	switch s.Protocol {
	case CAS, SAML:
		if len(s.Addresses) == 0 {
			faults = append(faults, errors.New("addresses: one is required"))
		}
		if s.OpenID != nil {
			faults = append(faults, fmt.Errorf("openid: is for the protocol %s", OIDC))
		}
	case OIDC:
		if len(s.Addresses) > 0 {
			faults = append(faults, fmt.Errorf("addresses: the protocol %s has openid.redirects", OIDC))
		}
		if s.OpenID == nil {
			return append(faults, fmt.Errorf("openid: is required with the protocol %s", OIDC))
		}
		faults = append(faults, s.OpenID.check(s)...)
	default:
		faults = append(faults, fmt.Errorf("protocol: %q is not %s, %s or %s", s.Protocol, CAS, SAML, OIDC))
	}
	return faults
}

// check also fills in what may be left out.
func (o *OpenID) check(s *Service) (faults []error) {
	add := func(format string, values ...any) { faults = append(faults, fmt.Errorf(format, values...)) }
	if o.Client == "" {
		o.Client = s.ID
	}
	if !clientID.MatchString(o.Client) {
		add("openid.client: %q is not 2 to 100 letters, digits, dots, hyphens and underscores", o.Client)
	}
	if o.Auth == "" {
		o.Auth = AuthBasic
	}
	if !slices.Contains([]ClientAuth{AuthBasic, AuthPost, AuthNone}, o.Auth) {
		add("openid.auth: %q is not %s, %s or %s", o.Auth, AuthBasic, AuthPost, AuthNone)
	}
	if len(o.Scopes) == 0 {
		o.Scopes = defaultScopes
	}
	for _, scope := range o.Scopes {
		if !slices.Contains(knownScopes, scope) {
			add("openid.scopes: %q is none of %v (a service gets no refresh token: it would outlive the log-out)", scope, knownScopes)
		}
	}
	if !slices.Contains(o.Scopes, "openid") {
		add("openid.scopes: openid is one of them")
	}
	for name := range s.Attributes {
		if slices.Contains(ownClaims, name) {
			add("attributes: %q is a claim of OpenID Connect itself; the identifier is sub", name)
		}
	}
	return append(faults, o.checkAddresses()...)
}

func (o *OpenID) checkAddresses() (faults []error) {
	if len(o.Redirects) == 0 {
		faults = append(faults, errors.New("openid.redirects: one is required"))
	}
	var origins []string
	for _, raw := range o.Redirects {
		a, err := parseAddress(raw)
		if err != nil {
			faults = append(faults, fmt.Errorf("openid.redirects: %q: %w", raw, err))
			continue
		}
		origins = append(origins, a.origin())
	}
	for _, raw := range o.PostLogout {
		a, err := parseAddress(raw)
		switch {
		case err != nil:
			faults = append(faults, fmt.Errorf("openid.post_logout: %q: %w", raw, err))
		case !slices.Contains(origins, a.origin()):
			faults = append(faults, fmt.Errorf("openid.post_logout: %q: is at the host of none of the redirects", raw))
		}
	}
	return faults
}

// sameClients names two entries that Hydra would take for one.
func (r *Registry) sameClients() (faults []error) {
	seen := map[string]string{}
	for _, s := range r.Services {
		if s == nil || s.OpenID == nil {
			continue
		}
		if other, found := seen[s.OpenID.Client]; found {
			faults = append(faults, fmt.Errorf("%s and %s: both are the client %q", other, s.ID, s.OpenID.Client))
		}
		seen[s.OpenID.Client] = s.ID
	}
	return faults
}

// ByClient finds the entry of a client of Hydra; nil for one that is not of the registry.
func (r *Registry) ByClient(client string) *Service {
	for _, s := range r.Services {
		if s.OpenID != nil && s.OpenID.Client == client {
			return s
		}
	}
	return nil
}

// Speaks tells whether any entry has the protocol.
func (r *Registry) Speaks(p Protocol) bool {
	return slices.ContainsFunc(r.Services, func(s *Service) bool { return s.Protocol == p })
}
