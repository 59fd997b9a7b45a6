package doctor

import "time"

const (
	flows         = "selfservice.flows."
	passwordHooks = flows + "settings.after.password.hooks"
	passwordKeys  = "selfservice.methods.password.config."
)

// passwordRules: no password is saved that is weaker than the law's minimum, and each is kept well.
var passwordRules = []*Rule{
	{
		ID:      "sessions-revoked",
		Gravity: Danger,
		Why:     "Who resets a password because it leaked expects the thief to be out: without the hook the account's other sessions live on.",
		Write:   passwordHooks + ": {hook: revoke_active_sessions}, after the permit",
		Broken:  `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + permitSample + `]}}}}}}`,
		Passes:  `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + permitSample + `, {hook: revoke_active_sessions}]}}}}}}`,
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
		ID:      "password-policy",
		Gravity: Danger,
		Why:     "CNIL 2022-100 asks for 12 characters where a password alone protects an account. Kratos's own 8 would hold for whoever passes the permit by another way.",
		Write:   passwordKeys + "{min_password_length: 12, identifier_similarity_check_enabled: true}",
		Broken:  `kratos: {selfservice: {methods: {password: {config: {min_password_length: 8}}}}}`,
		Passes:  `kratos: {selfservice: {methods: {password: {config: {min_password_length: 12, identifier_similarity_check_enabled: true}}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if n := f.number(passwordKeys + "min_password_length"); n < 12 {
				say(passwordKeys+"min_password_length", "is %d", n)
			}
			if !f.truth(passwordKeys + "identifier_similarity_check_enabled") {
				say(passwordKeys+"identifier_similarity_check_enabled", "a password may be the address itself")
			}
		},
	},
	{
		ID:      "password-hash",
		Gravity: Broken,
		Why: "bcrypt cuts at 72 bytes, and Kratos then refuses a longer password that our page has accepted: a phrase with accents is there at 50 characters. " +
			"An argon2 of little memory or few rounds is tried a thousand times faster by who steals the database.",
		Write:  "hashers.algorithm: argon2 (hashes of other kinds that were imported keep working); hashers.argon2: {memory: 64MB, iterations: 3, salt_length: 16, key_length: 32}",
		Broken: `kratos: {hashers: {algorithm: bcrypt}}`,
		Passes: `kratos: {hashers: {algorithm: argon2}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if got := f.choice("hashers.algorithm"); got != "argon2" {
				say("hashers.algorithm", "is %q%s", got, f.unwritten("hashers.algorithm"))
				return
			}
			memory, rounds := f.bytes("hashers.argon2.memory"), f.number("hashers.argon2.iterations")
			if !strongArgon2(memory, rounds) {
				say("hashers.argon2", "memory is %d KB, iterations %d: less than what OWASP asks for", memory>>10, rounds)
			}
			for _, key := range []string{"hashers.argon2.salt_length", "hashers.argon2.key_length"} {
				if n := f.number(key); n < 16 {
					say(key, "is %d bytes", n)
				}
			}
		},
	},
	{
		ID:      "breach-check",
		Gravity: Broken,
		Why: "Kratos asks the Internet whether a password has leaked. Without an answer it tries five times within 20 s; only then does ignore_network_errors let the password pass. " +
			"A site that waits less ends every reset with an error page, for as long as that service, or the way out to it, is down.",
		Write: passwordKeys + "{haveibeenpwned_enabled: true, ignore_network_errors: true}, a network that leads out and the site's kratos_password_timeout of 24s; " +
			"or haveibeenpwned_host: a mirror of your own; or haveibeenpwned_enabled: false",
		Broken: `{kratos: {selfservice: {methods: {password: {config: {haveibeenpwned_enabled: true, ignore_network_errors: true}}}}}, processes: [{name: kratos, command: [serve], outside: false}]}`,
		Passes: `{kratos: {selfservice: {methods: {password: {config: {haveibeenpwned_enabled: true, ignore_network_errors: true}}}}}, processes: [{name: kratos, command: [serve], outside: true}], site: {password_timeout: 24s}}`,
		check:  checkBreaches,
	},
}

// argon2Least are the pairs that OWASP's Password Storage Cheat Sheet holds for equal: MiB of memory, rounds.
var argon2Least = [][2]int{{46, 1}, {19, 2}, {12, 3}, {9, 4}, {7, 5}}

// strongArgon2 counts a megabyte as Kratos does, 1024 times 1024 bytes, and takes one of a million for it.
func strongArgon2(memory, rounds int) bool {
	for _, least := range argon2Least {
		if memory >= least[0]*1_000_000 && rounds >= least[1] {
			return true
		}
	}
	return false
}

// breachPatience is how long Kratos takes to give the question up: five tries of a second, with pauses of 1, 2, 4 and 8 seconds.
const breachPatience = 20 * time.Second

func checkBreaches(f *Facts, say func(string, string, ...any)) {
	if !f.truth(passwordKeys + "haveibeenpwned_enabled") {
		return
	}
	if n := f.number(passwordKeys + "max_breaches"); n > 0 {
		say(passwordKeys+"max_breaches", "a password that leaked %d times passes", n)
	}
	if !f.truth(passwordKeys + "ignore_network_errors") {
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
