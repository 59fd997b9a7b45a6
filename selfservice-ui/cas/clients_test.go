package cas_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"efpconnect.example/internal/testkit/servicetest"
)

// phpService runs phpCAS's service on a port.
func phpService(t *testing.T, s *servicetest.Site, port int, version string) {
	t.Helper()
	at, err := url.Parse(s.Front)
	servicetest.Must(t, err)
	command := exec.Command("php", "-d", "session.save_path="+t.TempDir(), "-d", "display_errors=1", "-d", "error_reporting=8191",
		"-S", fmt.Sprint("127.0.0.1:", port), "testdata/service.php")
	command.Env = append(os.Environ(), "CAS_VERSION_NAME="+version, "CAS_PORT="+at.Port(), "CAS_CA="+s.CA, fmt.Sprint("SERVICE=http://127.0.0.1:", port))
	servicetest.Run(t, port, command)
}

func registryOf(port int, protocol string) string {
	return fmt.Sprintf(`
services:
  - id: formation
    name: Déclarer une formation
    addresses: ["http://127.0.0.1:%d/"]
    protocol: %s
    identifier: email
    attributes: {givenName: trait.given_name, sn: trait.family_name}
    logout: http://127.0.0.1:%d/
`, port, protocol, port)
}

// signedIn is what the service says of the person.
func signedIn(t *testing.T, p *servicetest.Person) (user string, attributes map[string]any) {
	t.Helper()
	var said struct {
		User       string
		Attributes map[string]any
	}
	if err := json.Unmarshal([]byte(p.Body), &said); err != nil {
		t.Fatalf("%v at %s: %d %s", err, p.URL, p.Status, p.Body)
	}
	return said.User, said.Attributes
}

// Debian's phpCAS, unmodified, over TLS with the authority verified: each version that it speaks.
func TestPHPCAS(t *testing.T) {
	servicetest.Installed(t, "/usr/bin/php", "/usr/share/php/CAS.php")
	for version, protocol := range map[string]string{"CAS_VERSION_1_0": "cas", "CAS_VERSION_2_0": "cas", "CAS_VERSION_3_0": "cas", "SAML_VERSION_1_1": "saml"} {
		t.Run(version, func(t *testing.T) {
			port := servicetest.FreePort(t)
			s := servicetest.Start(t, registryOf(port, protocol))
			phpService(t, s, port, version)
			service := fmt.Sprintf("http://127.0.0.1:%d/page?x=1", port)
			p := s.Person(t)
			p.Open(service)
			if !strings.Contains(p.Body, "Vous vous connectez pour accéder à Déclarer une formation.") {
				t.Errorf("the login page does not name the service: %s", p.Body)
			}
			p.LogIn()
			user, attributes := signedIn(t, p)
			if user != servicetest.Camille || !strings.HasPrefix(p.URL.String(), service) {
				t.Errorf("signed in as %q at %s", user, p.URL)
			}
			if protocol == "saml" || version == "CAS_VERSION_3_0" {
				if attributes["givenName"] != "Camille" || attributes["sn"] != "Serve" {
					t.Errorf("attributes %v", attributes)
				}
			}
			// A ticket that the site did not make signs nobody in: the validator does not say yes to everything.
			stranger := s.Person(t)
			stranger.Open(service + "&ticket=ST-FORGED")
			if stranger.Status == 200 && strings.Contains(stranger.Body, servicetest.Camille) {
				t.Errorf("a forged ticket signs in: %s", stranger.Body)
			}
			// Another visit needs no password; a new login does.
			other := s.Person(t)
			other.Client.Jar = p.Client.Jar
			other.Open(fmt.Sprintf("http://127.0.0.1:%d/page?anew=1", port))
			if other.URL.Path == "/connexion" {
				other.LogIn()
			}
			if user, _ := signedIn(t, other); user != servicetest.Camille {
				t.Errorf("after a new login: %q", user)
			}
			passive := s.Person(t)
			passive.Open(fmt.Sprintf("http://127.0.0.1:%d/page?passive=1", port))
			if user, _ := signedIn(t, passive); user != "" {
				t.Errorf("a gateway shows a page or signs in: %q", user)
			}
			// « Se déconnecter » ends the session at the service too.
			p.Open(s.Front + "/services")
			p.Submit(nil)
			p.Open(fmt.Sprintf("http://127.0.0.1:%d/page?passive=1", port))
			if user, _ := signedIn(t, p); user != "" {
				t.Errorf("after the log-out the service still knows %q", user)
			}
		})
	}
}

// Debian's Apache with mod_auth_cas, unmodified, over TLS with the authority verified.
func TestModAuthCAS(t *testing.T) {
	servicetest.Installed(t, "/usr/sbin/apache2", "/usr/lib/apache2/modules/mod_auth_cas.so")
	for name, c := range map[string]struct{ protocol, extra string }{
		"CAS 2":    {"cas", "CASValidateURL %s/cas/serviceValidate"},
		"SAML 1.1": {"saml", "CASValidateURL %s/cas/samlValidate\nCASValidateSAML On\nCASSSOEnabled On"},
	} {
		t.Run(name, func(t *testing.T) {
			port := servicetest.FreePort(t)
			s := servicetest.Start(t, registryOf(port, c.protocol))
			global := fmt.Sprintf("CASLoginURL %s/cas/login\n"+c.extra+"\nCASCertificatePath %s\nCASCookiePath {dir}/cookies/\nCASRootProxiedAs http://127.0.0.1:%d", s.Front, s.Front, s.CA, port)
			s.Apache(t, port, "auth_cas", global, "  AuthType CAS\n  CASAuthNHeader On", `<!--#echo var="REMOTE_USER" --> <!--#echo var="HTTP_CAS_SN" -->`)
			service := fmt.Sprintf("http://127.0.0.1:%d/who.shtml?x=1&y=%%C3%%A9", port)
			p := s.Person(t)
			p.Open(service)
			p.LogIn()
			if !strings.Contains(p.Body, servicetest.Camille) || p.URL.Port() != fmt.Sprint(port) {
				t.Errorf("at %s: %d %s", p.URL, p.Status, p.Body)
			}
			stranger := s.Person(t)
			stranger.Open(service + "&ticket=ST-FORGED")
			if strings.Contains(stranger.Body, servicetest.Camille) {
				t.Errorf("a forged ticket signs in: %s", stranger.Body)
			}
		})
	}
}
