package doctor

import "strings"

// placeholders are what examples and tutorials write where a secret belongs.
var placeholders = []string{"change", "please", "insecure", "secret-is", "example", "password", "very_bad", "placeholder", "xxxx", "1234567890"}

// secretRules: what signs and encrypts is not in a tutorial.
var secretRules = []*Rule{
	{
		ID:     "secrets-strong",
		Why:    "Whoever knows the cookie's secret forges sessions, and finds the codes from their hashes in the database. Without one Kratos makes another at each start: every session and every code under way dies with it.",
		Write:  "secrets.cookie: [16 random characters or more], secrets.cipher: [exactly 32]; `kratos-config secrets` makes them",
		Broken: `kratos: {secrets: {cookie: ["PLEASE-CHANGE-ME-I-AM-VERY-INSECURE"], cipher: ["32-LONG-SECRET-NOT-SECURE-AT-ALL"]}}`,
		Passes: `kratos: {secrets: {cookie: ["tZ4vJq7Kp2Xw9LmR"], cipher: ["Yd8RkP3nWq5TzL7vBxM2hJc9GsF4aNe6"]}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, key := range []string{"secrets.cookie", "secrets.cipher"} {
				length := map[string]int{"secrets.cookie": 16, "secrets.cipher": 32}[key]
				list := f.list(key)
				if len(list) == 0 {
					list = f.list("secrets.default")
				}
				if len(list) == 0 {
					say(key, "is missing")
				}
				for i, secret := range list {
					switch {
					case weak(secret, length):
						say(key, "number %d is short, repeats itself, or comes from an example", i+1)
					case key == "secrets.cipher" && len(secret) != length:
						say(key, "number %d has %d characters: Kratos wants exactly 32", i+1, len(secret))
					}
				}
			}
		},
	},
	{
		ID:     "secrets-distinct",
		Why:    "One secret in two places leaks from the weaker of them, and cannot be changed without breaking the other.",
		Write:  "another random value for each of secrets.cookie, secrets.cipher and the permit's key",
		Broken: `kratos: {secrets: {cookie: ["Yd8RkP3nWq5TzL7vBxM2hJc9GsF4aNe6"], cipher: ["Yd8RkP3nWq5TzL7vBxM2hJc9GsF4aNe6"]}}`,
		Passes: `kratos: {secrets: {cookie: ["tZ4vJq7Kp2Xw9LmR"], cipher: ["Yd8RkP3nWq5TzL7vBxM2hJc9GsF4aNe6"]}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			seen := map[string]string{}
			note := func(key, secret string) {
				if other := seen[secret]; secret != "" && other != "" && other != key {
					say(key, "is the same as %s", other)
				}
				seen[secret] = key
			}
			for _, key := range []string{"secrets.cookie", "secrets.cipher"} {
				for _, secret := range f.list(key) {
					note(key, secret)
				}
			}
			for _, hook := range f.document.Slices(passwordHooks) {
				note("the permit's key", hook.String("config.auth.config.value"))
			}
		},
	},
	{
		ID:     "database-shared",
		Why:    "In memory, or in a file of one machine or container, the accounts are gone with it, and a second Kratos knows none of them.",
		Write:  "dsn: postgres://… or cockroach://…",
		Broken: `{kratos: {dsn: memory}, site: {public_url: "https://efpconnect.example.test"}}`,
		Passes: `{kratos: {dsn: "postgres://kratos:p@postgres:5432/kratos"}, site: {public_url: "https://efpconnect.example.test"}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			dsn := f.text("dsn")
			scheme, _, _ := strings.Cut(dsn, ":")
			// None at all is a variable's affair where no process is known.
			if (len(f.kratos()) > 0 || dsn != "" && f.inService()) && !contains([]string{"postgres", "postgresql", "cockroach", "cockroachdb", "mysql"}, scheme) {
				say("dsn", "is no database server")
			}
		},
	},
	{
		ID:     "log-silent",
		Why:    "The log would hold addresses, codes and session tokens in clear, for whoever reads logs.",
		Write:  "log.leak_sensitive_values: false, log.level: info",
		Broken: `kratos: {log: {leak_sensitive_values: true}}`,
		Passes: `kratos: {log: {leak_sensitive_values: false, level: info}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.truth("log.leak_sensitive_values", false) {
				say("log.leak_sensitive_values", "is true")
			}
			if contains([]string{"trace", "debug"}, f.text("log.level")) {
				say("log.level", "is %q", f.text("log.level"))
			}
		},
	},
}

// weak tells a secret that nobody has drawn at random.
func weak(secret string, length int) bool {
	if len(secret) < length {
		return true
	}
	for _, word := range placeholders {
		if strings.Contains(strings.ToLower(secret), word) {
			return true
		}
	}
	distinct := map[rune]bool{}
	for _, r := range secret {
		distinct[r] = true
	}
	return len(distinct) < 8
}
