// Package doctor says what a schema cannot see: settings that Kratos, or the site, accepts in silence and that break the reset,
// or open it. kratos-config calls it, on our own rendered documents and on those of a Kratos that already runs.
//
// A rule reads facts and nothing else, so that each carries its proof: a broken sample and a passing one.
package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/knadh/koanf/providers/confmap"
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
	Variables []string          `yaml:"variables"` // names of the variables that Kratos is started with

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

// Rule is one thing that must hold.
type Rule struct {
	ID     string
	Why    string // what happens otherwise, to whom
	Write  string // what to write instead
	Broken string // Facts in YAML that the rule finds fault with
	Passes string // the same, mended
	check  func(f *Facts, say func(key, format string, values ...any))
}

// Rules returns all of them, in the order they are reported.
func Rules() []*Rule {
	return slices.Concat(passwordRules, recoveryRules, cookieRules, secretRules, mailRules, processRules, siteRules, pageRules)
}

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

func (f *Facts) prepare() {
	if f.document == nil {
		f.document = koanf.New(".")
		// A map that was parsed from YAML always loads.
		_ = f.document.Load(confmap.Provider(f.Kratos, ""), nil)
	}
}

// text is what a key holds when that is a text: koanf would print a list as one.
func (f *Facts) text(key string) string {
	text, _ := f.document.Get(key).(string)
	return text
}

// has tells whether there is a document at all and the key in it.
func (f *Facts) has(key string) bool { return f.document.Exists(key) }

// truth is a boolean, or Kratos's own default where nothing is written.
func (f *Facts) truth(key string, otherwise bool) bool {
	if !f.has(key) {
		return otherwise
	}
	return f.document.Bool(key)
}

// number is a whole number, or Kratos's own default.
func (f *Facts) number(key string, otherwise int) int {
	if !f.has(key) {
		return otherwise
	}
	return f.document.Int(key)
}

// life is a duration, or Kratos's own default.
func (f *Facts) life(key string, otherwise time.Duration) time.Duration {
	if d, err := time.ParseDuration(f.text(key)); err == nil {
		return d
	}
	return otherwise
}

// list is a list of texts; one text alone is a list of one.
func (f *Facts) list(key string) []string {
	if text := f.text(key); text != "" {
		return []string{text}
	}
	return f.document.Strings(key)
}
