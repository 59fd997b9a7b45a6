package config_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os/exec"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"efpconnect.example/config"
	"efpconnect.example/internal/kratosprocess"
)

// configSchema is what the built Kratos v1.3.1 embeds and judges its own configuration by.
func configSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no real Kratos")
	}
	// Another Kratos has no such verb; that it starts on each environment is tested in internal/engine.
	t.Setenv("EFP_TEST_KRATOS", "")
	t.Setenv("KRATOS", "")
	binary, err := kratosprocess.Binary()
	if err != nil {
		t.Fatal(err)
	}
	printed, err := exec.Command(binary, "config-schema").Output()
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	// The schema of the section `tracing` is in another module of Kratos; we have no such section.
	if err := compiler.AddResource("ory://tracing-config", true); err != nil {
		t.Fatal(err)
	}
	return compile(t, compiler, "config.schema.json", printed)
}

func compile(t *testing.T, compiler *jsonschema.Compiler, name string, content []byte) *jsonschema.Schema {
	t.Helper()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiler.AddResource(name, parsed); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func render(t *testing.T, environment string, more map[string]any) any {
	t.Helper()
	overrides := map[string]any{
		config.HookKey: "hook-key", config.DSN: "postgres://kratos@db/kratos", config.SMTPURI: "smtp://relay:587/",
		config.CookieSecret: strings.Repeat("c", 32), config.CipherSecret: strings.Repeat("k", 32),
	}
	maps.Copy(overrides, more)
	document, err := config.Render(environment, overrides)
	if err != nil {
		t.Fatal(err)
	}
	var value map[string]any
	if err := yaml.Unmarshal(document, &value); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return instance
}

func TestKratosKnowsEveryKey(t *testing.T) {
	schema := configSchema(t)
	for _, environment := range config.Environments() {
		if err := schema.Validate(render(t, environment, nil)); err != nil {
			t.Errorf("%s: %v", environment, err)
		}
	}
	// The judge is awake: a typing error must not pass.
	if err := schema.Validate(render(t, "demo", map[string]any{"selfservice.flows.recovery.enabeld": true})); err == nil {
		t.Error("a key that Kratos does not know was accepted")
	}
}

func TestIdentitySchema(t *testing.T) {
	schema := compile(t, jsonschema.NewCompiler(), "identity.schema.json", config.IdentitySchema())
	long := strings.Repeat("é", 100)
	label := strings.Repeat("a", 60) + "."
	longEmail := strings.Repeat("a", 64) + "@" + label + label + label + "a.test"
	for _, c := range []struct {
		why    string
		traits map[string]any // on top of an e-mail
		ok     bool
	}{
		{"only an address, as many legacy accounts", nil, true},
		{"everything", map[string]any{"title": "Madame", "given_name": "Anne-Lise", "family_name": "D’ARC Œuvrard", "phone_number": "+33 (0)1 23.45-67"}, true},
		{"other scripts are names too", map[string]any{"given_name": "Nguyễn", "family_name": "Χρήστος 李"}, true},
		{"a name of 100 characters, not bytes", map[string]any{"family_name": long}, true},
		{"a longer one", map[string]any{"family_name": long + "é"}, false},
		{"an empty name: absent says it better", map[string]any{"given_name": ""}, false},
		{"a line break would forge a line of the text mail", map[string]any{"given_name": "Camille\r\nBcc: x"}, false},
		{"a line break at the very end", map[string]any{"given_name": "Camille\n"}, false},
		{"a tab", map[string]any{"family_name": "SER\tVE"}, false},
		{"a control character of Latin-1", map[string]any{"family_name": "SER\u0085VE"}, false},
		{"a line separator of Unicode", map[string]any{"family_name": "SER\u2028VE"}, false},
		{"a right-to-left override", map[string]any{"family_name": "SER\u202eVE"}, false},
		{"a link, which a mail program makes clickable", map[string]any{"given_name": "https://piege.example"}, false},
		{"a link of any scheme", map[string]any{"family_name": "x ftp://piege.example"}, false},
		{"a title that no text of ours knows", map[string]any{"title": "Docteur"}, false},
		{"a telephone in words", map[string]any{"phone_number": "chez moi"}, false},
		{"a telephone without end", map[string]any{"phone_number": strings.Repeat("1", 31)}, false},
		{"a field of one's own", map[string]any{"role": "admin"}, false},
		{"an address that is none", map[string]any{"email": ""}, false},
		{"the longest address of SMTP, 254 characters", map[string]any{"email": longEmail}, true},
		{"one more", map[string]any{"email": longEmail + "e"}, false},
	} {
		traits := map[string]any{"email": "camille.serve@example.test"}
		maps.Copy(traits, c.traits)
		if err := schema.Validate(map[string]any{"traits": traits}); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.why, err)
		}
	}
	if schema.Validate(map[string]any{"traits": map[string]any{"given_name": "Camille"}}) == nil {
		t.Error("an account without an address could never log in or recover")
	}
}
