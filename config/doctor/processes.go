package doctor

import (
	"net/netip"
	"path"
	"slices"
	"strings"
)

// sections are the first words of the variables that Kratos reads as configuration, single those of one word; a test holds both
// to Kratos's own schema.
var (
	sections = []string{"SELFSERVICE_", "SERVE_", "COURIER_", "SECRETS_", "IDENTITY_", "SESSION_", "COOKIES_", "HASHERS_", "CIPHERS_",
		"LOG_", "FEATURE_FLAGS_", "CLIENTS_", "OAUTH2_PROVIDER_", "SECURITY_", "TRACING_", "DATABASE_", "PREVIEW_", "ENTERPRISE_"}
	single = []string{"DSN", "VERSION", "DEV", "WATCH_COURIER", "EXPOSE_METRICS_PORT", "ORGANIZATIONS"}
)

// processRules: who runs, how many times, and who can reach whom.
var processRules = []*Rule{
	{
		ID:     "ports-private",
		Why:    "The admin port asks nobody for anything: whoever reaches it reads every account and sets every password. On the public port, neither the captcha nor a limit stands before the codes.",
		Write:  "publish the proxy alone, and no Kratos on the host's own network; services check sessions by the proxy's whoami route",
		Broken: `processes: [{name: kratos, image: "oryd/kratos:v26.2.0", command: [serve], published: [4433, 4434]}]`,
		Passes: `processes: [{name: kratos, image: "oryd/kratos:v26.2.0", command: [serve]}, {name: proxy, image: "haproxy:3.0", published: [443]}]`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, p := range f.kratos() {
				for _, port := range p.Published {
					say(p.Name, "publishes port %d", port)
				}
				if p.Host {
					say(p.Name, "is on the host's own network")
				}
			}
		},
	},
	{
		ID:     "ports-bound",
		Why:    "A port that listens everywhere is as private as the least private network of its machine. The admin port asks nobody for anything; the site has no use for it, and one that cannot reach it gives no account away, whatever is found in it.",
		Write:  "serve.public.host and serve.admin.host: each an address, or a name that stands for one; the admin's on a network that the site is not on",
		Broken: `kratos: {serve: {public: {host: 10.1.0.5}, admin: {host: 0.0.0.0}}}`,
		Passes: `kratos: {serve: {public: {host: 10.1.0.5}, admin: {host: 10.2.0.5}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.Kratos == nil {
				return
			}
			for _, key := range []string{"serve.public.host", "serve.admin.host"} {
				host := f.text(key)
				address, err := netip.ParseAddr(host)
				switch {
				case host == "" || err == nil && address.IsUnspecified():
					say(key, "is %q: all addresses of the machine", host)
				case err == nil && !private(host):
					say(key, "is %s, an address of the Internet", host)
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
				overrides := slices.Contains(single, name)
				for _, section := range sections {
					overrides = overrides || strings.HasPrefix(name, section)
				}
				if overrides {
					say(name, "overrides the file")
				}
			}
		},
	},
	{
		ID:     "telemetry-off",
		Why:    "Kratos sends figures of its use to its maker, unless told not to.",
		Write:  "SQA_OPT_OUT=true among the variables that Kratos is started with, or `serve --sqa-opt-out`",
		Broken: `{variables: [PATH], processes: [{name: kratos, command: [serve]}]}`,
		Passes: `{variables: [PATH, SQA_OPT_OUT], processes: [{name: kratos, command: [serve]}]}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, p := range f.kratos() {
				if p.serves() && !slices.Contains(f.Variables, "SQA_OPT_OUT") && !contains(p.Command, "--sqa-opt-out") {
					say(p.Name, "sends figures to sqa.ory.sh")
				}
			}
		},
	},
}

// siteRules: what the site itself is started with.
var siteRules = []*Rule{
	{
		ID:     "proxy-trusted",
		Why:    "The site ends no TLS, so a proxy stands before it. Where its address is not trusted, all people come from it: they share the limits of one, and are refused together.",
		Write:  "the site's trusted_proxies: the network that the proxy is on, and no other",
		Broken: `site: {public_url: "https://efpconnect.example.test"}`,
		Passes: `site: {public_url: "https://efpconnect.example.test", trusted_proxies: [10.1.0.0/24]}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.Site == nil || !strings.HasPrefix(f.Site.PublicURL, "https:") {
				return
			}
			if len(f.Site.TrustedProxies) == 0 {
				say("settings: trusted_proxies", "is empty")
			}
			for _, text := range f.Site.TrustedProxies {
				if network, err := netip.ParsePrefix(text); err == nil && network.Bits() == 0 {
					say("settings: trusted_proxies", "%s trusts everybody: who writes X-Forwarded-For has no limit", text)
				}
			}
		},
	},
	{
		ID:     "notice-sent",
		Why:    "Nobody would be told that their password was changed: the mail by which a person notices that it was not they.",
		Write:  "the site's notice_smtp (EFP_NOTICE_SMTP or EFP_NOTICE_SMTP_FILE): the relay",
		Broken: `{site: {notices: false}, processes: [{name: site, command: [/bin/selfservice-ui]}]}`,
		Passes: `{site: {notices: true}, processes: [{name: site, command: [/bin/selfservice-ui]}]}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, p := range f.Processes {
				if f.Site != nil && !f.Site.Notices && p.site() {
					say(p.Name, "has no relay for the notice")
				}
			}
		},
	},
}

// pageRules: what people read was written for them.
var pageRules = []*Rule{
	{
		ID:     "pages-filled",
		Why:    "The defaults lead to example.test, and a legal page has a hole: the person who needs help, or their rights, finds nobody.",
		Write:  "each in the settings of the site (file, or EFP_… variable)",
		Broken: `site: {public_url: "https://efpconnect.example.test", defaults: [assistance_url]}`,
		Passes: `site: {public_url: "https://efpconnect.example.test", defaults: []}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.Site == nil || f.Site.local() {
				return
			}
			for _, setting := range f.Site.Defaults {
				say("settings: "+setting, "nobody has filled it in")
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
func (s *Site) local() bool { return local(s.PublicURL) }

func local(address string) bool {
	host := hostOf(address)
	return host == "127.0.0.1" || host == "localhost" || host == "::1"
}

// inService tells what others than the demonstration's own machine see: the site, or the pages that the document leads to.
func (f *Facts) inService() bool {
	if f.Site != nil && f.Site.PublicURL != "" && !f.Site.local() {
		return true
	}
	pages := f.text("selfservice.default_browser_return_url")
	return pages != "" && !local(pages)
}

// kratos are the processes that run Kratos.
func (f *Facts) kratos() (found []Process) {
	for _, p := range f.Processes {
		if p.kratos() {
			found = append(found, p)
		}
	}
	return found
}

// kratos tells it by the image or the program; where neither is said, by what it is asked to do.
func (p Process) kratos() bool {
	if len(p.Command) > 0 && path.Base(p.Command[0]) == "kratos" {
		return true
	}
	if p.Image == "" {
		return contains(p.Command, "serve") || contains(p.Command, "courier")
	}
	return strings.Contains(p.Image, "kratos")
}

// serves tells a Kratos that takes both ports.
func (p Process) serves() bool { return contains(p.Command, "serve") }

func (p Process) site() bool {
	return len(p.Command) > 0 && strings.HasSuffix(p.Command[0], "selfservice-ui")
}

func (p Process) count() int { return max(p.Replicas, 1) }
