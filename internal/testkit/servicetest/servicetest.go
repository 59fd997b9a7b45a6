// Package servicetest is the whole site over TLS with services that sign people in at it: real clients, which a test starts, and
// persons who keep cookies and fill in the login page. Tests only.
package servicetest

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
)

// The one account.
const (
	Camille  = "camille.serve@example.test"
	Password = "Tilleul-Orage-42"
)

// issuerPath is where the front has Hydra, as the delivered proxy does.
const issuerPath = "/oidc"

// sessionCookie is the name that a new site on https has.
const sessionCookie = "__Secure-ory_kratos_session"

// Site is the whole site over TLS, with a registry of services, and an account.
type Site struct {
	*sitetest.Site
	Front  string // https://, where browsers and services reach it
	Issuer string // of OpenID Connect
	CA     string // a file with the certificate of its authority

	pem []byte
}

// Start starts everything that the registry needs: a Hydra only where an entry speaks OpenID Connect.
func Start(t testing.TB, registry string) *Site {
	t.Helper()
	var site, engine atomic.Pointer[url.URL]
	front := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target := site.Load()
		if path, under := strings.CutPrefix(r.URL.Path, issuerPath); under && engine.Load() != nil {
			target, r.URL.Path = engine.Load(), path
		}
		proxy := httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			p.Out.Host = p.In.Host
		}}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	dir := t.TempDir()
	file := filepath.Join(dir, "services.yml")
	Must(t, os.WriteFile(file, []byte(registry), 0o600))
	s := &Site{Front: front.URL, Issuer: front.URL + issuerPath, CA: filepath.Join(dir, "ca.pem")}
	s.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw})
	Must(t, os.WriteFile(s.CA, s.pem, 0o600))
	s.Site = sitetest.Start(t, sitetest.Options{
		Settings: func(set *settings.Settings) {
			set.PublicURL, set.ReturnTo = front.URL, []string{front.URL}
			set.SessionCookie = sessionCookie
			set.ServicesFile, set.ServicesKey, set.CASPrefixes = file, strings.Repeat("k7", 16), []string{"/cas", "/auth/realms/efp/protocol/cas"}
		},
		Issuer: s.Issuer,
		Engine: func(o *kratosprocess.Options) {
			o.SiteURL = front.URL
			o.Overrides["session.cookie.name"] = sessionCookie
		},
	})
	site.Store(parsed(t, s.Site.URL))
	if s.Hydra != nil {
		engine.Store(parsed(t, s.Hydra.PublicURL))
	}
	s.Kratos.Create(t, kratostest.Identity{Email: Camille, GivenName: "Camille", FamilyName: "Serve", Password: Password, Verified: true})
	return s
}

func parsed(t testing.TB, address string) *url.URL {
	t.Helper()
	at, err := url.Parse(address)
	Must(t, err)
	return at
}

// Must ends the test on an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
