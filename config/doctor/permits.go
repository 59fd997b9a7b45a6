package doctor

import (
	"slices"
	"strings"

	"github.com/knadh/koanf/v2"

	"efpconnect.example/config"
	"efpconnect.example/selfservice-ui/sitepath"
)

// permitURL is the permit's address in the samples: kratos.yml's own.
const permitURL = "http://selfservice-ui:4456" + sitepath.PermitHook

// permitBody is the question of the permit that lets a password be saved.
var permitBody = config.PermitBody("settings", "password")

var permitSample = `{hook: web_hook, config: {url: "` + permitURL + `", method: POST,
  body: "` + permitBody + `",
  auth: {type: api_key, config: {in: header, name: Authorization, value: "Qk7vR2mX9tL4pW8sZ3nB6cD1fG5hJ0yA"}}, response: {parse: true}}}`

// permitRules: nothing is saved that the site has not let pass.
var permitRules = []*Rule{
	{
		ID:      "permit-first",
		Gravity: Danger,
		Why:     "Kratos counts bytes and knows no character classes. Without the site's permit as the first hook, whoever reaches Kratos's public port sets any password of 12 bytes, and a hook before it acts on a password that may be refused.",
		Write:   passwordHooks + ", first of the list, with the site's own address and hook_key: " + permitSample,
		Broken:  `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [{hook: revoke_active_sessions}]}}}}}}`,
		Passes:  `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + permitSample + `]}}}}}}`,
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
		ID:      "permit-blocks",
		Gravity: Danger,
		Why:     "Without response.parse: true Kratos saves the password first and asks later; with response.ignore it does not wait for the answer. Both in silence.",
		Write:   "on the permit: method: POST, response: {parse: true}, no ignore, the body of our kratos.yml",
		Broken: `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [{hook: web_hook, config: {url: "` + permitURL + `",
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
		ID:      "permit-secret",
		Gravity: Danger,
		Why:     "The listener refuses a hook without the shared key: no password could be changed at all.",
		Write:   "on the permit: auth: {type: api_key, config: {in: header, name: Authorization, value: …}}, the site's hook_key, 32 characters or more",
		Broken: `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [{hook: web_hook, config: {url: "` + permitURL + `",
  method: POST, body: "base64://e30=", response: {parse: true}}}]}}}}}}`,
		Passes: `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + permitSample + `]}}}}}}`,
		check: eachPermit(func(hook *koanf.Koanf, say func(string, string, ...any)) {
			auth := hook.Cut("config.auth")
			switch {
			case auth.String("config.name") == "X-Hook-Key":
				say(passwordHooks+"[].config.auth.config.name", "the key travels in X-Hook-Key, which Kratos writes to its log")
			case auth.String("type") != "api_key" || auth.String("config.in") != "header" || auth.String("config.name") != "Authorization":
				say(passwordHooks+"[].config.auth", "the permit carries no key in Authorization")
			case Weak(auth.String("config.value"), 32):
				say(passwordHooks+"[].config.auth.config.value", "the key is shorter than 32 characters, or can be guessed")
			}
		}),
	},
	{
		ID:      "permit-address",
		Gravity: Danger,
		Why:     "The hook carries the shared key and the flow. In clear over the Internet, whoever reads them may let any password pass.",
		Write:   "on the permit: url: " + permitURL + ", on the private network; or https",
		Broken:  `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [{hook: web_hook, config: {url: "http://efpconnect.example.test` + sitepath.PermitHook + `"}}]}}}}}}`,
		Passes:  `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + permitSample + `]}}}}}}`,
		check: eachPermit(func(hook *koanf.Koanf, say func(string, string, ...any)) {
			if address := hook.String("config.url"); strings.HasPrefix(address, "http:") && !private(hostOf(address)) {
				say(passwordHooks+"[].config.url", "leads over the Internet in clear, to %s", hostOf(address))
			}
		}),
	},
	{
		ID:      "hook-reachable",
		Gravity: Broken,
		Why:     "Kratos then calls no address of the private network, the permit's included: step 3 ends in 503 for everybody.",
		Write:   "clients.http.private_ip_exception_urls: [the address of each hook, to the letter], or disallow_private_ip_ranges: false",
		Broken:  `kratos: {clients: {http: {disallow_private_ip_ranges: true}}, selfservice: {flows: {settings: {after: {password: {hooks: [` + permitSample + `]}}}}}}`,
		Passes: `kratos: {clients: {http: {disallow_private_ip_ranges: true, private_ip_exception_urls: ["` + permitURL + `"]}},
  selfservice: {flows: {settings: {after: {password: {hooks: [` + permitSample + `]}}}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if !f.truth("clients.http.disallow_private_ip_ranges") {
				return
			}
			for _, door := range config.Doors() {
				for _, hook := range f.hooks(door.Hooks) {
					address := hook.String("config.url")
					if address != "" && private(hostOf(address)) && !slices.Contains(f.list("clients.http.private_ip_exception_urls"), address) {
						say("clients.http.disallow_private_ip_ranges", "is true, and %s is not among the exceptions", originOf(address)+pathOf(address))
						return
					}
				}
			}
		},
	},
	{
		ID:      "doors-permitted",
		Gravity: Danger,
		Why: "Each is a door into Kratos that the site opens one person at a time: without its permit whoever reaches the public port makes an account, logs in by a mailed code, " +
			"or changes an address and so takes the account. Under registration.after.hooks a permit is asked once the account is made.",
		Write: "enabled: false; or values.registration: open of kratos-config, which puts the permits under registration.after.code.hooks, registration.after.password.hooks, " +
			"login.after.code.hooks and settings.after.profile.hooks",
		Broken: `kratos: {selfservice: {methods: {profile: {enabled: false}}}}`,
		Passes: `kratos: {selfservice: {flows: {registration: {enabled: false}}, methods: {profile: {enabled: false}}}}`,
		check:  checkDoors,
	},
}

func checkDoors(f *Facts, say func(string, string, ...any)) {
	for _, door := range config.Doors() {
		if door.OpenedBy == "" || !f.truth(door.OpenedBy) {
			continue
		}
		if hooks := f.hooks(door.Hooks); len(hooks) == 0 || !isPermit(hooks[0], door) {
			say(door.Hooks, "the permit is not first, and %s is true%s", door.OpenedBy, f.unwritten(door.OpenedBy))
		}
	}
	if !f.truth(flows + "registration.enabled") {
		return
	}
	if permitAt(f.hooks(flows+"registration.after.hooks")) >= 0 {
		say(flows+"registration.after.hooks", "a permit here is asked when the account is made already")
	}
	for _, method := range f.schema().Below(flows + "registration.after") {
		key := "selfservice.methods." + method + ".enabled"
		if method != "code" && method != "password" && f.truth(key) {
			say(key, "is true: a further way to make an account, which no permit of the site stands behind")
		}
	}
}

// isPermit tells the hook that asks the site about a door, and waits for the answer.
func isPermit(hook *koanf.Koanf, door config.Door) bool {
	body := hook.String("config.body")
	return permitAt([]*koanf.Koanf{hook}) == 0 &&
		hook.Bool("config.response.parse") && !hook.Bool("config.response.ignore") &&
		(body == config.PermitBody(door.FlowType, door.Method) || strings.HasPrefix(body, "file://"))
}

// namesFlow tells a body that asks for the flow's permit. What a file holds is not known here.
func namesFlow(body string) bool { return body == permitBody || strings.HasPrefix(body, "file://") }

// permitAt is the place of the permit among the hooks, -1 when it is not there. Its address is the site's own path.
func permitAt(hooks []*koanf.Koanf) int {
	for i, hook := range hooks {
		if hook.String("hook") == "web_hook" && pathOf(hook.String("config.url")) == sitepath.PermitHook {
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
