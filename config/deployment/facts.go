package deployment

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"

	"efpconnect.example/config"
	"efpconnect.example/config/doctor"
	"efpconnect.example/internal/settings"
)

// Facts are what this deployment tells the doctor.
func (d *Deployment) Facts() (*doctor.Facts, error) {
	templates, err := d.Templates()
	if err != nil {
		return nil, err
	}
	f := &doctor.Facts{Site: SiteFacts(d.Settings), Templates: map[string]string{}}
	for name, content := range templates {
		f.Templates[name] = string(content)
	}
	open := get(d.overrides, config.Registration) == config.RegistrationOpen
	return f, errors.Join(yaml.Unmarshal(d.document, &f.Kratos), json.Unmarshal(config.SchemaFor(open), &f.Schema))
}

// SiteFacts are what the settings of the site tell the doctor.
func SiteFacts(s settings.Settings) *doctor.Site {
	site := &doctor.Site{PublicURL: s.PublicURL, ReturnTo: s.ReturnTo, SessionCookie: s.SessionCookie, MailSender: s.MailSender,
		SharedStore: s.RedisURL != "", Traits: []string{s.TraitTitle, s.TraitGivenName, s.TraitFamilyName},
		TrustedProxies: s.TrustedProxies, PasswordTimeout: s.KratosPasswordTimeout, Notices: s.NoticeSMTP != "", Registration: s.Registration}
	d := settings.Defaults()
	for setting, pair := range map[string][2]any{
		"assistance_url": {s.AssistanceURL, d.AssistanceURL}, "contacts_url": {s.ContactsURL, d.ContactsURL},
		"mail_sender": {s.MailSender, d.MailSender},
	} {
		if reflect.DeepEqual(pair[0], pair[1]) {
			site.Defaults = append(site.Defaults, setting)
		}
	}
	slices.Sort(site.Defaults)
	site.Defaults = append(site.Defaults, s.Holes()...)
	site.Samples = slices.DeleteFunc(s.Samples(), func(key string) bool { return slices.Contains(site.Defaults, key) })
	return site
}
