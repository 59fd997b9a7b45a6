package cas_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/servicetest"
)

// apache is a service behind Debian's mod_auth_cas, unmodified, that verifies the site's authority.
type apache struct {
	site *servicetest.Site
	at   string
	saml bool
}

func newApache(t *testing.T, saml bool) *apache {
	t.Helper()
	servicetest.Installed(t, "/usr/sbin/apache2", "/usr/lib/apache2/modules/mod_auth_cas.so")
	port := servicetest.FreePort(t)
	protocol := "cas"
	if saml {
		protocol = "saml"
	}
	a := &apache{site: servicetest.Start(t, registryOf(port, protocol, "/app/who.shtml")), at: fmt.Sprint("http://127.0.0.1:", port), saml: saml}
	config := servicetest.Configured(t, "mod_auth_cas.conf",
		"https://efpconnect.example.test", a.site.Front,
		"https://formation.example.test", a.at,
		"/etc/ssl/certs/ca-certificates.crt", a.site.CA,
		"/var/cache/apache2/mod_auth_cas/", "{dir}/cookies/")
	if saml {
		config = strings.Replace(config, "/cas/serviceValidate", "/cas/samlValidate", 1) + "CASValidateSAML On\n"
	}
	page := `user=<!--#echo var="REMOTE_USER" --> given=<!--#echo var="HTTP_CAS_GIVENNAME" -->`
	a.site.Apache(t, port, "auth_cas", config, page, "app", "signature", "ouvert")
	return a
}

// knows tells whether the page in front of a person is the service's own, with who it takes them for. This client reads attributes
// from SAML alone.
func (a *apache) knows(p *servicetest.Person) bool {
	return p.Status == http.StatusOK && strings.HasPrefix(p.URL.String(), a.at) && strings.Contains(p.Body, "user="+servicetest.Camille) &&
		strings.Contains(p.Body, "given=Camille") == a.saml
}

func TestModAuthCAS(t *testing.T) {
	servicetest.Documented(t, "mod_auth_cas.conf")
	for name, saml := range map[string]bool{"CAS 2": false, "SAML 1.1": true} {
		t.Run(name, func(t *testing.T) {
			a := newApache(t, saml)
			p := a.site.Person(t)
			p.Open(a.at + "/app/who.shtml?x=1&y=%C3%A9")
			p.LogIn()
			if !a.knows(p) || p.URL.String() != a.at+"/app/who.shtml?x=1&y=%C3%A9" {
				t.Fatalf("at %s: %d %s", p.URL, p.Status, p.Body)
			}
			t.Run("forged", func(t *testing.T) { a.forged(t) })
			t.Run("gateway", func(t *testing.T) { a.gateway(t, p) })
			t.Run("renew", func(t *testing.T) { a.renew(t, p) })
			t.Run("logout", func(t *testing.T) { a.logout(t, p) })
		})
	}
}

func (a *apache) forged(t *testing.T) {
	stranger := a.site.Person(t)
	if stranger.Open(a.at + "/app/who.shtml?ticket=ST-FORGED"); strings.Contains(stranger.Body, servicetest.Camille) {
		t.Errorf("a forged ticket signs in: %s", stranger.Body)
	}
	if stranger.Open(a.at + "/app/who.shtml"); stranger.URL.Path != "/connexion" {
		t.Errorf("after a forged ticket the service shows %s: %s", stranger.URL, stranger.Body)
	}
}

// gateway: who is unknown comes back to the service without having seen a page, and there this client knows nobody: it has Apache 2.4
// answer an error of its own.
func (a *apache) gateway(t *testing.T, p *servicetest.Person) {
	if p.Open(a.at + "/ouvert/who.shtml"); !a.knows(p) {
		t.Errorf("with a session, a gateway ends at %s: %d %s", p.URL, p.Status, p.Body)
	}
	stranger := a.site.Person(t)
	if stranger.Open(a.at + "/ouvert/who.shtml"); stranger.URL.String() != a.at+"/ouvert/who.shtml" || a.knows(stranger) {
		t.Errorf("without one, a gateway ends at %s: %d %s", stranger.URL, stranger.Status, stranger.Body)
	}
}

func (a *apache) renew(t *testing.T, p *servicetest.Person) {
	p.Open(a.at + "/signature/who.shtml")
	if p.URL.Path != "/connexion" {
		t.Fatalf("no login page at %s: %d %s", p.URL, p.Status, p.Body)
	}
	if p.LogIn(); !a.knows(p) {
		t.Errorf("after a new login: %s %d %s", p.URL, p.Status, p.Body)
	}
}

// logout ends what was opened before the new login too: the session that followed has it.
func (a *apache) logout(t *testing.T, p *servicetest.Person) {
	if p.Open(a.at + "/app/who.shtml"); !a.knows(p) {
		t.Fatalf("the new login ended a session at the service: %s %d %s", p.URL, p.Status, p.Body)
	}
	p.Open(a.site.Front + "/services")
	p.Submit(nil)
	if strings.Contains(p.Body, "Déclarer une formation") {
		t.Errorf("the page after the log-out names the service: %s", p.Body)
	}
	for _, folder := range []string{"app", "signature", "ouvert"} {
		if p.Open(a.at + "/" + folder + "/who.shtml"); a.knows(p) {
			t.Errorf("after the log-out: %s %d %s", p.URL, p.Status, p.Body)
		}
	}
}

// Somebody else logs in in the same browser: the first person's sessions at services end.
func TestAnotherPersonsLogin(t *testing.T) {
	a := newApache(t, false)
	p := a.site.Person(t)
	p.Open(a.at + "/app/who.shtml")
	p.LogIn()
	if !a.knows(p) {
		t.Fatalf("at %s: %d %s", p.URL, p.Status, p.Body)
	}
	const other = "dominique@example.test"
	a.site.Kratos.Create(t, kratostest.Identity{Email: other, GivenName: "Dominique", FamilyName: "Roy", Password: servicetest.Password})
	p.Open(a.at + "/signature/who.shtml")
	p.LogInAs(other)
	if !strings.Contains(p.Body, "user="+other) {
		t.Fatalf("at %s: %d %s", p.URL, p.Status, p.Body)
	}
	// The services are told while the person goes on.
	for until := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if p.Open(a.at + "/app/who.shtml"); !a.knows(p) {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("the first person is still signed in: %s", p.Body)
		}
	}
}
