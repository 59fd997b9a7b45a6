// Package deployment puts together what an administrator decides about one Kratos: the environment of package config, an overlay
// of their own, the settings that the site has too, and the secrets. kratos-config calls it.
//
// Secrets come from the environment or from files (EFP_…, EFP_…_FILE), never from a flag, which the list of processes shows.
package deployment

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"efpconnect.example/config"
	mail "efpconnect.example/courier-templates"
	"efpconnect.example/internal/settings"
)

// Options are where a deployment is read from.
type Options struct {
	Environment string              // of package config
	Overlay     string              // a YAML file with keys of Kratos and of the section `values`; none when empty
	Flags       *pflag.FlagSet      // with settings.Flags
	Getenv      func(string) string // of the process
	StandIns    bool                // secrets that are missing are made up: to judge a document, never to run it
}

// Deployment is ready to be rendered.
type Deployment struct {
	Environment string
	Settings    settings.Settings
	StandIns    []string // the secrets that were made up

	overrides map[string]any
	document  []byte
}

// labels of the environments, where the settings give no other.
var labels = map[string]string{"demo": "DÉMO", "rct": "RCT"}

// Read reads and renders. The error joins everything missing or wrong, and holds no secret.
func Read(o Options) (*Deployment, error) {
	d := &Deployment{Environment: o.Environment}
	overrides, err := overlay(o.Overlay)
	if err != nil {
		return nil, err
	}
	d.overrides = overrides
	if err := errors.Join(d.readSettings(o), d.readSecrets(o)); err != nil {
		return nil, err
	}
	d.document, err = config.Render(o.Environment, overrides)
	return d, err
}

// Document is the kratos.yml. It holds secrets: see package redact.
func (d *Deployment) Document() []byte { return d.document }

// Write leaves everything that Kratos mounts in dir.
func (d *Deployment) Write(dir string) error {
	templates, err := d.Templates()
	if err != nil {
		return err
	}
	return config.Write(dir, d.Environment, d.overrides, templates)
}

// WriteTemplates leaves the mails alone in dir.
func (d *Deployment) WriteTemplates(dir string) error {
	templates, err := d.Templates()
	if err != nil {
		return err
	}
	return config.WriteTemplates(dir, templates)
}

// Templates are the mails, filled for this deployment.
func (d *Deployment) Templates() (map[string][]byte, error) {
	s := d.Settings
	life, err := d.codeLife()
	if err != nil {
		return nil, err
	}
	return mail.Files(mail.Constants{PublicURL: s.PublicURL, EnvironmentLabel: s.EnvironmentLabel, Ministry: s.Ministry, ServiceName: s.ServiceName,
		AssistanceURL: s.AssistanceURL, Sender: s.MailSender, CodeLifetime: life,
		Traits: mail.TraitNames{Title: traitName(s.TraitTitle), GivenName: traitName(s.TraitGivenName), FamilyName: traitName(s.TraitFamilyName)}})
}

// traitName is a setting for the mail: an empty one says that accounts have no such trait.
func traitName(setting string) string { return cmp.Or(setting, mail.NoTrait) }

// codeLife is what the mail says, read where Kratos reads it.
func (d *Deployment) codeLife() (time.Duration, error) {
	var document struct {
		Selfservice struct {
			Methods struct {
				Code struct {
					Config struct{ Lifespan string }
				}
			}
		}
	}
	if err := yaml.Unmarshal(d.document, &document); err != nil {
		return 0, err
	}
	return time.ParseDuration(document.Selfservice.Methods.Code.Config.Lifespan)
}

// readSettings reads what the site has too, and gives Kratos the same.
func (d *Deployment) readSettings(o Options) error {
	defaults := map[string]string{"environment_label": labels[o.Environment]}
	for setting, key := range map[string]string{
		"public_url":  config.SiteURL,
		"mail_sender": "courier.smtp.from_address",

		"session_cookie": "session.cookie.name",
	} {
		value, err := config.Lookup(o.Environment, key)
		if err != nil {
			return err
		}
		if own, ok := get(d.overrides, key).(string); ok {
			value = own
		}
		defaults[setting] = value
	}
	var err error
	if d.Settings, err = settings.ReadShared(o.Flags, defaults); err != nil {
		return err
	}
	set(d.overrides, config.SiteURL, d.Settings.PublicURL)
	if strings.HasPrefix(d.Settings.PublicURL, "http://") {
		// Kratos's cookies would be Secure, and no browser would send them back.
		set(d.overrides, "dev", true)
	}
	set(d.overrides, "courier.smtp.from_address", d.Settings.MailSender)
	set(d.overrides, "session.cookie.name", d.Settings.SessionCookie)
	if get(d.overrides, "selfservice.allowed_return_urls") == nil {
		set(d.overrides, "selfservice.allowed_return_urls", append([]string{"${site_url}"}, d.Settings.ReturnTo...))
	}
	return nil
}

// overlay is the administrator's own file. Keys may be written below one another or with dots, as config.Render takes them.
func overlay(name string) (map[string]any, error) {
	if name == "" {
		return map[string]any{}, nil
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("overlay: %w", err)
	}
	var written map[string]any
	if err := yaml.Unmarshal(content, &written); err != nil {
		return nil, fmt.Errorf("overlay %s: %w", name, err)
	}
	overrides := map[string]any{}
	nest(overrides, "", written)
	return overrides, nil
}

// nest writes each value of a document below its path, so that no key holds a dot.
func nest(out map[string]any, prefix string, document map[string]any) {
	for key, value := range document {
		if below, ok := value.(map[string]any); ok && len(below) > 0 {
			nest(out, prefix+key+".", below)
			continue
		}
		set(out, prefix+key, value)
	}
}

// set writes a value at a path with dots.
func set(document map[string]any, path string, value any) {
	keys := strings.Split(path, ".")
	for _, key := range keys[:len(keys)-1] {
		below, ok := document[key].(map[string]any)
		if !ok {
			below = map[string]any{}
			document[key] = below
		}
		document = below
	}
	document[keys[len(keys)-1]] = value
}

// get reads at a path with dots; nil where there is nothing.
func get(document map[string]any, path string) any {
	var node any = document
	for key := range strings.SplitSeq(path, ".") {
		below, ok := node.(map[string]any)
		if !ok {
			return nil
		}
		node = below[key]
	}
	return node
}
