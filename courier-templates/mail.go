// Package mail holds the mails that Kratos sends, in the tree that Kratos imposes (courier.template_override_path).
// kratos-config and the demo write its Files where Kratos reads them; tests and the storybook Render. The site never calls it.
//
// Two hands fill a template. [[ ]] is what an environment decides (addresses, ministry, lifetime): filled here, once, so that
// no request ever chooses the host of a link. {{ }} is what differs from mail to mail: filled by Kratos, with text/template for
// the subject and the text part, html/template for the HTML, and sprig's functions that touch neither clock nor environment.
//
// Three traps of Kratos decide how the templates are written:
//   - an error in the subject or the text part answers 400 to the person, for existing accounts only; an error in the HTML part
//     is only logged, and the mail leaves without it. So nothing in a trait or a payload may be one: all is checked or defaulted.
//   - the HTML set is parsed from email.body*, the text part included: no {{define}}, whose name would be defined twice.
//   - v1.3.1 does not know ExpiresInMinutes: the lifetime is a constant.
//
// What cannot be had: the person's name beside the address ("À Camille SERVE"), since Kratos's courier writes the bare address.
package mail

import (
	"embed"
	"fmt"
	"time"
)

//go:embed shared recovery_code registration_code verification_code login_code
var sources embed.FS

// Constants are what an environment decides. Typographic or plain apostrophes alike: each part of the mail gets its own.
type Constants struct {
	// PublicURL is the site as a browser sees it: http(s), no slash at the end needed. The button leads there.
	PublicURL string
	// EnvironmentLabel is the prefix of the subject outside production ("RCT"); empty in production.
	EnvironmentLabel string
	// Ministry is the official title, its lines separated by "|". It changes by decree.
	Ministry string
	// ServiceName is the name of the service: "EFP Connect".
	ServiceName string
	// AssistanceURL is the page that helps: http(s).
	AssistanceURL string
	// Sender is the address that the mail comes from, which the mail repeats. Empty: not repeated.
	Sender string
	// CodeLifetime is selfservice.methods.code.config.lifespan, which the mail says in words. Whole minutes.
	CodeLifetime time.Duration
	// Traits are the names of the traits that make the greeting. Empty ones: those of config/identity.schema.json.
	Traits TraitNames
}

// NoTrait is the name of a trait that accounts do not have.
const NoTrait = "-"

// TraitNames are keys of the traits' first level, made of ASCII letters, digits and underscores.
type TraitNames struct {
	Title, GivenName, FamilyName string
}

// Files returns the templates for Kratos: path under template_override_path → content. The error joins everything wrong with
// the constants. What it returns was executed once: it parses and runs with Kratos's functions.
func Files(c Constants) (map[string][]byte, error) {
	c.setDefaults()
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("mail constants: %w", err)
	}
	files, err := fill(c)
	if err != nil {
		return nil, err
	}
	for _, kind := range Kinds {
		if _, err := execute(files, kind, proof); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// proof reaches every branch that a mail can take.
var proof = Data{
	RecoveryCode:     "030814",
	RegistrationCode: "030814",
	VerificationCode: "030814",
	Identity:         map[string]any{"traits": map[string]any{}},
	TransientPayload: map[string]any{"suite": "lien", "asked_at": "24 novembre 2026 à 10 h 32", "device": "Firefox sur Windows"},
}
