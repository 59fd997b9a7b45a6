package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"

	"efpconnect.example/config"
)

// What people have published is judged as it should be: what breaks is found, what does not is left alone, and no secret of it is said.
func TestShapes(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/shapes.txtar")
	if err != nil || len(archive.Files) != 31 {
		t.Fatalf("%d files, %v", len(archive.Files), err)
	}
	wanted := regexp.MustCompile(`(?m)(?:^# |")(finds|not|says): ([^"\n]+)`)
	for _, file := range archive.Files {
		t.Run(file.Name, func(t *testing.T) {
			output, err := run(t, nil, "doctor", "--file", write(t, file.Name, string(file.Data)), "--public-url", "https://connect.example.org", "--return-to", "https://service.example.org")
			if err == nil {
				t.Fatalf("nothing to change: %s", output)
			}
			if strings.Contains(output, "S3cret") || strings.Contains(output, "kratos:kratos") {
				t.Errorf("a secret can be read:\n%s", output)
			}
			all := wanted.FindAllStringSubmatch(string(file.Data), -1)
			if len(all) == 0 {
				t.Fatal("nothing is expected of it")
			}
			for _, want := range all {
				for text := range strings.SplitSeq(want[2], ", ") {
					switch {
					case want[1] == "says" && !strings.Contains(output, text):
						t.Errorf("does not say %q:\n%s", text, output)
					case want[1] == "finds" && (!errors.Is(err, errFound) || !finds(output, text)), want[1] == "not" && finds(output, text):
						t.Errorf("%s %s:\n%s", want[1], text, output)
					}
				}
			}
		})
	}
}

// One key changed in what kratos-config renders for production, and the verdict that is right.
func TestOneKeyChanged(t *testing.T) {
	permit := `{hook: web_hook, config: {url: "http://selfservice-ui:4456/hooks/password-permit", method: POST, body: "base64://ZnVuY3Rpb24oY3R4KSB7ZmxvdzogY3R4LmZsb3cuaWQsIGZsb3dfdHlwZTogInNldHRpbmdzIiwgbWV0aG9kOiAicGFzc3dvcmQifQ==",` +
		` auth: {type: api_key, config: {in: header, name: Authorization, value: "${hook_key}"}}, response: {parse: true}}}`
	for _, c := range []struct{ overlay, finds string }{
		{"clients: {http: {disallow_private_ip_ranges: true}}", "hook-reachable"},
		{"selfservice: {flows: {settings: {required_aal: highest_available}}}", "second-factor"},
		{"hashers: {argon2: {memory: 1KB, iterations: 1}}", "password-hash"},
		{"session: {lifespan: 8760h}", "session-length"},
		{`serve: {public: {cors: {enabled: true, allowed_origins: ["*"], allow_credentials: true}}}`, "cors-closed"},
		{`selfservice: {allowed_return_urls: ["https://efpconnect.example.test", "https://formation.efpconnect.example.test", "https://*.example.test"]}`, "return-urls-exact"},
		{`values: {dsn: "postgres://u:p@db.example.org/k?sslmode=disable"}`, "database-tls"},
		{`values: {smtp_uri: "smtps://relay.intra:465/?skip_ssl_verify=true"}`, "mail-tls"},
		{"cookies: {path: /app}", "cookie-path"},
		{"selfservice: {methods: {password: {config: {max_breaches: 100}}}}", "breach-check"},
		{`values: {hook_url: "http://efpconnect.example.test/hooks/password-permit"}`, "permit-address"},
		{"selfservice: {flows: {login: {after: {password: {hooks: [{hook: require_verified_address}]}}}}}", "login-unproved"},
		{"selfservice: {flows: {settings: {after: {password: {hooks: [" + strings.Replace(permit, "response: {parse: true}", "can_interrupt: true", 1) + ", {hook: revoke_active_sessions}]}}}}}", "refused"},
		{"selfservice: {flows: {settings: {after: {password: {hooks: [" + permit + `, {hook: revoke_active_sessions}, {hook: web_hook, config: {url: "http://audit:1/", method: POST}}]}}}}}`, ""},
		{"secrets: {cookie: [this-is-super-secret]}", "secrets-strong"},
		{"secrets: {cookie: [aaaaaaaaaaaaaaaaaaaa]}", "secrets-strong"},
		{"courier: {message_retries: 5}", "mail-patience"},
	} {
		env := map[string]string{}
		for name, value := range known {
			key := map[string]string{"EFP_KRATOS_DSN": "dsn", "EFP_KRATOS_SMTP_URI": "smtp_uri", "EFP_KRATOS_COOKIE_SECRETS": "cookie"}[name]
			if key == "" || !strings.Contains(c.overlay, key+":") {
				env[name] = value
			}
		}
		args := append([]string{"doctor", "--environment", "production", "--skip", "samples-left", "--overlay", write(t, "overlay.yml", c.overlay+"\n")}, settingsOf("production")...)
		output, err := run(t, env, args...)
		switch {
		case c.finds == "refused":
			if err == nil || errors.Is(err, errFound) {
				t.Errorf("%s: not refused: %v: %s", c.overlay, err, output)
			}
		case c.finds == "":
			if err != nil {
				t.Errorf("%s: %s", c.overlay, output)
			}
		case !errors.Is(err, errFound) || !finds(output, c.finds) || strings.Count(output, "\n") > 4:
			t.Errorf("%s: %v: want %s of\n%s", c.overlay, err, c.finds, output)
		}
	}
}

// One key removed from the same document: what Kratos then takes is what counts.
func TestOneKeyRemoved(t *testing.T) {
	dir := t.TempDir()
	if output, err := run(t, known, append([]string{"render", "--environment", "production", "--out", dir}, settingsOf("production")...)...); err != nil {
		t.Fatal(output)
	}
	rendered, err := os.ReadFile(filepath.Join(dir, config.DocumentFile))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"version":                                       "",
		"selfservice.flows.registration":                "doors-permitted",
		"selfservice.flows.registration.enabled":        "doors-permitted",
		"selfservice.methods.profile":                   "doors-permitted",
		"selfservice.methods.link":                      "",
		"selfservice.methods.oidc.enabled":              "",
		"selfservice.methods.code.enabled":              "",
		"selfservice.methods.password.enabled":          "",
		"selfservice.flows.verification.enabled":        "",
		"selfservice.flows.settings.required_aal":       "second-factor",
		"selfservice.flows.recovery.enabled":            "recovery-by-code",
		"selfservice.flows.recovery.use":                "",
		"session.whoami":                                "second-factor",
		"session.cookie.name":                           "cookie-name",
		"session.lifespan":                              "",
		"hashers.algorithm":                             "password-hash",
		"hashers.argon2":                                "",
		"courier.message_retries":                       "mail-patience",
		"feature_flags":                                 "continue-with",
		"secrets.cipher":                                "secrets-strong",
		"selfservice.flows.login.ui_url":                "one-host",
		"selfservice.methods.password.config":           "password-policy",
		"serve.admin.host":                              "ports-bound",
		"selfservice.flows.settings.after.password":     "permit-first",
		"selfservice.methods.code.config.lifespan":      "code-lifetime",
		"courier.smtp.headers":                          "",
		"selfservice.methods.code.passwordless_enabled": "",
	} {
		var document map[string]any
		if err := yaml.Unmarshal(rendered, &document); err != nil {
			t.Fatal(err)
		}
		remove(t, document, key)
		text, err := yaml.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		args := append([]string{"doctor", "--file", write(t, "kratos.yml", string(text)), "--identity-schema", filepath.Join(dir, config.SchemaFile), "--skip", "samples-left"}, settingsOf("production")...)
		output, err := run(t, nil, args...)
		if (err == nil) != (want == "") || want != "" && !finds(output, want) {
			t.Errorf("without %s: %v, want %q of\n%s", key, err, want, output)
		}
		noSecret(t, key, output)
	}
}

// remove takes a key out of a document, which has to have it.
func remove(t *testing.T, document map[string]any, key string) {
	t.Helper()
	names := strings.Split(key, ".")
	for _, name := range names[:len(names)-1] {
		document, _ = document[name].(map[string]any)
	}
	if _, there := document[names[len(names)-1]]; !there {
		t.Fatalf("no key %s", key)
	}
	delete(document, names[len(names)-1])
}
