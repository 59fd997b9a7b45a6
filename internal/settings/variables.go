package settings

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// KratosSecrets are the variables of kratos-config's own secrets; each may end in _FILE.
var KratosSecrets = []string{"EFP_KRATOS_DSN", "EFP_KRATOS_SMTP_URI", "EFP_KRATOS_COOKIE_SECRETS", "EFP_KRATOS_CIPHER_SECRETS"}

// composeVariables are those that docker-compose.yml asks its .env for.
var composeVariables = []string{"EFP_IMAGE", "EFP_ENVIRONMENT", "EFP_SETTINGS", "EFP_OVERLAY", "EFP_CERTIFICATES", "EFP_PUBLISH", "EFP_PUBLISH_HTTP", "EFP_IMPORT",
	"EFP_RELAYHOST", "EFP_RELAYHOST_USERNAME", "EFP_RELAYHOST_PASSWORD_DIR", "EFP_SENDER_DOMAINS"}

// elsewhere are variables that are not ours to judge: those of this repository's tests, and those that Kubernetes makes of a service
// whose name is efp or begins with efp-.
var elsewhere = regexp.MustCompile(`^EFP_(STRICT|SCREENSHOTS|IMPORT_CHILD|(TEST|CLUSTER)_\w+|(\w+_)?SERVICE_(HOST|PORT\w*)|(\w+_)?PORT(_\d+_\w+)?)$`)

// KnownVariable tells a variable that something of ours reads.
func KnownVariable(name string) bool {
	secret := strings.TrimSuffix(name, "_FILE")
	for _, f := range fields() {
		if f.variable() == name || f.secret && f.variable() == secret {
			return true
		}
	}
	return slices.Contains(KratosSecrets, secret) || slices.Contains(composeVariables, name) || elsewhere.MatchString(name)
}

// unknownVariables are the typos of an environment: EFP_REDISURL would leave the site with a memory of its own, in silence.
func unknownVariables(environment []string) error {
	var unknown []error
	for _, variable := range environment {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "EFP_") && !KnownVariable(name) {
			unknown = append(unknown, fmt.Errorf("%s: no setting has this variable; `selfservice-ui config` names them all", name))
		}
	}
	return errors.Join(unknown...)
}
