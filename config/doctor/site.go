package doctor

import (
	"net/netip"
	"strings"
)

// siteRules: what the site itself is started with.
var siteRules = []*Rule{
	{
		ID:      "proxy-trusted",
		Gravity: Broken,
		Why:     "The site ends no TLS, so a proxy stands before it. Where its address is not trusted, all people come from it: they share the limits of one, and are refused together.",
		Write:   "the site's trusted_proxies: the network that the proxy is on, and no other",
		Broken:  `site: {public_url: "https://efpconnect.example.test"}`,
		Passes:  `site: {public_url: "https://efpconnect.example.test", trusted_proxies: [10.1.0.0/24]}`,
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
		ID:      "proxies-narrow",
		Gravity: Danger,
		Why: "What a trusted address writes in X-Forwarded-For is believed. Without containers, their networks are those of other machines: " +
			"whoever is on one of them and reaches the site has no limit.",
		Write:  "the site's trusted_proxies: 127.0.0.0/8 for processes on one machine, or the address of the proxy itself",
		Broken: `{site: {public_url: "https://efpconnect.example.test", trusted_proxies: [172.16.0.0/12, 127.0.0.0/8]}, kratos: {serve: {public: {host: 127.0.0.1}}}}`,
		Passes: `{site: {public_url: "https://efpconnect.example.test", trusted_proxies: [127.0.0.0/8, 10.1.0.7/32]}, kratos: {serve: {public: {host: 127.0.0.1}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			kratos, err := netip.ParseAddr(f.text("serve.public.host"))
			if err != nil || !kratos.IsLoopback() || !f.inService() || f.Site == nil {
				return
			}
			for _, text := range f.Site.TrustedProxies {
				network, err := netip.ParsePrefix(text)
				if err == nil && !network.Addr().IsLoopback() && network.Bits() > 0 && network.Addr().BitLen()-network.Bits() > 8 {
					say("settings: trusted_proxies", "%s is a network of containers or of a site, and Kratos listens on this machine alone", text)
				}
			}
		},
	},
	{
		ID:      "notice-sent",
		Gravity: Advice,
		Why:     "Nobody would be told that their password was changed: the mail by which a person notices that it was not they.",
		Write:   "the site's notice_smtp (EFP_NOTICE_SMTP or EFP_NOTICE_SMTP_FILE): the relay",
		Broken:  `{site: {notices: false}, processes: [{name: site, command: [/bin/selfservice-ui]}]}`,
		Passes:  `{site: {notices: true}, processes: [{name: site, command: [/bin/selfservice-ui]}]}`,
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
		ID:      "pages-filled",
		Gravity: Broken,
		Why:     "The defaults lead to example.test, and a legal page has a hole: the person who needs help, or their rights, finds nobody.",
		Write:   "each in the settings of the site (file, or EFP_… variable)",
		Broken:  `site: {public_url: "https://efpconnect.example.test", defaults: [assistance_url]}`,
		Passes:  `site: {public_url: "https://efpconnect.example.test", defaults: []}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.Site != nil && !f.Site.local() && len(f.Site.Defaults) > 0 {
				say("settings", "nobody has filled in: %s", strings.Join(f.Site.Defaults, ", "))
			}
		},
	},
	{
		ID:      "samples-left",
		Gravity: Broken,
		Why:     "example.test is nobody's: a mail to it is lost, a link to it ends nowhere, and a person in need of help or of their rights finds nobody.",
		Write:   "each in the settings of the site (file, or EFP_… variable)",
		Broken:  `site: {public_url: "https://connect.example.org", samples: [assistance_url]}`,
		Passes:  `site: {public_url: "https://connect.example.org", samples: []}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.Site != nil && !f.Site.local() && len(f.Site.Samples) > 0 {
				say("settings", "still of the samples: %s", strings.Join(f.Site.Samples, ", "))
			}
		},
	},
	{
		ID:      "registration-agrees",
		Gravity: Broken,
		Why:     "Where the site offers to create an account and Kratos does not let it, everybody who tries ends at an error. The other way round a door is open that no page uses.",
		Write:   "the site's registration: open or domains, with values.registration: open of kratos-config; or closed in both",
		Broken:  `{site: {registration: open}, kratos: {selfservice: {flows: {registration: {enabled: false}}}}}`,
		Passes:  `{site: {registration: open}, kratos: {selfservice: {flows: {registration: {enabled: true}}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			const key = flows + "registration.enabled"
			if f.Kratos == nil || f.Site == nil || f.Site.Registration == "" {
				return
			}
			closed := f.Site.Registration == "closed"
			switch open := f.truth(key); {
			case open && closed:
				say(key, "is true%s, and the site's registration is closed", f.unwritten(key))
			case !open && !closed:
				say(key, "is false, and the site's registration is %s", f.Site.Registration)
			}
		},
	},
	{
		ID:      "site-https",
		Gravity: Danger,
		Why:     "Codes and passwords would cross the network in clear, and the cookies of the reset would not be bound to the host.",
		Write:   "public_url: https://…, TLS ended by the proxy",
		Broken:  `site: {public_url: "http://efpconnect.example.test"}`,
		Passes:  `site: {public_url: "https://efpconnect.example.test"}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.Site != nil && strings.HasPrefix(f.Site.PublicURL, "http://") && !f.Site.local() {
				say("settings: public_url", "is http")
			}
		},
	},
}
