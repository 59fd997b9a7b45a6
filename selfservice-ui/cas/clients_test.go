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
)

// phpService runs phpCAS's service on a port.
func phpService(t *testing.T, s *signIn, port int, version string) {
	t.Helper()
	at, err := url.Parse(s.url)
	must(t, err)
	command := exec.Command("php", "-d", "session.save_path="+t.TempDir(), "-d", "display_errors=1", "-d", "error_reporting=8191",
		"-S", fmt.Sprint("127.0.0.1:", port), "testdata/service.php")
	command.Env = append(os.Environ(), "CAS_VERSION_NAME="+version, "CAS_PORT="+at.Port(), "CAS_CA="+s.ca, fmt.Sprint("SERVICE=http://127.0.0.1:", port))
	run(t, port, command)
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
func (p *person) signedIn() (user string, attributes map[string]any) {
	p.t.Helper()
	var said struct {
		User       string
		Attributes map[string]any
	}
	if err := json.Unmarshal([]byte(p.body), &said); err != nil {
		p.t.Fatalf("%v at %s: %d %s", err, p.url, p.status, p.body)
	}
	return said.User, said.Attributes
}

// Debian's phpCAS, unmodified, over TLS with the authority verified: each version that it speaks.
func TestPHPCAS(t *testing.T) {
	installed(t, "/usr/bin/php", "/usr/share/php/CAS.php")
	for version, protocol := range map[string]string{"CAS_VERSION_1_0": "cas", "CAS_VERSION_2_0": "cas", "CAS_VERSION_3_0": "cas", "SAML_VERSION_1_1": "saml"} {
		t.Run(version, func(t *testing.T) {
			port := freePort(t)
			s := start(t, registryOf(port, protocol))
			phpService(t, s, port, version)
			service := fmt.Sprintf("http://127.0.0.1:%d/page?x=1", port)
			p := s.person(t)
			p.open(service)
			if !strings.Contains(p.body, "Vous vous connectez pour accéder à Déclarer une formation.") {
				t.Errorf("the login page does not name the service: %s", p.body)
			}
			p.logIn()
			user, attributes := p.signedIn()
			if user != camille || !strings.HasPrefix(p.url.String(), service) {
				t.Errorf("signed in as %q at %s", user, p.url)
			}
			if protocol == "saml" || version == "CAS_VERSION_3_0" {
				if attributes["givenName"] != "Camille" || attributes["sn"] != "Serve" {
					t.Errorf("attributes %v", attributes)
				}
			}
			// A ticket that the site did not make signs nobody in: the validator does not say yes to everything.
			stranger := s.person(t)
			stranger.open(service + "&ticket=ST-FORGED")
			if stranger.status == 200 && strings.Contains(stranger.body, camille) {
				t.Errorf("a forged ticket signs in: %s", stranger.body)
			}
			// Another visit needs no password; a new login does.
			other := s.person(t)
			other.client.Jar = p.client.Jar
			other.open(fmt.Sprintf("http://127.0.0.1:%d/page?anew=1", port))
			if other.url.Path == "/connexion" {
				other.logIn()
			}
			if user, _ := other.signedIn(); user != camille {
				t.Errorf("after a new login: %q", user)
			}
			passive := s.person(t)
			passive.open(fmt.Sprintf("http://127.0.0.1:%d/page?passive=1", port))
			if user, _ := passive.signedIn(); user != "" {
				t.Errorf("a gateway shows a page or signs in: %q", user)
			}
			// « Se déconnecter » ends the session at the service too.
			p.open(s.url + "/services")
			p.submit(nil)
			p.open(fmt.Sprintf("http://127.0.0.1:%d/page?passive=1", port))
			if user, _ := p.signedIn(); user != "" {
				t.Errorf("after the log-out the service still knows %q", user)
			}
		})
	}
}

// Debian's Apache with mod_auth_cas, unmodified, over TLS with the authority verified.
func TestModAuthCAS(t *testing.T) {
	installed(t, "/usr/sbin/apache2", "/usr/lib/apache2/modules/mod_auth_cas.so")
	for name, c := range map[string]struct{ protocol, extra string }{
		"CAS 2":    {"cas", "CASValidateURL %s/cas/serviceValidate"},
		"SAML 1.1": {"saml", "CASValidateURL %s/cas/samlValidate\nCASValidateSAML On\nCASSSOEnabled On"},
	} {
		t.Run(name, func(t *testing.T) {
			port := freePort(t)
			s := start(t, registryOf(port, c.protocol))
			dir := apache(t, s, port, fmt.Sprintf(c.extra, s.url))
			must(t, os.WriteFile(filepath.Join(dir, "htdocs", "who.shtml"), []byte(`<!--#echo var="REMOTE_USER" --> <!--#echo var="HTTP_CAS_SN" -->`), 0o644))
			service := fmt.Sprintf("http://127.0.0.1:%d/who.shtml?x=1&y=%%C3%%A9", port)
			p := s.person(t)
			p.open(service)
			p.logIn()
			if !strings.Contains(p.body, camille) || p.url.Port() != fmt.Sprint(port) {
				t.Errorf("at %s: %d %s", p.url, p.status, p.body)
			}
			stranger := s.person(t)
			stranger.open(service + "&ticket=ST-FORGED")
			if strings.Contains(stranger.body, camille) {
				t.Errorf("a forged ticket signs in: %s", stranger.body)
			}
		})
	}
}

// apache runs one that asks for a sign-in everywhere, and returns its folder.
func apache(t *testing.T, s *signIn, port int, validate string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"htdocs", "cookies"} {
		must(t, os.Mkdir(filepath.Join(dir, name), 0o777))
		must(t, os.Chmod(filepath.Join(dir, name), 0o777))
	}
	for at := dir; at != "/" && at != os.TempDir(); at = filepath.Dir(at) {
		must(t, os.Chmod(at, 0o755)) // Apache's children are another user
	}
	must(t, os.Chmod(s.ca, 0o644))
	must(t, os.Chmod(filepath.Dir(s.ca), 0o755))
	var modules strings.Builder
	for _, m := range []string{"mpm_event", "authn_core", "authz_core", "authz_user", "auth_cas", "include", "mime", "dir"} {
		fmt.Fprintf(&modules, "LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n", m, m)
	}
	config := fmt.Sprintf(`ServerRoot %[1]s
ServerName 127.0.0.1
Listen 127.0.0.1:%[2]d
PidFile %[1]s/apache.pid
ErrorLog /dev/stderr
TypesConfig /dev/null
User www-data
Group www-data
%[3]sDocumentRoot %[1]s/htdocs
CASLoginURL %[4]s/cas/login
%[5]s
CASCertificatePath %[6]s
CASCookiePath %[1]s/cookies/
CASRootProxiedAs http://127.0.0.1:%[2]d
<Directory %[1]s/htdocs>
  AuthType CAS
  CASAuthNHeader On
  Require valid-user
  Options +Includes
  AddType text/html .shtml
  AddOutputFilter INCLUDES .shtml
</Directory>
`, dir, port, modules.String(), s.url, validate, s.ca)
	file := filepath.Join(dir, "apache.conf")
	must(t, os.WriteFile(file, []byte(config), 0o644))
	run(t, port, exec.Command("/usr/sbin/apache2", "-d", dir, "-f", file, "-DFOREGROUND"))
	return dir
}
