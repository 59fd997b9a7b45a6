package deployment

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"efpconnect.example/config"
	"efpconnect.example/config/doctor"
	"efpconnect.example/internal/settings"
	"efpconnect.example/selfservice-ui/sitepath"
)

const root = "../../"

// profiles with what they run on: everything that an administrator starts by name.
var profiles = map[string]string{"demo": "demo", "production": "production", "migrate": "production", "clean": "production"}

func project(t *testing.T, profile string) *types.Project {
	t.Helper()
	p, err := doctor.Compose(t.Context(), root+"docker-compose.yml", []string{profile}, map[string]string{"EFP_ENVIRONMENT": profiles[profile]})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rendered is what kratos-config's own service would write.
func rendered(t *testing.T, environment string) *Deployment {
	t.Helper()
	env := maps.Clone(known)
	delete(env, "EFP_KRATOS_SMTP_URI") // the overlay's
	return read(t, environment, Options{Overlay: root + "deploy/overlays/compose.yml", Getenv: func(name string) string { return env[name] },
		Flags: flags(t, "--config", root+"deploy/settings/"+environment+".yml")})
}

// As for Docker, an asterisk is every profile.
func TestAllProfiles(t *testing.T) {
	all := project(t, "*").ServiceNames()
	for profile := range profiles {
		for _, name := range project(t, profile).ServiceNames() {
			if !slices.Contains(all, name) {
				t.Errorf("%s of %s is not among %v", name, profile, all)
			}
		}
	}
}

func TestComposePassesTheDoctor(t *testing.T) {
	for _, profile := range []string{"demo", "production"} {
		p := project(t, profile)
		facts, err := rendered(t, profile).Facts()
		if err != nil {
			t.Fatal(err)
		}
		facts.Processes, facts.Variables = doctor.Processes(p), doctor.KratosVariables(p)
		facts.Site.SharedStore, facts.Site.Notices = doctor.SharedStore(p), doctor.Notices(p)
		for _, f := range doctor.Examine(facts) {
			if f.Rule.ID == "samples-left" { // they are samples
				continue
			}
			t.Errorf("%s: %s: %s %s", profile, f.Rule.ID, f.Key, f.Says)
		}
	}
}

// Who can reach whom is the whole protection of Kratos's admin port, and of the database.
func TestComposeNetworks(t *testing.T) {
	for profile := range profiles {
		p := project(t, profile)
		for network, want := range map[string][]string{
			"admin": {"canaries", "import-accounts", "kratos"},
			"data":  {"clean-flows", "clean-mails", "erase-person", "kratos", "kratos-courier", "kratos-migrate", "kratos-more", "postgres"},
			"cache": {"redis", "selfservice-ui"},
			"watch": {"selfservice-ui"},
		} {
			for name, service := range p.Services {
				if _, on := service.Networks[network]; on && !slices.Contains(want, name) {
					t.Errorf("%s: %s is on the network %s", profile, name, network)
				}
			}
			if !p.Networks[network].Internal {
				t.Errorf("%s: the network %s leads out", profile, network)
			}
		}
		for name, service := range p.Services {
			for _, port := range service.Ports {
				switch {
				case name == "proxy":
				case port.HostIP == "127.0.0.1" && profile == "demo": // the demonstration, on loopback
				default:
					t.Errorf("%s: %s publishes %s", profile, name, port.Published)
				}
			}
		}
	}
}

// Each address in the rendered document leads to a service, at a port where it listens, over a network that both are on.
func TestComposeAgreesWithTheDocument(t *testing.T) {
	for _, profile := range []string{"demo", "production"} {
		p, document := project(t, profile), parsed(t, rendered(t, profile))
		site := p.Services["selfservice-ui"]
		text := func(key string) string { s, _ := get(document, key).(string); return s }
		if *site.Environment["EFP_KRATOS_URL"]+"/" != text("serve.public.base_url") {
			t.Errorf("the site asks %s, Kratos is at %s", *site.Environment["EFP_KRATOS_URL"], text("serve.public.base_url"))
		}
		meet(t, p, "selfservice-ui", text("serve.public.base_url"), get(document, "serve.public.port"))
		meet(t, p, "kratos-courier", text("courier.smtp.connection_uri"), relayListens(t, p))
		meet(t, p, "selfservice-ui", *site.Environment["EFP_NOTICE_SMTP"], relayListens(t, p))
		hooks := get(document, "selfservice.flows.settings.after.password.hooks").([]any)
		address := hooks[0].(map[string]any)["config"].(map[string]any)["url"].(string)
		_, internal, _ := net.SplitHostPort(*site.Environment["EFP_INTERNAL_LISTEN"])
		meet(t, p, "kratos", address, internal)
		if u, _ := url.Parse(address); u.Path != sitepath.PermitHook {
			t.Errorf("the permit is asked at %s", u.Path)
		}
		name := map[string]string{"demo": "ory_kratos_session", "production": "__Secure-ory_kratos_session"}[profile] // browsers take the latter over https alone
		if text("session.cookie.name") != name {
			t.Errorf("%s: Kratos's cookie is %s, not %s", profile, text("session.cookie.name"), name)
		}
		listens(t, p, text("serve.public.host"), "kratos")
		listens(t, p, text("serve.admin.host"), "admin")
		if reaches(p, "selfservice-ui", text("serve.admin.host")) {
			t.Error("the site can reach the admin port")
		}
		for _, name := range []string{"kratos", "kratos-courier", "kratos-migrate"} {
			mounted(t, p, name, config.DocumentFile, "-c")
		}
		if strings.TrimSuffix(text("courier.template_override_path"), "/"+config.TemplatesRoot) != p.Services["kratos"].Volumes[0].Target {
			t.Error("Kratos does not find its templates where they are mounted")
		}
	}
}

// relayListens is the port at which the mailbox of the demonstration, or the relay, takes mails. Of its master.cf, boky/postfix starts
// `submission inet` alone, and no variable changes that.
func relayListens(t *testing.T, p *types.Project) string {
	t.Helper()
	mailpit, demo := p.Services["mailpit"]
	if !demo {
		if image := p.Services["relay"].Image; !strings.HasPrefix(image, "boky/postfix:") {
			t.Errorf("where does %s listen?", image)
		}
		return "587"
	}
	_, port, err := net.SplitHostPort(*mailpit.Environment["MP_SMTP_BIND_ADDR"])
	if err != nil {
		t.Error(err)
	}
	return port
}

// The relay's start ends at a password file that is not there: none is named where the provider wants no login.
func TestRelayWithoutLogin(t *testing.T) {
	for user, want := range map[string]string{"": "", "efp": "/run/relay/password"} {
		p, err := doctor.Compose(t.Context(), root+"docker-compose.yml", []string{"production"}, map[string]string{"EFP_RELAYHOST": "[smtp.example.test]:25", "EFP_RELAYHOST_USERNAME": user})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Services["relay"].Environment["RELAYHOST_PASSWORD_FILE"]; got == nil || *got != want {
			t.Errorf("login %q: the password's file is %v", user, got)
		}
	}
}

// listens checks that Kratos's name stands for one address, on one network: of a service's own name Docker gives any of its
// addresses, and Kratos would listen where nobody asks.
func listens(t *testing.T, p *types.Project, name, network string) {
	t.Helper()
	if p.Services[name].Name != "" {
		t.Errorf("%s is a service, with an address on each of its networks", name)
	}
	for on, config := range p.Services["kratos"].Networks {
		if has := config != nil && slices.Contains(config.Aliases, name); has != (on == network) {
			t.Errorf("%s on the network %s: %v", name, on, has)
		}
	}
}

// meet checks that a service reaches an address, and that its port is the one somebody listens on.
func meet(t *testing.T, p *types.Project, from, address string, port any) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if !reaches(p, from, u.Hostname()) {
		t.Errorf("%s cannot reach %s", from, u.Hostname())
	}
	if want := fmt.Sprint(port); u.Port() != want {
		t.Errorf("%s asks for port %s of %s, which listens on %s", from, u.Port(), u.Hostname(), want)
	}
}

// reaches tells whether a name is a service's, or its alias, on a network that from is on.
func reaches(p *types.Project, from, host string) bool {
	for network := range p.Services[from].Networks {
		for name, service := range p.Services {
			on, there := service.Networks[network]
			if there && (name == host || on != nil && slices.Contains(on.Aliases, host)) {
				return true
			}
		}
	}
	return false
}

// mounted checks that the file a command names lies under what is mounted.
func mounted(t *testing.T, p *types.Project, service, file, flag string) {
	t.Helper()
	s := p.Services[service]
	at := slices.Index(s.Command, flag)
	if at < 0 || s.Command[at+1] != path.Join(s.Volumes[0].Target, file) {
		t.Errorf("%s reads %v, mounted is %s", service, s.Command, s.Volumes[0].Target)
	}
}

// The file holds no secret, every setting it gives is one, and all that it asks its .env for is known: a typo there is told.
func TestComposeVariables(t *testing.T) {
	for _, s := range secrets {
		if !settings.KnownVariable(s.variable) || !settings.KnownVariable(s.variable+"_FILE") {
			t.Errorf("%s is not known", s.variable)
		}
	}
	content, err := os.ReadFile(root + "docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, asked := range regexp.MustCompile(`\$\{(\w+)`).FindAllStringSubmatch(string(content), -1) {
		if !settings.KnownVariable(asked[1]) {
			t.Errorf("%s is not known", asked[1])
		}
	}
	for profile := range profiles {
		for name, service := range project(t, profile).Services {
			for variable, value := range service.Environment {
				if strings.HasPrefix(variable, "EFP_") && !settings.KnownVariable(variable) {
					t.Errorf("%s: %s is no setting", name, variable)
				}
				if value != nil && *value != "" && regexp.MustCompile(`PASSWORD|SECRET|KEY|DSN|REDIS_URL`).MatchString(variable) && !strings.HasSuffix(variable, "_FILE") {
					t.Errorf("%s: %s holds a secret", name, variable)
				}
				// An empty one is a value: it would win over the settings' file.
				if value != nil && *value == "" && strings.HasPrefix(variable, "EFP_") {
					t.Errorf("%s: %s is empty", name, variable)
				}
			}
		}
	}
}

// Of several Kratos each has one address to listen on: names that they share are what others ask for.
func TestSeveralKratos(t *testing.T) {
	p, document := project(t, "production"), parsed(t, rendered(t, "production"))
	aliases := map[string]int{}
	for _, name := range []string{"kratos", "kratos-more"} {
		for network, on := range p.Services[name].Networks {
			if on == nil {
				continue
			}
			for _, alias := range on.Aliases {
				aliases[network+"/"+alias]++
			}
		}
	}
	for _, side := range []string{"public", "admin"} {
		host, _ := get(document, "serve."+side+".host").(string)
		for alias, count := range aliases {
			if strings.HasSuffix(alias, "/"+host) && count != 1 {
				t.Errorf("%d Kratos listen on %s", count, alias)
			}
		}
	}
	if aliases["kratos/kratos-public"] != 2 {
		t.Errorf("the site does not find every Kratos: %v", aliases)
	}
	more := p.Services["kratos-more"]
	if _, there := more.Networks["admin"]; there || len(more.Networks) != 3 {
		t.Errorf("further Kratos are on %v", more.Networks)
	}
}

// The proxy's file names services and ports of its own accord.
func TestProxyAgrees(t *testing.T) {
	p := project(t, "production")
	site := p.Services["selfservice-ui"]
	_, public, _ := net.SplitHostPort(*site.Environment["EFP_LISTEN"])
	_, internal, _ := net.SplitHostPort(*site.Environment["EFP_INTERNAL_LISTEN"])
	kratos, _ := url.Parse(*site.Environment["EFP_KRATOS_URL"])
	believed := []string{"del-header Forwarded", "del-header X-Forwarded-Host", "set-header X-Forwarded-For %[src]"}
	for file, lines := range map[string][]string{
		"site.cfg":       append([]string{"uri /health/serving", "defaults visitors from base"}, believed...),
		"containers.cfg": append([]string{"selfservice-ui:" + public, "check port " + internal, "server kratos " + kratos.Host + " ", "unless { path /sessions/whoami }"}, believed...),
		"processes.cfg":  append([]string{"127.0.0.1:" + public + " port " + internal, "server kratos 127.0.0.1:" + kratos.Port(), "bind 127.0.0.1:4457", "unless { path /sessions/whoami }"}, believed...),
		"tls.cfg":        {"bind :8443 ssl crt /run/certificates/ ", "frontend tls from visitors", "frontend redirect from visitors"},
		"plain.cfg":      {"bind :8080", "frontend plain from visitors"},
	} {
		content, err := os.ReadFile(root + "deploy/proxy/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			if !strings.Contains(string(content), line) {
				t.Errorf("%s does not hold %q", file, line)
			}
		}
	}
	proxy := p.Services["proxy"]
	if got := proxy.Ports; len(got) != 2 || got[0].Target != 8443 || got[0].Published != "443" || got[1].Target != 8081 || got[1].Published != "80" {
		t.Errorf("the proxy publishes %v", got)
	}
	pages := p.Services["error-pages"]
	if out := slices.Index(pages.Command, "--out"); out < 0 || pages.Command[out+1] != pages.Volumes[0].Target {
		t.Errorf("the pages of the proxy are written by %v into %s", pages.Command, pages.Volumes[0].Target)
	}
	shown := slices.IndexFunc(proxy.Volumes, func(v types.ServiceVolumeConfig) bool { return v.Source == pages.Volumes[0].Source })
	if shown < 0 || proxy.Volumes[shown].Target != "/run/pages" || !proxy.Volumes[shown].ReadOnly {
		t.Errorf("the proxy finds no pages: %v", proxy.Volumes)
	}
	for _, file := range []string{"site.cfg", "containers.cfg", "tls.cfg"} {
		if !slices.Contains(proxy.Command, "/etc/haproxy/"+file) {
			t.Errorf("the proxy does not read %s: %v", file, proxy.Command)
		}
	}
}
