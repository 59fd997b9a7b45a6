package main

import (
	"errors"
	"strings"
	"testing"
)

const registry = `services:
  - id: formation
    name: Formation
    addresses: ["https://formation.example.test/app"]
    protocol: cas
    identifier: email
`

func TestServicesCheck(t *testing.T) {
	right := write(t, "services.yml", registry)
	wrong := write(t, "services.yml", strings.NewReplacer("Formation", `""`, "https:", "http:", "cas", "ldap").Replace(registry))
	for name, c := range map[string]struct {
		args []string
		err  error
		says []string
	}{
		"right":                {[]string{right}, nil, []string{"formation: Formation, cas, called by email (not listed under « Vos services »; not told when a session ends)"}},
		"an address":           {[]string{right, "https://formation.example.test/app/x?y=1"}, nil, []string{"/app/x?y=1: formation"}},
		"another's":            {[]string{right, "https://formation.example.test.other.example/app"}, errFound, []string{"no service has this address"}},
		"everything at once":   {[]string{wrong}, errFound, []string{"name: is required", "must begin with https://", `"ldap" is not cas, saml or oidc`}},
		"a file that is none":  {[]string{"no-such.yml"}, errFound, []string{"no-such.yml"}},
		"another kind of file": {[]string{write(t, "services.yml", "[]")}, errFound, []string{"services.yml"}},
	} {
		output, err := run(t, nil, append([]string{"services", "check"}, c.args...)...)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v: %s", name, err, output)
		}
		for _, word := range c.says {
			if !strings.Contains(output, word) {
				t.Errorf("%s does not say %q: %s", name, word, output)
			}
		}
	}
}
