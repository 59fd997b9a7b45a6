package doctor

import (
	"cmp"
	"strings"
	"time"

	"github.com/knadh/koanf/v2"

	"efpconnect.example/config"
)

const (
	flows         = "selfservice.flows."
	passwordHooks = flows + "settings.after.password.hooks"
	passwordKeys  = "selfservice.methods.password.config."
)

// permitBody is the question of the permit that lets a password be saved.
var permitBody = config.PermitBody("settings", "password")

var permitSample = `{hook: web_hook, config: {url: "http://selfservice-ui:4456/hooks/password-permit", method: POST,
  body: "` + permitBody + `",
  auth: {type: api_key, config: {in: header, name: Authorization, value: "of the site, 32 characters or more"}}, response: {parse: true}}}`

// passwordRules: no password is saved that the site has not judged, and none that is weaker than the law's minimum.
var passwordRules = []*Rule{
	{
		ID:     "permit-first",
		Why:    "Kratos counts bytes and knows no character classes. Without the site's permit as the first hook, whoever reaches Kratos's public port sets any password of 12 bytes, and a hook before it acts on a password that may be refused.",
		Write:  passwordHooks + ", first of the list, with the site's own address and hook_key: " + permitSample,
		Broken: `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [{hook: revoke_active_sessions}]}}}}}}`,
		Passes: `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + permitSample + `]}}}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			hooks := f.document.Slices(passwordHooks)
			switch at := permitAt(hooks); {
			case at < 0:
				say(passwordHooks, "the permit is absent")
			case at > 0:
				say(passwordHooks, "the permit is hook number %d", at+1)
			}
		},
	},
	{
		ID:    "permit-blocks",
		Why:   "Without response.parse: true Kratos saves the password first and asks later; with response.ignore it does not wait for the answer. Both in silence.",
		Write: "on the permit: method: POST, response: {parse: true}, no ignore, the body of our kratos.yml",
		Broken: `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [{hook: web_hook, config: {url: "http://selfservice-ui:4456/hooks/password-permit",
  method: POST, body: "` + permitBody + `", response: {parse: false}}}]}}}}}}`,
		Passes: `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + permitSample + `]}}}}}}`,
		check: eachPermit(func(hook *koanf.Koanf, say func(string, string, ...any)) {
			switch {
			case !hook.Bool("config.response.parse") || hook.Bool("config.response.ignore"):
				say(passwordHooks+"[].config.response", "Kratos does not wait for the permit")
			case hook.String("config.method") != "POST":
				say(passwordHooks+"[].config.method", "the permit is no POST")
			case !namesFlow(hook.String("config.body")):
				say(passwordHooks+"[].config.body", "is not what the site's listener reads: it names no flow")
			}
		}),
	},
	{
		ID:    "permit-secret",
		Why:   "The listener refuses a hook without the shared key: no password could be changed at all.",
		Write: "on the permit: auth: {type: api_key, config: {in: header, name: Authorization, value: …}}, the site's hook_key, 32 characters or more",
		Broken: `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [{hook: web_hook, config: {url: "http://selfservice-ui:4456/hooks/password-permit",
  method: POST, body: "base64://e30=", response: {parse: true}}}]}}}}}}`,
		Passes: `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + permitSample + `]}}}}}}`,
		check: eachPermit(func(hook *koanf.Koanf, say func(string, string, ...any)) {
			auth := hook.Cut("config.auth")
			switch {
			case auth.String("config.name") == "X-Hook-Key":
				say(passwordHooks+"[].config.auth.config.name", "the key travels in X-Hook-Key, which Kratos writes to its log")
			case auth.String("type") != "api_key" || auth.String("config.in") != "header" || auth.String("config.name") != "Authorization":
				say(passwordHooks+"[].config.auth", "the permit carries no key in Authorization")
			case weak(auth.String("config.value"), 32):
				say(passwordHooks+"[].config.auth.config.value", "the key is shorter than 32 characters, or one of an example")
			}
		}),
	},
	{
		ID:     "sessions-revoked",
		Why:    "Who resets a password because it leaked expects the thief to be out: without the hook the account's other sessions live on.",
		Write:  passwordHooks + ": {hook: revoke_active_sessions}, after the permit",
		Broken: `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + permitSample + `]}}}}}}`,
		Passes: `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + permitSample + `, {hook: revoke_active_sessions}]}}}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, hook := range f.document.Slices(passwordHooks) {
				if hook.String("hook") == "revoke_active_sessions" {
					return
				}
			}
			say(passwordHooks, "revoke_active_sessions is absent")
		},
	},
	{
		ID:     "password-policy",
		Why:    "CNIL 2022-100 asks for 12 characters where a password alone protects an account. Kratos's own 8 would hold for whoever passes the permit by another way.",
		Write:  passwordKeys + "{min_password_length: 12, identifier_similarity_check_enabled: true}",
		Broken: `kratos: {selfservice: {methods: {password: {config: {min_password_length: 8}}}}}`,
		Passes: `kratos: {selfservice: {methods: {password: {config: {min_password_length: 12, identifier_similarity_check_enabled: true}}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if n := f.number(passwordKeys+"min_password_length", 8); n < 12 {
				say(passwordKeys+"min_password_length", "is %d", n)
			}
			if !f.truth(passwordKeys+"identifier_similarity_check_enabled", true) {
				say(passwordKeys+"identifier_similarity_check_enabled", "a password may be the address itself")
			}
		},
	},
	{
		ID:     "password-hash",
		Why:    "bcrypt cuts at 72 bytes, and Kratos then refuses a longer password that our page has accepted: a phrase with accents is there at 50 characters.",
		Write:  "hashers.algorithm: argon2 (hashes of other kinds that were imported keep working)",
		Broken: `kratos: {hashers: {algorithm: bcrypt}}`,
		Passes: `kratos: {hashers: {algorithm: argon2}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if got := cmp.Or(f.text("hashers.algorithm"), "bcrypt"); got != "argon2" {
				say("hashers.algorithm", "is %q", got)
			}
		},
	},
	{
		ID: "breach-check",
		Why: "Kratos asks the Internet whether a password has leaked. Without an answer it tries five times within 20 s; only then does ignore_network_errors let the password pass. " +
			"A site that waits less ends every reset with an error page, for as long as that service, or the way out to it, is down.",
		Write: passwordKeys + "{haveibeenpwned_enabled: true, ignore_network_errors: true}, a network that leads out and the site's kratos_password_timeout of 24s; " +
			"or haveibeenpwned_host: a mirror of your own; or haveibeenpwned_enabled: false",
		Broken: `{kratos: {selfservice: {methods: {password: {config: {haveibeenpwned_enabled: true, ignore_network_errors: true}}}}}, processes: [{name: kratos, command: [serve], outside: false}]}`,
		Passes: `{kratos: {selfservice: {methods: {password: {config: {haveibeenpwned_enabled: true, ignore_network_errors: true}}}}}, processes: [{name: kratos, command: [serve], outside: true}], site: {password_timeout: 24s}}`,
		check:  checkBreaches,
	},
}

// breachPatience is how long Kratos takes to give the question up: five tries of a second, with pauses of 1, 2, 4 and 8 seconds.
const breachPatience = 20 * time.Second

func checkBreaches(f *Facts, say func(string, string, ...any)) {
	if !f.truth(passwordKeys+"haveibeenpwned_enabled", true) {
		return
	}
	if !f.truth(passwordKeys+"ignore_network_errors", true) {
		say(passwordKeys+"ignore_network_errors", "a service of others being down stops every reset")
	}
	if f.has(passwordKeys + "haveibeenpwned_host") {
		return
	}
	for _, p := range f.kratos() {
		if p.serves() && !p.Outside {
			say(passwordKeys+"haveibeenpwned_enabled", "%s has no way out to the Internet", p.Name)
		}
	}
	if f.Site != nil && f.Site.PasswordTimeout > 0 && f.Site.PasswordTimeout <= breachPatience {
		say("settings: kratos_password_timeout", "is %s", f.Site.PasswordTimeout)
	}
}

// namesFlow tells a body that asks for the flow's permit. What a file holds is not known here.
func namesFlow(body string) bool { return body == permitBody || strings.HasPrefix(body, "file://") }

// permitAt is the place of the permit among the hooks, -1 when it is not there. Its address is the site's own path.
func permitAt(hooks []*koanf.Koanf) int {
	for i, hook := range hooks {
		if hook.String("hook") == "web_hook" && pathOf(hook.String("config.url")) == "/hooks/password-permit" {
			return i
		}
	}
	return -1
}

func eachPermit(check func(*koanf.Koanf, func(string, string, ...any))) func(*Facts, func(string, string, ...any)) {
	return func(f *Facts, say func(string, string, ...any)) {
		hooks := f.document.Slices(passwordHooks)
		if at := permitAt(hooks); at >= 0 {
			check(hooks[at], say)
		}
	}
}
