package cas_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"efpconnect.example/internal/testkit/servicetest"
)

// phpService runs phpCAS's service on a port, with the configuration that docs/services.md shows.
func phpService(t *testing.T, s *servicetest.Site, port int, version string) {
	t.Helper()
	at, err := url.Parse(s.Front)
	servicetest.Must(t, err)
	config := filepath.Join(t.TempDir(), "phpcas.php")
	text := servicetest.Configured(t, "phpcas.php",
		"CAS_VERSION_3_0", version,
		"'efpconnect.example.test', 443", fmt.Sprintf("'%s', %s", at.Hostname(), at.Port()),
		"https://formation.example.test", fmt.Sprint("http://127.0.0.1:", port),
		"/etc/ssl/certs/ca-certificates.crt", s.CA)
	servicetest.Must(t, os.WriteFile(config, []byte(text), 0o600))
	command := exec.Command("php", "-d", "session.save_path="+t.TempDir(), "-d", "display_errors=1", "-d", "error_reporting=8191",
		"-S", fmt.Sprint("127.0.0.1:", port), "testdata/service.php")
	command.Env = append(os.Environ(), "PHPCAS="+config)
	servicetest.Run(t, port, command)
}

// registryOf is the entry of a service that is told at a path of its own that a session ended.
func registryOf(port int, protocol, logout string) string {
	return fmt.Sprintf(`
services:
  - id: formation
    name: Déclarer une formation
    addresses: ["http://127.0.0.1:%d/"]
    protocol: %s
    identifier: email
    attributes: {givenName: trait.given_name, sn: trait.family_name}
    logout: http://127.0.0.1:%d%s
`, port, protocol, port, logout)
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
	servicetest.Documented(t, "phpcas.php")
	servicetest.Installed(t, "/usr/bin/php", "/usr/share/php/CAS.php")
	for version, protocol := range map[string]string{"CAS_VERSION_1_0": "cas", "CAS_VERSION_2_0": "cas", "CAS_VERSION_3_0": "cas", "SAML_VERSION_1_1": "saml"} {
		t.Run(version, func(t *testing.T) {
			port := servicetest.FreePort(t)
			s := servicetest.Start(t, registryOf(port, protocol, "/"))
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
