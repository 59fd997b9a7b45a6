package main

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"efpconnect.example/config"
)

// known are the secrets of these tests; fragments of them may be read in no output and no error.
var known = map[string]string{
	"EFP_HOOK_KEY":              "hK-7f3c9e1a5d8b2046f1e9c7a3d4b0c2",
	"EFP_KRATOS_DSN":            "postgres://kratos:dB-51c0ffee@db:5432/kratos",
	"EFP_KRATOS_SMTP_URI":       "smtp://user:sM-77bada55@relay:587/",
	"EFP_KRATOS_COOKIE_SECRETS": "cN-x8Qv3mT7kL2pWz9R",
	"EFP_KRATOS_CIPHER_SECRETS": "xC-q9Wm2vK7tL4pZ8sB3nD6cG1fJ5hR0",
}

var fragments = []string{"hK-7f3c", "51c0ffee", "77bada55", "cN-x8Qv", "xC-q9Wm"}

// run returns everything that a person would see.
func run(t *testing.T, env map[string]string, args ...string) (output string, err error) {
	t.Helper()
	var out strings.Builder
	command := newCommand(&out, func(name string) string { return env[name] })
	command.SetArgs(args)
	err = command.ExecuteContext(t.Context())
	output = out.String()
	if err != nil {
		output += err.Error()
	}
	return output, err
}

func settingsOf(environment string) []string {
	if environment == "demo" {
		return nil
	}
	return []string{"--config", "../../deploy/settings/" + environment + ".yml"}
}

// The three environments as they are delivered.
func TestEnvironmentsPass(t *testing.T) {
	for _, environment := range config.Environments() {
		for _, verb := range []string{"validate", "doctor"} {
			args := append([]string{verb, "--environment", environment}, settingsOf(environment)...)
			if verb == "doctor" {
				args = append(args, "--skip", "samples-left") // they are samples
			}
			for _, env := range []map[string]string{known, nil} {
				if output, err := run(t, env, args...); err != nil {
					t.Errorf("%s %s: %s", verb, environment, output)
				}
			}
		}
	}
}

// A Kratos of somebody else: what is missing is said key by key.
const theirs = `
version: v1.3.1
dsn: postgres://kratos:dB-51c0ffee@db:5432/kratos
serve: {public: {base_url: https://kratos.example.test/}, admin: {host: 0.0.0.0}}
identity: {default_schema_id: person, schemas: [{id: person, url: "file:///nowhere/person.json"}]}
secrets: {cookie: [cN-x8Qv3mT7kL2pWz9R], cipher: [xC-short]}
courier: {smtp: {connection_uri: "smtps://user:sM-77bada55@smtp.provider.example.org:465/", from_address: autre@example.test}}
selfservice:
  default_browser_return_url: https://old.example.test/
  flows: {recovery: {enabled: true, use: link}, settings: {after: {password: {hooks: [{hook: web_hook, config: {url: "http://selfservice-ui:4456/hooks/password-permit", method: POST, body: "base64://e30=", auth: {type: api_key, config: {in: header, name: Authorization, value: hK-7f3c}}}}]}}}}
`

func TestDoctorFile(t *testing.T) {
	file := write(t, "kratos.yml", theirs)
	schema := write(t, "person.json", `{"properties":{"traits":{"properties":{"courriel":{"type":"string"},"prenom":{}}}}}`)
	output, err := run(t, nil, "doctor", "--file", file, "--identity-schema", schema, "--public-url", "https://compte.example.test", "--trait-given-name", "prenom")
	if !errors.Is(err, errFound) {
		t.Fatalf("%v: %s", err, output)
	}
	for _, rule := range []string{"permit-blocks", "permit-secret", "sessions-revoked", "recovery-by-code", "continue-with", "code-lifetime", "step-3-lifetime",
		"doors-permitted", "schema-recovery", "traits-known", "one-host", "return-urls", "secrets-strong", "mail-relay", "mail-sender", "mail-templates", "password-policy"} {
		if !finds(output, rule) {
			t.Errorf("does not find %s", rule)
		}
	}
	if finds(output, "permit-first") {
		t.Error("the permit is the first hook there")
	}
	noSecret(t, "doctor --file", output)
}

// finds tells whether a verdict has a line about a rule.
func finds(output, rule string) bool {
	return regexp.MustCompile(`(?m)^(danger|broken|advice) +` + rule + ` +\S.*:`).MatchString(output)
}

// What cannot be looked at is said, not passed over; a schema that the document holds itself is looked at.
func TestDoctorFileNotJudged(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString([]byte(`{"properties":{"traits":{"properties":{"courriel":{"type":"string"}}}}}`))
	for _, c := range []struct{ why, schema, says, rule string }{
		{"an absent file", "file:///nowhere/person.json", "not judged: the identity schema (/nowhere/person.json", ""},
		{"an address", "https://user:sM-77bada55@schemas.example.test/person.json", "not judged: the identity schema (it is at https://schemas.example.test/…", ""},
		{"the document itself", "base64://" + encoded, "", "schema-recovery"},
	} {
		document := strings.Replace(theirs, "file:///nowhere/person.json", c.schema, 1)
		document = strings.Replace(document, "courier: {", "courier: {template_override_path: /nowhere/mails, ", 1)
		output, err := run(t, nil, "doctor", "--file", write(t, "kratos.yml", document))
		if !errors.Is(err, errFound) {
			t.Fatalf("%s: %v: %s", c.why, err, output)
		}
		for _, text := range []string{c.says, "not judged: the mails (courier.template_override_path: /nowhere/mails is not on this machine)"} {
			if !strings.Contains(output, text) {
				t.Errorf("%s: does not say %q:\n%s", c.why, text, output)
			}
		}
		if (c.says == "") == strings.Contains(output, "not judged: the identity schema") || c.rule != "" && !strings.Contains(output, c.rule) {
			t.Errorf("%s: %s", c.why, output)
		}
		noSecret(t, c.why, output)
	}
	broken := strings.Replace(theirs, "file:///nowhere/person.json", "base64://e30", 1)
	if output, err := run(t, nil, "doctor", "--file", write(t, "kratos.yml", broken)); err == nil || errors.Is(err, errFound) || !strings.Contains(output, "identity schema base64://") {
		t.Errorf("no base64: %v: %s", err, output)
	}
}

// Accounts in memory are no fault of a demonstration alone.
func TestDoctorDatabase(t *testing.T) {
	for _, dsn := range []string{"memory", "sqlite:///var/lib/kratos.sqlite"} {
		for environment, found := range map[string]bool{"demo": false, "production": true} {
			output, _ := run(t, map[string]string{"EFP_KRATOS_DSN": dsn}, append([]string{"doctor", "--environment", environment}, settingsOf(environment)...)...)
			if finds(output, "database-shared") != found {
				t.Errorf("%s in %s: %s", dsn, environment, output)
			}
		}
		output, _ := run(t, nil, "doctor", "--file", write(t, "kratos.yml", strings.Replace(theirs, "postgres://kratos:dB-51c0ffee@db:5432/kratos", dsn, 1)))
		if !finds(output, "database-shared") {
			t.Errorf("%s in a file: %s", dsn, output)
		}
	}
}

func noSecret(t *testing.T, what, output string) {
	t.Helper()
	for _, fragment := range fragments {
		if strings.Contains(output, fragment) {
			t.Errorf("%s: %s… can be read in\n%s", what, fragment, output)
		}
	}
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Every verb, in success and in failure.
func TestNoSecretInAnyOutput(t *testing.T) {
	file := write(t, "kratos.yml", theirs)
	broken := write(t, "overlay.yml", "dsn: 4\nserve: {pubic: {}}\nsecrets: {cookie: [cN-x8Qv], cipher: [xC-q9Wm-too-long-for-a-cipher-of-kratos]}\ncourier: {smtp: {connection_uri: ':: sM-77bada55'}}\n")
	dir, own := t.TempDir(), secretsFolder(t)
	for _, args := range [][]string{
		{"render", "--environment", "production", "--out", dir},
		{"render", "--environment", "production", "--out", dir, "--overlay", broken},
		{"render", "--environment", "nowhere", "--out", dir},
		{"validate", "--environment", "production"},
		{"validate", "--environment", "production", "--overlay", broken},
		{"validate", "--file", file},
		{"diff", "rct", "--environment", "production"},
		{"diff", "--file", file, "--environment", "production"},
		{"doctor", "--environment", "production"},
		{"doctor", "--environment", "production", "--overlay", broken},
		{"doctor", "--file", file},
		{"doctor", "--explain", "all"},
		{"secrets", "--out", filepath.Join(dir, "secrets")},
		{"render", "--environment", "production", "--mails", "--out", dir},
		{"rotate", "site/keys", "add", "--secrets", own},
		{"rotate", "site/keys", "add", "--secrets", own},
		{"rotate", "kratos/cipher", "remove", "--secrets", own},
		{"rotate", "--help"},
		{"--help"}, {"render", "--help"},
	} {
		output, _ := run(t, known, args...)
		if output == "" {
			t.Errorf("%v says nothing", args)
		}
		noSecret(t, strings.Join(args, " "), output)
	}
}

// secretsFolder holds known values where `secrets` would have put random ones.
func secretsFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, value := range map[string]string{"site/keys": "cN-x8Qv3mT7kL2pWz9R", "kratos/cipher": "xC-q9Wm2vK7tL4pZ8sB3nD6cG1fJ5hR0"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700), os.WriteFile(filepath.Join(dir, name), []byte(value+"\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Somebody else's Kratos needs our mails and none of our secrets.
func TestRenderMails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kratos")
	args := append([]string{"render", "--environment", "production", "--mails", "--out", dir, "--trait-given-name", "prenom", "--trait-title", ""}, settingsOf("production")...)
	if output, err := run(t, nil, args...); err != nil {
		t.Fatal(output)
	}
	text, err := os.ReadFile(filepath.Join(dir, "courier-templates/recovery_code/valid/email.body.plaintext.gotmpl"))
	if err != nil || !strings.Contains(string(text), "$traits.prenom") || strings.Contains(string(text), "$traits.title") {
		t.Errorf("%v: the mail greets by other traits", err)
	}
	if _, err := os.Stat(filepath.Join(dir, config.DocumentFile)); !os.IsNotExist(err) {
		t.Errorf("a document was written: %v", err)
	}
}

// What nobody gave is no difference between two environments, and no verdict.
func TestDiff(t *testing.T) {
	output, err := run(t, nil, "diff", "rct", "--environment", "production")
	if err != nil {
		t.Fatal(output)
	}
	for _, want := range []string{"- production\n+ rct\n", "made up, so not judged", "cookies.domain\n  - efpconnect.example.test\n  + rct.efpconnect.example.test\n"} {
		if !strings.Contains(output, want) {
			t.Errorf("does not say %q:\n%s", want, output)
		}
	}
	if strings.Contains(output, "(secret)") {
		t.Errorf("made-up secrets differ:\n%s", output)
	}
}

// A flag that another one leaves without effect, and a profile that nothing has, are typing errors.
func TestFlagsThatDoNotAgree(t *testing.T) {
	file := write(t, "kratos.yml", theirs)
	compose := []string{"doctor", "--environment", "demo", "--compose", "../../docker-compose.yml"}
	for _, c := range []struct {
		says string
		args []string
	}{
		{"not both", []string{"validate", "--file", file, "--environment", "production"}},
		{"not both", []string{"doctor", "--file", file, "--environment", "production"}},
		{"goes with --file", []string{"doctor", "--environment", "demo", "--identity-schema", file}},
		{"goes with --compose", []string{"doctor", "--environment", "demo", "--profile", "demo"}},
		{`no profile "productoin": there are clean, demo, migrate, production`, append(compose, "--profile", "productoin")},
	} {
		if output, err := run(t, known, c.args...); err == nil || errors.Is(err, errFound) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: %v %s", c.args, err, output)
		}
	}
	delivered := append(compose, "--overlay", "../../deploy/overlays/compose.yml", "--config", "../../deploy/settings/demo.yml", "--profile")
	for _, profile := range []string{"demo", "*"} {
		if output, err := run(t, known, append(delivered, profile)...); err != nil {
			t.Errorf("%s: %v %s", profile, err, output)
		}
	}
}

// What is delivered passes, and says that it is a sample; a rule that is weighed and left out is named.
func TestDoctorSays(t *testing.T) {
	output, err := run(t, nil, append([]string{"doctor", "--environment", "production", "--skip", "ways-closed"}, settingsOf("production")...)...)
	if !errors.Is(err, errFound) || !strings.Contains(output, "not judged: ways-closed") || !finds(output, "samples-left") || strings.Count(output, "\n") != 4 {
		t.Errorf("%v: %s", err, output)
	}
	if output, err = run(t, nil, "doctor", "--file", write(t, "kratos.yml", theirs), "--skip", "ways-closed"); !errors.Is(err, errFound) || finds(output, "ways-closed") {
		t.Errorf("%v: %s", err, output)
	}
	if _, err = run(t, nil, "doctor", "--file", write(t, "kratos.yml", theirs), "--skip", "ways-clsoed"); err == nil || errors.Is(err, errFound) {
		t.Errorf("%v: a rule that does not exist was skipped", err)
	}
}

func TestRender(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kratos")
	args := append([]string{"render", "--environment", "production", "--out", dir}, settingsOf("production")...)
	if output, err := run(t, known, args...); err != nil {
		t.Fatal(output)
	}
	document, err := os.ReadFile(filepath.Join(dir, config.DocumentFile))
	if err != nil || !strings.Contains(string(document), "dB-51c0ffee") {
		t.Errorf("the file is for Kratos, which needs its secrets: %v", err)
	}
	for _, name := range []string{"kratos.yml", "identity.schema.json", "courier-templates/recovery_code/valid/email.body.gotmpl"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	// What Kratos would refuse must not take the place of what works.
	broken := write(t, "overlay.yml", "serve: {pubic: {}}\n")
	if output, err := run(t, known, append(args, "--overlay", broken)...); !errors.Is(err, errFound) || !strings.Contains(output, "pubic") {
		t.Errorf("a key that Kratos does not know: %v %s", err, output)
	}
	if after, _ := os.ReadFile(filepath.Join(dir, config.DocumentFile)); string(after) != string(document) {
		t.Error("the refused document was written")
	}
}
