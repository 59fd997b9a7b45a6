package doctor

import (
	"strings"

	"efpconnect.example/config"
)

// broken are more ways to break a rule than its one sample shows: one at least for each thing that the rule says. Each was, or could be,
// written in good faith.
var broken = []struct{ why, rule, facts string }{
	{"the permit after another hook", "permit-first", `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [{hook: revoke_active_sessions}, ` + permitSample + `]}}}}}}`},
	{"ignore makes Kratos go on at once", "permit-blocks", `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + strings.Replace(permitSample, "parse: true", "parse: true, ignore: true", 1) + `]}}}}}}`},
	{"a hook by GET carries no flow", "permit-blocks", `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + strings.Replace(permitSample, "POST", "GET", 1) + `]}}}}}}`},
	{"a body that names no flow", "permit-blocks", `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + strings.Replace(permitSample, permitBody, "base64://e30=", 1) + `]}}}}}}`},
	{"a key of a tutorial", "permit-secret", `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + strings.Replace(permitSample, "Qk7vR2mX9tL4pW8sZ3nB6cD1fG5hJ0yA", "change-me", 1) + `]}}}}}}`},
	{"a refusal of the Internet stops resets", "breach-check", `kratos: {selfservice: {methods: {password: {config: {ignore_network_errors: false}}}}}`},
	{"a code of an hour, as Kratos's default", "code-lifetime", `kratos: {selfservice: {flows: {recovery: {lifespan: 48h}}}}`},
	{"a session shorter than step 3", "step-3-lifetime", `kratos: {session: {lifespan: 1h}, selfservice: {flows: {settings: {lifespan: 1h, privileged_session_max_age: 2h}}}}`},
	{"Kratos started with --dev behind https", "cookies-secure", `{site: {public_url: "https://e.example.test"}, processes: [{name: kratos, command: [serve, --dev]}]}`},
	{"accounts in a file, of a document alone", "database-shared", `kratos: {dsn: "sqlite:///var/lib/kratos.sqlite?_fk=true", selfservice: {default_browser_return_url: "https://e.example.test/"}}`},
	{"accounts in memory, in containers", "database-shared", `{kratos: {dsn: memory}, processes: [{name: kratos, command: [serve]}]}`},
	{"a service elsewhere, and no domain", "cookie-domain", `{site: {public_url: "https://e.example.test", return_to: ["https://s.example.test"]}, kratos: {}}`},
	{"a domain that only looks alike", "cookie-domain", `{site: {public_url: "https://badexample.test"}, kratos: {cookies: {domain: example.test}}}`},
	{"no secret at all", "secrets-strong", `kratos: {}`},
	{"33 characters to encrypt with", "secrets-strong", `kratos: {secrets: {cookie: ["tZ4vJq7Kp2Xw9LmR"], cipher: ["Yd8RkP3nWq5TzL7vBxM2hJc9GsF4aNe6x"]}}`},
	{"no courier", "one-courier", `processes: [{name: kratos, command: [serve]}]`},
	{"a relay by an address of the Internet", "mail-relay", `kratos: {courier: {smtp: {connection_uri: "smtp://203.0.113.9:25/"}}}`},
	{"DSN wins too", "variables-win", `variables: [DSN]`},
	{"no host is every host", "ports-bound", `kratos: {serve: {public: {host: 127.0.0.1}}}`},
	{"every address of IPv6", "ports-bound", `kratos: {serve: {public: {host: 127.0.0.1}, admin: {host: "::"}}}`},
	{"an address of the Internet", "ports-bound", `kratos: {serve: {public: {host: 203.0.113.9}, admin: {host: 127.0.0.1}}}`},
	{"the host's own network publishes everything", "ports-private", `processes: [{name: id, command: [kratos, serve], host: true}]`},
	{"a Kratos of an image of one's own", "ports-private", `processes: [{name: id, image: "registry.example.test/id:1", command: [/usr/bin/kratos, serve], published: [4434]}]`},
	{"a proxy that everybody may be", "proxy-trusted", `site: {public_url: "https://e.example.test", trusted_proxies: [0.0.0.0/0]}`},
	{"a site that leaves before Kratos has given up", "breach-check", `{kratos: {selfservice: {methods: {password: {config: {ignore_network_errors: true}}}}}, site: {password_timeout: 5s}}`},
	{"an identity schema nobody logs in with", "schema-recovery", `schema: {properties: {traits: {properties: {email: {"ory.sh/kratos": {recovery: {via: email}}}}}}}`},
	{"recovery never opened", "recovery-by-code", `kratos: {selfservice: {flows: {recovery: {use: code}}}}`},
	{"nobody logs in with what they choose", "recovery-by-code", `kratos: {selfservice: {flows: {recovery: {enabled: true, use: code}}, methods: {password: {enabled: false}}}}`},
	{"code closed by hand", "recovery-by-code", `kratos: {selfservice: {flows: {recovery: {enabled: true}}, methods: {code: {enabled: false}}}}`},
	{"a step 3 of ten minutes", "step-3-lifetime", `kratos: {selfservice: {flows: {settings: {lifespan: 10m, privileged_session_max_age: 2h}}}}`},
	{"a second factor is asked for, by default", "second-factor", `kratos: {selfservice: {flows: {recovery: {enabled: true}}}}`},
	{"the strictest login for every method", "login-unproved", `kratos: {selfservice: {flows: {login: {after: {hooks: [{hook: require_verified_address}]}}}}}`},
	{"a hook before recovery", "recovery-hooks", `kratos: {selfservice: {flows: {recovery: {before: {hooks: [{hook: web_hook}]}}}}}`},
	{"social login", "ways-closed", `kratos: {selfservice: {methods: {oidc: {enabled: true}}}}`},
	{"a code as a second factor", "ways-closed", `kratos: {selfservice: {methods: {code: {mfa_enabled: true}}}}`},
	{"verification sends mails that no page answers", "ways-closed", `kratos: {selfservice: {flows: {verification: {enabled: true}}}}`},
	{"registration is open where nothing is written", "doors-permitted", `kratos: {selfservice: {methods: {profile: {enabled: false}}}}`},
	{"profile is open where nothing is written", "doors-permitted", `kratos: {selfservice: {flows: {registration: {enabled: false}}}}`},
	{"a permit where it is never asked in time", "doors-permitted", `kratos: {selfservice: {flows: {registration: {enabled: true, after: {hooks: [` + permitSample + `]}}}}}`},
	{"a permit for one of two ways to register", "doors-permitted", `kratos: {selfservice: {flows: {registration: {enabled: true, after: {code: {hooks: [` + doorSample("registration", "code") + `]}}}}, methods: {profile: {enabled: false}}}}`},
	{"a permit that asks about another door", "doors-permitted", registration(doorSample("settings", "password"))},
	{"a permit that Kratos does not wait for", "doors-permitted", registration(strings.Replace(doorSample("registration", "code"), "parse: true", "ignore: true", 1))},
	{"a further way to register", "doors-permitted", strings.Replace(registration(doorSample("registration", "code")), "profile: {enabled: false}", "profile: {enabled: false}, passkey: {enabled: true}", 1)},
	{"login by code, open with registration", "doors-permitted", strings.Replace(registration(doorSample("registration", "code")), "profile: {enabled: false}", "profile: {enabled: false}, code: {passwordless_enabled: true}", 1)},
	{"a permit without its key", "permit-secret", `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + strings.Replace(permitSample, "type: api_key", "type: basic_auth", 1) + `]}}}}}}`},
	{"a key in a header that is logged", "permit-secret", `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + strings.Replace(permitSample, "name: Authorization", "name: X-Hook-Key", 1) + `]}}}}}}`},
	{"a password that is the address", "password-policy", `kratos: {selfservice: {methods: {password: {config: {min_password_length: 12, identifier_similarity_check_enabled: false}}}}}`},
	{"eight characters where nothing is written", "password-policy", `kratos: {selfservice: {methods: {password: {enabled: true}}}}`},
	{"bcrypt where nothing is written", "password-hash", `kratos: {}`},
	{"an argon2 of a kilobyte", "password-hash", `kratos: {hashers: {algorithm: argon2, argon2: {memory: 1KB, iterations: 1}}}`},
	{"an argon2 of 32 MB and one round", "password-hash", `kratos: {hashers: {algorithm: argon2, argon2: {memory: 32MB, iterations: 1}}}`},
	{"four bytes of salt", "password-hash", `kratos: {hashers: {algorithm: argon2, argon2: {salt_length: 4}}}`},
	{"leaked a hundred times, and taken", "breach-check", `kratos: {selfservice: {methods: {password: {config: {max_breaches: 100}}}}}`},
	{"cookies without Secure", "cookies-secure", `{site: {public_url: "https://e.example.test"}, kratos: {session: {cookie: {secure: false}}}}`},
	{"the session's cookie has a path of its own", "cookie-path", `kratos: {session: {cookie: {path: /kratos}}}`},
	{"another host for people who made a mistake", "one-host", `{site: {public_url: "https://e.example.test"}, kratos: {selfservice: {flows: {error: {ui_url: "https://login.example.test/error"}}}}}`},
	{"Ory's own pages where nothing is written", "one-host", `{site: {public_url: "https://e.example.test"}, kratos: {selfservice: {default_browser_return_url: "https://e.example.test/"}}}`},
	{"people go on in clear", "return-urls-exact", `{site: {public_url: "https://e.example.test"}, kratos: {selfservice: {allowed_return_urls: ["http://e.example.test"]}}}`},
	{"any host there is", "return-urls-exact", `kratos: {selfservice: {allowed_return_urls: ["http://*"]}}`},
	{"the permit's key is a secret of Kratos's", "secrets-distinct", `kratos: {secrets: {cookie: ["Qk7vR2mX9tL4pW8sZ3nB6cD1fG5hJ0yA"]}, selfservice: {flows: {settings: {after: {password: {hooks: [` + permitSample + `]}}}}}}`},
	{"a secret of words", "secrets-strong", secretOf("this-is-super-secret")},
	{"a secret of words run together", "secrets-strong", secretOf("supersecretcookiesecret")},
	{"an alphabet", "secrets-strong", secretOf("abcdefghijklmnopqrstuvwxyz")},
	{"two alphabets and the digits", "secrets-strong", secretOf("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")},
	{"one letter", "secrets-strong", secretOf("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")},
	{"a French phrase", "secrets-strong", secretOf("ceci-est-un-secret-de-recette-tres-long")},
	{"the keys of a keyboard", "secrets-strong", secretOf("azertyuiopqsdfghjklmwxcvbn123456")},
	{"the digits twice and a half", "secrets-strong", secretOf("1234567890123456789012345")},
	{"the default secret is weak", "secrets-strong", `kratos: {secrets: {default: ["this-is-super-secret"]}}`},
	{"a database of MySQL in clear", "database-tls", `kratos: {dsn: "mysql://u:p@tcp(db.example.org:3306)/k?parseTime=true"}`},
	{"TLS that a server may refuse", "database-tls", `kratos: {dsn: "postgres://u:p@db.example.org/k?sslmode=prefer"}`},
	{"TLS is not spoken of", "database-tls", `kratos: {dsn: "cockroach://u:p@db.example.org:26257/k"}`},
	{"a log of everything", "log-silent", `kratos: {log: {level: trace}}`},
	{"cookies for all, by default", "cors-closed", `kratos: {serve: {public: {cors: {enabled: true}}}}`},
	{"no relay", "mail-relay", `kratos: {courier: {smtp: {from_address: a@example.test}}}`},
	{"a developer's mailbox", "mail-relay", `{site: {public_url: "https://e.example.test"}, kratos: {courier: {smtp: {connection_uri: "smtps://test:test@mailslurper:1025/?skip_ssl_verify=true"}}}}`},
	{"an address that is none", "mail-relay", `kratos: {courier: {smtp: {connection_uri: ":: relay"}}}`},
	{"HTTP to nowhere", "mail-by-http", `kratos: {courier: {delivery_strategy: http}}`},
	{"no TLS on the way out", "mail-tls", `kratos: {courier: {smtp: {connection_uri: "smtp://relay.example.org:25/?disable_starttls=true"}}}`},
	{"tries where nothing is written", "mail-patience", `kratos: {courier: {smtp: {connection_uri: "smtp://relay:25/"}}}`},
	{"many tries, ten at once", "mail-patience", `kratos: {courier: {message_retries: 3600}}`},
	{"no mails of ours", "mail-templates", `kratos: {courier: {smtp: {from_address: a@example.test}}}`},
	{"a folder without the subject", "mail-templates", `{kratos: {courier: {template_override_path: /m}}, site: {public_url: "https://e.example.test"}, templates: {recovery_code/valid/email.body.gotmpl: "https://e.example.test/reinitialisation/suite/"}}`},
	{"mails of another site", "mail-templates", `{kratos: {courier: {template_override_path: /m}}, site: {public_url: "https://e.example.test"}, templates: {recovery_code/valid/email.subject.gotmpl: Objet, recovery_code/valid/email.body.gotmpl: "https://rct.example.test/", recovery_code/valid/email.body.plaintext.gotmpl: "https://rct.example.test/"}}`},
	{"open in Kratos alone", "registration-agrees", `{site: {registration: closed}, kratos: {selfservice: {flows: {registration: {lifespan: 1h}}}}}`},
	{"one port for both", "ports-bound", `kratos: {serve: {public: {host: 127.0.0.1, port: 4433}, admin: {host: 127.0.0.1, port: 4433}}}`},
	{"a network of machines beside processes", "proxies-narrow", `{site: {public_url: "https://e.example.test", trusted_proxies: [10.0.0.0/8]}, kratos: {serve: {public: {host: "::1"}}}}`},
}

func secretOf(secret string) string {
	return `kratos: {secrets: {cookie: ["` + secret + `"], cipher: ["Yd8RkP3nWq5TzL7vBxM2hJc9GsF4aNe6"]}}`
}

// doorSample is the permit of a door.
func doorSample(flowType, method string) string {
	return strings.Replace(permitSample, permitBody, config.PermitBody(flowType, method), 1)
}

// registration is open, with a permit for each method.
func registration(code string) string {
	return `kratos: {selfservice: {flows: {registration: {enabled: true, after: {code: {hooks: [` + code + `]}, password: {hooks: [` + doorSample("registration", "password") +
		`]}}}}, methods: {profile: {enabled: false}}}}`
}
