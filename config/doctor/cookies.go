package doctor

import (
	"strings"
	"time"
)

// uiURLs are the addresses at which Kratos believes the pages to be.
var uiURLs = []string{
	flows + "login.ui_url", flows + "recovery.ui_url", flows + "settings.ui_url", flows + "error.ui_url",
	flows + "logout.after.default_browser_return_url", "selfservice.default_browser_return_url",
}

// cookieRules: the session that a login makes is sent where it is wanted, and nowhere else.
var cookieRules = []*Rule{
	{
		ID:      "cookies-secure",
		Gravity: Danger,
		Why:     "On https a session cookie without Secure is sent in clear to whoever makes the browser ask for http. dev mode drops Secure, and shows the codes in the admin API.",
		Write:   "no dev: true, no --dev, no secure: false, where the site is on https",
		Broken:  `{site: {public_url: "https://efpconnect.example.test"}, kratos: {dev: true}}`,
		Passes:  `{site: {public_url: "https://efpconnect.example.test"}, kratos: {cookies: {same_site: Lax}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if !f.https() {
				return
			}
			if f.truth("dev") {
				say("dev", "is true on an https site")
			}
			for _, key := range []string{"cookies.secure", "session.cookie.secure"} {
				if f.has(key) && !f.truth(key) {
					say(key, "is false on an https site")
				}
			}
			for _, p := range f.kratos() {
				if contains(p.Command, "--dev") {
					say(p.Name, "is started with --dev on an https site")
				}
			}
		},
	},
	{
		ID:      "cookie-same-site",
		Gravity: Broken,
		Why:     "Strict is not sent on the first page after a link in a mail or another service; None lets any site act in the person's name.",
		Write:   "session.cookie.same_site: Lax and cookies.same_site: Lax",
		Broken:  `kratos: {session: {cookie: {same_site: None}}}`,
		Passes:  `kratos: {session: {cookie: {same_site: Lax}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, key := range []string{"cookies.same_site", "session.cookie.same_site"} {
				if got := f.text(key); got != "" && got != "Lax" {
					say(key, "is %q", got)
				}
			}
		},
	},
	{
		ID:      "cookie-domain",
		Gravity: Broken,
		Why:     "The services recognise a person by Kratos's cookie. Outside the cookie's domain it is not sent: the person logs in and is asked to log in again, for ever.",
		Write:   "cookies.domain: the domain that the site and every service of return_to have in common",
		Broken:  `{site: {public_url: "https://efpconnect.example.test", return_to: ["https://formation.example.test"]}, kratos: {cookies: {domain: efpconnect.example.test}}}`,
		Passes:  `{site: {public_url: "https://efpconnect.example.test", return_to: ["https://formation.example.test"]}, kratos: {cookies: {domain: example.test}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.Site == nil {
				return
			}
			domain := f.text("session.cookie.domain")
			if domain == "" {
				domain = f.text("cookies.domain")
			}
			for _, address := range append([]string{f.Site.PublicURL}, f.Site.ReturnTo...) {
				host := hostOf(address)
				if domain == "" && host != hostOf(f.Site.PublicURL) {
					say("cookies.domain", "is not set, so %s never sees the session", host)
				}
				if domain != "" && host != domain && !strings.HasSuffix(host, "."+strings.TrimPrefix(domain, ".")) {
					say("cookies.domain", "is %q, which does not cover %s", domain, host)
				}
			}
		},
	},
	{
		ID:      "cookie-name",
		Gravity: Broken,
		Why:     "The site relays one cookie of Kratos's login by its name: under another name the login works and the browser gets nothing.",
		Write:   "the site's session_cookie: Kratos's session.cookie.name",
		Broken:  `{site: {session_cookie: ory_kratos_session}, kratos: {session: {cookie: {name: compte}}}}`,
		Passes:  `{site: {session_cookie: compte}, kratos: {session: {cookie: {name: compte}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			name := f.choice("session.cookie.name")
			if f.Site != nil && f.Site.SessionCookie != "" && f.Site.SessionCookie != name {
				say("session.cookie.name", "is %q, the site's session_cookie is %q", name, f.Site.SessionCookie)
			}
		},
	},
	{
		ID:      "one-host",
		Gravity: Broken,
		Why:     "Kratos sends people to these addresses after an error or an expiry. A host that is not the site's is a page that does not exist, or the page of a test environment.",
		Write:   "the site's public_url in each, as config/kratos.yml does with ${site_url}",
		Broken:  `{site: {public_url: "https://efpconnect.example.test"}, kratos: {selfservice: {flows: {recovery: {ui_url: "http://127.0.0.1:4455/reinitialisation"}}}}}`,
		Passes: `{site: {public_url: "https://e.example.test"}, kratos: {selfservice: {flows: {recovery: {ui_url: "https://e.example.test/reinitialisation"},
  login: {ui_url: "https://e.example.test/connexion"}, error: {ui_url: "https://e.example.test/connexion"},
  settings: {ui_url: "https://e.example.test/reinitialisation/mot-de-passe"}}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.Site == nil || f.Site.PublicURL == "" {
				return
			}
			for _, key := range uiURLs {
				if got := f.choice(key); got != "" && originOf(got) != originOf(f.Site.PublicURL) {
					say(key, "is at %s%s, the site at %s", originOf(got), f.unwritten(key), originOf(f.Site.PublicURL))
				}
			}
		},
	},
	{
		ID:      "cookie-path",
		Gravity: Broken,
		Why:     "A cookie of another path is not sent to the site's pages: the person logs in and is asked to log in again.",
		Write:   "cookies.path: / and no session.cookie.path",
		Broken:  `kratos: {cookies: {path: /app}}`,
		Passes:  `kratos: {cookies: {path: /}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, key := range []string{"cookies.path", "session.cookie.path"} {
				if got := f.choice(key); got != "" && got != "/" {
					say(key, "is %q", got)
				}
			}
		},
	},
	{
		ID:      "session-length",
		Gravity: Advice,
		Why:     "Who finds a browser that was left open, or a cookie that leaked, has the account for that long.",
		Write:   "session.lifespan: 24h, thirty days at most",
		Broken:  `kratos: {session: {lifespan: 8760h}}`,
		Passes:  `kratos: {session: {lifespan: 24h}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if got := f.life("session.lifespan"); got > 30*24*time.Hour {
				say("session.lifespan", "is %.0f days", got.Hours()/24)
			}
		},
	},
	{
		ID:      "return-urls-exact",
		Gravity: Danger,
		Why:     "Kratos sends a person on to any address that fits: a link in a false mail begins at the ministry's login and ends at a stranger's copy of it.",
		Write:   "selfservice.allowed_return_urls: whole origins, in https, without *",
		Broken:  `{site: {public_url: "https://e.example.test"}, kratos: {selfservice: {allowed_return_urls: ["https://*.example.test", "https://e.example.test"]}}}`,
		Passes:  `{site: {public_url: "https://e.example.test"}, kratos: {selfservice: {allowed_return_urls: ["https://e.example.test"]}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, address := range f.list("selfservice.allowed_return_urls") {
				switch {
				case strings.Contains(address, "*"):
					say("selfservice.allowed_return_urls", "%s fits hosts that are not named", address)
				case f.https() && strings.HasPrefix(address, "http:"):
					say("selfservice.allowed_return_urls", "%s is no https", address)
				}
			}
		},
	},
	{
		ID:      "return-urls",
		Gravity: Broken,
		Why:     "Kratos refuses a login whose return_to it does not know: the person who comes from that service sees an error.",
		Write:   "selfservice.allowed_return_urls: the site's public_url and each origin of its return_to",
		Broken:  `{site: {public_url: "https://e.example.test", return_to: ["https://s.example.test"]}, kratos: {selfservice: {allowed_return_urls: ["https://e.example.test"]}}}`,
		Passes:  `{site: {public_url: "https://e.example.test", return_to: ["https://s.example.test"]}, kratos: {selfservice: {allowed_return_urls: ["https://e.example.test", "https://s.example.test"]}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.Site == nil {
				return
			}
			for _, address := range append([]string{f.Site.PublicURL}, f.Site.ReturnTo...) {
				if !containsOrigin(f.list("selfservice.allowed_return_urls"), address) {
					say("selfservice.allowed_return_urls", "does not have %s", originOf(address))
				}
			}
		},
	},
}

func containsOrigin(list []string, address string) bool {
	for _, one := range list {
		if originOf(one) == originOf(address) {
			return true
		}
	}
	return false
}
