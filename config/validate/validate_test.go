package validate

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"efpconnect.example/internal/testkit/kratostest"
)

const good = `
version: v1.3.1
dsn: memory
identity: {default_schema_id: account, schemas: [{id: account, url: "file:///etc/config/kratos/identity.schema.json"}]}
selfservice: {default_browser_return_url: "https://e.example.test/connexion", flows: {recovery: {enabled: true, use: code}}}
`

func TestDocument(t *testing.T) {
	for _, c := range []struct {
		why, name, document string
		says                []string // nothing: accepted
	}{
		{"the least that Kratos starts with", "kratos.yml", good, nil},
		{"a key that is spelled wrong", "kratos.yml", good + "serve: {pubic: {port: 4433}}", []string{"/serve", "pubic"}},
		{"two faults are told at once", "kratos.yml", good + "serve: {public: {port: none}}\nlog: {level: loud}", []string{"/serve/public/port", "/log/level"}},
		{"what must be there", "kratos.yml", "dsn: memory", []string{"identity"}},
		{"JSON", "kratos.json", `{"dsn": "memory", "identity": {"schemas": [{"id": "account", "url": "file:///a.json"}]}, "selfservice": {"default_browser_return_url": "https://e.example.test/"}}`, nil},
		{"TOML", "kratos.toml", "dsn = \"memory\"\n[identity]\nschemas = [{id = \"account\", url = \"file:///a.json\"}]\n[selfservice]\ndefault_browser_return_url = \"https://e.example.test/\"\n", nil},
		{"TOML of a wrong key", "kratos.toml", "dsn = \"memory\"\npubic = 1\n", []string{"pubic"}},
		{"YAML called TOML", "kratos.toml", good, []string{"it cannot be read"}},
		{"a key twice", "kratos.yml", good + "dsn: memory\n", []string{"already defined"}},
		{"a value at fault is not quoted", "kratos.yml", good + "serve: {public: {base_url: ':: S3cret'}}", []string{"/serve/public/base_url: is not valid"}},
		{"no YAML", "kratos.yml", "\tdsn: memory", []string{"yaml"}},
	} {
		// Kratos itself would let these win over the document.
		t.Setenv("DSN", "nonsense://")
		t.Setenv("LOG_LEVEL", "louder")
		values, err := Parse(c.name, []byte(c.document))
		if err == nil {
			err = Document(t.Context(), Schema, values)
		}
		if (err == nil) != (c.says == nil) {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		if err != nil && !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v is not ErrRefused", c.why, err)
		}
		if err != nil && strings.Contains(err.Error(), "S3cret") {
			t.Errorf("%s: quotes a secret: %v", c.why, err)
		}
		for _, text := range c.says {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %q does not say %q", c.why, err, text)
			}
		}
	}
}

// The schema is a copy: of this very Kratos, or it judges for another one.
func TestSchemaIsThePinnedOne(t *testing.T) {
	t.Setenv("EFP_TEST_KRATOS", "") // another Kratos has another schema, and no such verb
	t.Setenv("KRATOS", "")
	printed, err := exec.Command(kratostest.Binary(t), "config-schema").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(printed, Schema) {
		t.Error("not what the pinned Kratos embeds: go generate ./config/validate")
	}
}
