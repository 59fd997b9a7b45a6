// Package doctor says what a schema cannot see: settings that Kratos, or the site, accepts in silence and that break the reset,
// or open it. kratos-config calls it, on our own rendered documents and on those of a Kratos that already runs.
//
// A rule reads facts and nothing else, so that each carries its proof: a broken sample and a passing one.
package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/knadh/koanf/v2"
	"go.yaml.in/yaml/v3"
)

// Facts are what is known about a deployment. What is not known is left out, and the rules about it say nothing.
type Facts struct {
	Kratos    map[string]any    `yaml:"kratos"`    // the document Kratos reads
	Site      *Site             `yaml:"site"`      // the site's settings
	Schema    map[string]any    `yaml:"schema"`    // the identity schema
	Templates map[string]string `yaml:"templates"` // path under the override folder → content
	Processes []Process         `yaml:"processes"` // what runs, as a Compose file says it
	Keys      []string          `yaml:"keys"`      // of the samples: keys that the Kratos that is judged has, and v1.3.1 has not
	Variables []string          `yaml:"variables"` // names of the variables that Kratos is started with

	// Judged is the schema of the Kratos that is judged; nil is that of v1.3.1.
	Judged *Schema `yaml:"-"`

	document *koanf.Koanf
}

// Site is the part of the site's settings that must agree with Kratos. Fields are named as in package settings.
type Site struct {
	PublicURL     string   `yaml:"public_url"`
	ReturnTo      []string `yaml:"return_to"`
	SessionCookie string   `yaml:"session_cookie"`
	MailSender    string   `yaml:"mail_sender"`
	SharedStore   bool     `yaml:"shared_store"` // Redis
	Traits        []string `yaml:"traits"`       // names of the traits that the mail greets by
	Defaults      []string `yaml:"defaults"`     // settings about pages that nobody has filled in

	TrustedProxies  []string      `yaml:"trusted_proxies"`
	PasswordTimeout time.Duration `yaml:"password_timeout"` // kratos_password_timeout
	Notices         bool          `yaml:"notices"`          // it has a relay for « votre mot de passe a été modifié »
	Registration    string        `yaml:"registration"`     // closed, open or domains; "" where it is not known
	Samples         []string      `yaml:"samples"`          // settings that still hold an address of example.test
}

// Process is a service of a Compose file.
type Process struct {
	Name      string   `yaml:"name"`
	Image     string   `yaml:"image"`
	Command   []string `yaml:"command"`
	Published []int    `yaml:"published"` // ports of the container that the host publishes
	Networks  []string `yaml:"networks"`
	Host      bool     `yaml:"host"`    // it has the host's own network: every port of it is published
	Outside   bool     `yaml:"outside"` // one of its networks leads out of the host
	Replicas  int      `yaml:"replicas"`
}

// Finding is one thing to change.
type Finding struct {
	Rule *Rule
	Key  string // where, in the document or the settings
	Says string // what is there; never the value of a secret
}

// Gravity is how bad it is where a rule does not hold. Findings are told by it.
type Gravity int

// The gravities, the worst first.
const (
	Danger Gravity = iota // somebody gets in, or reads, who must not
	Broken                // a way of the site does not work, for some people or for all
	Advice                // it works, and would be better
)

func (g Gravity) String() string { return [...]string{"danger", "broken", "advice"}[g] }

// MarshalText writes the name.
func (g Gravity) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// Rule is one thing that must hold.
type Rule struct {
	ID      string
	Gravity Gravity
	Why     string // what happens otherwise, to whom
	Write   string // what to write instead
	Broken  string // Facts in YAML that the rule finds fault with
	Passes  string // the same, mended
	check   func(f *Facts, say func(key, format string, values ...any))
}

// Rules returns all of them, the gravest first.
func Rules() []*Rule {
	all := slices.Concat(permitRules, passwordRules, recoveryRules, cookieRules, secretRules, databaseRules, networkRules, mailRules, processRules, siteRules, pageRules)
	slices.SortStableFunc(all, func(a, b *Rule) int { return cmp.Compare(a.Gravity, b.Gravity) })
	return all
}

// Secrets are the rules about secrets themselves, of which render asks the real ones.
func Secrets() []*Rule { return secretRules[:2] }

// Examine applies every rule.
func Examine(f *Facts) []Finding {
	var all []Finding
	for _, rule := range Rules() {
		all = append(all, rule.Examine(f)...)
	}
	return all
}

// Examine applies one rule.
func (r *Rule) Examine(f *Facts) []Finding {
	var found []Finding
	f.prepare()
	r.check(f, func(key, format string, values ...any) {
		found = append(found, Finding{Rule: r, Key: key, Says: fmt.Sprintf(format, values...)})
	})
	return found
}

// Read reads facts as YAML, which is how the samples are written.
func Read(text string) (*Facts, error) {
	var f Facts
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil {
		return nil, fmt.Errorf("facts: %w", err)
	}
	return &f, nil
}
