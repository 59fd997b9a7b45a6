package doctor

import "strings"

// sections are the first words of the variables that Kratos reads as configuration.
var sections = []string{"SELFSERVICE_", "SERVE_", "COURIER_", "SECRETS_", "IDENTITY_", "SESSION_", "COOKIES_", "HASHERS_", "CIPHERS_",
	"LOG_", "FEATURE_FLAGS_", "CLIENTS_", "OAUTH2_PROVIDER_", "SECURITY_", "TRACING_", "DATABASE_", "PREVIEW_"}

// processRules: who runs, how many times, and who can reach whom.
var processRules = []*Rule{
	{
		ID:     "ports-private",
		Why:    "The admin port asks nobody for anything: whoever reaches it reads every account and sets every password. On the public port, neither the captcha nor a limit stands before the codes.",
		Write:  "publish the proxy alone; services check sessions by the proxy's whoami route",
		Broken: `processes: [{name: kratos, image: "oryd/kratos:v26.2.0", command: [serve], published: [4433, 4434]}]`,
		Passes: `processes: [{name: kratos, image: "oryd/kratos:v26.2.0", command: [serve]}, {name: proxy, image: "haproxy:3.0", published: [443]}]`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, p := range f.kratos() {
				for _, port := range p.Published {
					say(p.Name, "publishes port %d", port)
				}
			}
		},
	},
	{
		ID:     "admin-apart",
		Why:    "The site has no use for the admin port. A site that cannot reach it gives no account away, whatever is found in it.",
		Write:  "serve.admin.host: Kratos's name on a network that the site is not on",
		Broken: `{kratos: {serve: {admin: {host: 0.0.0.0}}}, processes: [{name: kratos, command: [serve], networks: [kratos]}, {name: site, image: "efpconnect/selfservice:1", networks: [kratos]}]}`,
		Passes: `{kratos: {serve: {admin: {host: kratos-admin}}}, processes: [{name: kratos, command: [serve], networks: [kratos, admin]}, {name: site, image: "efpconnect/selfservice:1", networks: [kratos]}]}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			host := f.text("serve.admin.host")
			for _, p := range f.kratos() {
				if p.serves() && (host == "" || host == "0.0.0.0" || host == "::") {
					say("serve.admin.host", "%s listens on all its networks (%s)", p.Name, strings.Join(p.Networks, ", "))
				}
			}
		},
	},
	{
		ID:     "replicas-share",
		Why:    "Permits, tries, captchas and outcomes live in the store. In the memory of one process, the other knows none of it: every second password is refused.",
		Write:  "the site's redis_url, as soon as there are two of it",
		Broken: `{site: {shared_store: false}, processes: [{name: site, command: [/bin/selfservice-ui], replicas: 2}]}`,
		Passes: `{site: {shared_store: true}, processes: [{name: site, command: [/bin/selfservice-ui], replicas: 2}]}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, p := range f.Processes {
				if f.Site != nil && !f.Site.SharedStore && p.site() && p.count() > 1 {
					say(p.Name, "%d replicas, each with a memory of its own", p.count())
				}
			}
		},
	},
	{
		ID:     "variables-win",
		Why:    "Kratos lets a variable of its environment win over the file, in silence: what was rendered, validated and examined is not what runs.",
		Write:  "no variable named after a key of Kratos; put the value in an overlay and render",
		Broken: `variables: [PATH, SELFSERVICE_METHODS_LINK_ENABLED]`,
		Passes: `variables: [PATH, SQA_OPT_OUT]`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, name := range f.Variables {
				if name == "DSN" || name == "VERSION" || name == "DEV" {
					say(name, "overrides the file")
				}
				for _, section := range sections {
					if strings.HasPrefix(name, section) {
						say(name, "overrides the file")
					}
				}
			}
		},
	},
}

// pageRules: what people read was written for them.
var pageRules = []*Rule{
	{
		ID:     "pages-filled",
		Why:    "The defaults lead to example.test: the person who needs help, or their rights, finds a page that does not exist.",
		Write:  "each in the settings of the site (file, or EFP_… variable)",
		Broken: `site: {public_url: "https://efpconnect.example.test", defaults: [assistance_url]}`,
		Passes: `site: {public_url: "https://efpconnect.example.test", defaults: []}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.Site == nil || f.Site.local() {
				return
			}
			for _, setting := range f.Site.Defaults {
				say("settings: "+setting, "is still the default")
			}
		},
	},
	{
		ID:     "site-https",
		Why:    "Codes and passwords would cross the network in clear, and the cookies of the reset would not be bound to the host.",
		Write:  "public_url: https://…, TLS ended by the proxy",
		Broken: `site: {public_url: "http://efpconnect.example.test"}`,
		Passes: `site: {public_url: "https://efpconnect.example.test"}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.Site != nil && strings.HasPrefix(f.Site.PublicURL, "http://") && !f.Site.local() {
				say("settings: public_url", "is http")
			}
		},
	},
}

// local tells the demonstration, which nobody but its own machine sees.
func (s *Site) local() bool {
	host := hostOf(s.PublicURL)
	return host == "127.0.0.1" || host == "localhost" || host == "::1"
}

// kratos are the processes that run Kratos.
func (f *Facts) kratos() (found []Process) {
	for _, p := range f.Processes {
		if strings.Contains(p.Image, "kratos:") || strings.HasSuffix(p.Image, "kratos") || p.serves() || contains(p.Command, "courier") {
			found = append(found, p)
		}
	}
	return found
}

// serves tells a Kratos that takes both ports.
func (p Process) serves() bool { return len(p.Command) > 0 && p.Command[0] == "serve" }

func (p Process) site() bool {
	return len(p.Command) > 0 && strings.HasSuffix(p.Command[0], "selfservice-ui")
}

func (p Process) count() int { return max(p.Replicas, 1) }
