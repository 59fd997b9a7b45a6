package deployment

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

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
	return f, errors.Join(yaml.Unmarshal(d.document, &f.Kratos), json.Unmarshal(config.IdentitySchema(), &f.Schema))
}

// SiteFacts are what the settings of the site tell the doctor.
func SiteFacts(s settings.Settings) *doctor.Site {
	site := &doctor.Site{PublicURL: s.PublicURL, ReturnTo: s.ReturnTo, SessionCookie: s.SessionCookie, MailSender: s.MailSender,
		SharedStore: s.RedisURL != "", Traits: []string{s.TraitTitle, s.TraitGivenName, s.TraitFamilyName},
		TrustedProxies: s.TrustedProxies, PasswordTimeout: s.KratosPasswordTimeout, Notices: s.NoticeSMTP != ""}
	d := settings.Defaults()
	for setting, pair := range map[string][2]any{
		"assistance_url": {s.AssistanceURL, d.AssistanceURL}, "contacts_url": {s.ContactsURL, d.ContactsURL},
		"mail_sender": {s.MailSender, d.MailSender}, "legal": {s.Legal, d.Legal},
	} {
		if reflect.DeepEqual(pair[0], pair[1]) {
			site.Defaults = append(site.Defaults, setting)
		}
	}
	return site
}

// FileFacts are what the document of a Kratos that already runs tells the doctor: the document itself, and what it names that
// can be read from here. schema is its identity schema; "" looks where the document says.
func FileFacts(file, schema string) (*doctor.Facts, []byte, error) {
	document, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	f := &doctor.Facts{}
	if err := yaml.Unmarshal(document, &f.Kratos); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	if schema == "" {
		if id, ok := firstSchema(f.Kratos); ok {
			schema = id
		}
	}
	if schema != "" {
		content, err := os.ReadFile(schema)
		if err != nil {
			return nil, nil, fmt.Errorf("identity schema: %w (name it with --identity-schema)", err)
		}
		if err := json.Unmarshal(content, &f.Schema); err != nil {
			return nil, nil, fmt.Errorf("identity schema %s: %w", schema, err)
		}
	}
	folder, _ := get(f.Kratos, "courier.template_override_path").(string)
	f.Templates, err = readTemplates(folder)
	return f, document, err
}

// firstSchema is the default schema's file, when it can be read from here.
func firstSchema(document map[string]any) (string, bool) {
	list, _ := get(document, "identity.schemas").([]any)
	wanted, _ := get(document, "identity.default_schema_id").(string)
	for _, one := range list {
		entry, _ := one.(map[string]any)
		address, _ := entry["url"].(string)
		if path, ok := cutFile(address); ok && (wanted == "" || entry["id"] == wanted) {
			_, err := os.Stat(path)
			return path, err == nil
		}
	}
	return "", false
}

func cutFile(address string) (string, bool) {
	const scheme = "file://"
	if len(address) <= len(scheme) || address[:len(scheme)] != scheme {
		return "", false
	}
	return address[len(scheme):], true
}

// readTemplates reads a folder of templates; nil when it is not on this machine.
func readTemplates(folder string) (map[string]string, error) {
	if _, err := os.Stat(folder); folder == "" || err != nil {
		return nil, nil
	}
	templates := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(folder, path)
		templates[filepath.ToSlash(name)] = string(content)
		return err
	})
	return templates, err
}
