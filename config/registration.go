package config

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/knadh/koanf/v2"
)

// Registration says whether people may create an account. Open adds registration.yml and lets the schema of an account carry a code.
const (
	Registration       = "values.registration"
	RegistrationOpen   = "open"
	RegistrationClosed = "closed"
)

// registrationOpen reads the value of a merged document.
func registrationOpen(k *koanf.Koanf) (bool, error) {
	switch value := k.String(Registration); value {
	case RegistrationOpen:
		return true, nil
	case RegistrationClosed, "":
		return false, nil
	default:
		return false, fmt.Errorf("%s is %q: %s or %s", Registration, value, RegistrationOpen, RegistrationClosed)
	}
}

// SchemaFor is the schema of an account as Kratos is given it. Where accounts can be created, the address is the identifier of a
// code too: without that Kratos answers each registration with 4000009.
func SchemaFor(open bool) []byte {
	if !open {
		return IdentitySchema()
	}
	var schema map[string]any
	if err := json.Unmarshal(identitySchema, &schema); err != nil {
		panic(err) // embedded at build, and parsed by the tests
	}
	credentials := below(schema, "properties", "traits", "properties", "email", "ory.sh/kratos", "credentials")
	credentials["code"] = map[string]any{"identifier": true, "via": "email"}
	var out bytes.Buffer
	written := json.NewEncoder(&out)
	written.SetEscapeHTML(false)
	written.SetIndent("", "  ")
	if err := written.Encode(schema); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func below(node map[string]any, path ...string) map[string]any {
	for _, key := range path {
		node = node[key].(map[string]any)
	}
	return node
}
