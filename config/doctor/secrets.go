package doctor

import (
	"math"
	"strings"
	"unicode"

	"efpconnect.example/internal/password"
)

// secretRules: what signs and encrypts is not in a tutorial.
var secretRules = []*Rule{
	{
		ID:      "secrets-strong",
		Gravity: Danger,
		Why:     "Whoever knows the cookie's secret forges sessions, and finds the codes from their hashes in the database. Without one Kratos makes another at each start: every session and every code under way dies with it.",
		Write:   "secrets.cookie: [16 random characters or more], secrets.cipher: [exactly 32]; `kratos-config secrets` makes them; docs/operations.md says how one is changed",
		Broken:  `kratos: {secrets: {cookie: ["PLEASE-CHANGE-ME-I-AM-VERY-INSECURE"], cipher: ["32-LONG-SECRET-NOT-SECURE-AT-ALL"]}}`,
		Passes:  `kratos: {secrets: {cookie: ["tZ4vJq7Kp2Xw9LmR"], cipher: ["Yd8RkP3nWq5TzL7vBxM2hJc9GsF4aNe6"]}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, kind := range secretKinds {
				list := f.list(kind.key)
				if len(list) == 0 && kind.needed && len(f.list("secrets.default")) == 0 {
					say(kind.key, "is missing")
				}
				for i, secret := range list {
					switch {
					case Weak(secret, kind.length):
						say(kind.key, "number %d is short, or so regular that it can be guessed", i+1)
					case kind.exact && len(secret) != kind.length:
						say(kind.key, "number %d has %d characters: Kratos wants exactly 32", i+1, len(secret))
					}
				}
			}
		},
	},
	{
		ID:      "secrets-distinct",
		Gravity: Danger,
		Why:     "One secret in two places leaks from the weaker of them, and cannot be changed without breaking the other.",
		Write:   "another random value for each of secrets.cookie, secrets.cipher and the permit's key",
		Broken:  `kratos: {secrets: {cookie: ["Yd8RkP3nWq5TzL7vBxM2hJc9GsF4aNe6"], cipher: ["Yd8RkP3nWq5TzL7vBxM2hJc9GsF4aNe6"]}}`,
		Passes:  `kratos: {secrets: {cookie: ["tZ4vJq7Kp2Xw9LmR"], cipher: ["Yd8RkP3nWq5TzL7vBxM2hJc9GsF4aNe6"]}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			seen := map[string]string{}
			note := func(key, secret string) {
				if other := seen[secret]; secret != "" && other != "" && other != key {
					say(key, "is the same as %s", other)
				}
				seen[secret] = key
			}
			for _, kind := range secretKinds {
				for _, secret := range f.list(kind.key) {
					note(kind.key, secret)
				}
			}
			for _, hook := range f.document.Slices(passwordHooks) {
				note("the permit's key", hook.String("config.auth.config.value"))
			}
		},
	},
	{
		ID:      "secrets-pagination",
		Gravity: Advice,
		Why:     "Without a secret of its own, the page tokens of the admin API are sealed with a key that is the same in every Kratos: whoever gets one reads what it holds.",
		Write:   "secrets.pagination: [16 random characters or more], where Kratos has the key (v26.2.0 has, v1.3.1 has not)",
		Broken:  `{keys: [secrets.pagination], kratos: {secrets: {cookie: ["tZ4vJq7Kp2Xw9LmR"]}}}`,
		Passes:  `{keys: [secrets.pagination], kratos: {secrets: {pagination: ["tZ4vJq7Kp2Xw9LmR"]}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.knows("secrets.pagination") && len(f.list("secrets.pagination")) == 0 {
				say("secrets.pagination", "is missing")
			}
		},
	},
}

// secretKinds are the lists of secrets, and what Kratos asks of each one in them.
var secretKinds = []struct {
	key    string
	length int
	exact  bool
	needed bool // where secrets.default is not written either
}{
	{"secrets.default", 16, false, false},
	{"secrets.cookie", 16, false, true},
	{"secrets.cipher", 32, true, true},
	{"secrets.pagination", 16, false, false},
}

// Weak tells a secret that nobody has drawn at random: one that fewer guesses find than eight for each ten of chance's, a character.
// Signs between words make no word harder to guess, so letters and digits alone are judged.
func Weak(secret string, length int) bool {
	if len(secret) < length {
		return true
	}
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, secret)
	judged := float64(min(len(letters), 40))
	return password.Policy{MinGuesses: math.Pow(10, max(11, min(0.8*judged, 26)))}.Guessable(letters, nil)
}
