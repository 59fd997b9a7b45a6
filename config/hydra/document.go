// Package hydra makes what Ory Hydra reads. The demo, the tests and kratos-config call it; the site never does.
package hydra

import (
	"embed"
	"fmt"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/fs"
	"github.com/knadh/koanf/v2"

	"efpconnect.example/selfservice-ui/sitepath"
)

//go:embed hydra.yml
var base embed.FS

// Document is what differs from one deployment of Hydra to the next. All but Host and the ports are required.
type Document struct {
	SiteURL string // the site, as browsers know it
	Issuer  string // Hydra's public port, as browsers and services know it: it never changes
	DSN     string
	Secret  string // seals what Hydra keeps; 32 characters or more
	Salt    string // of the identifiers that the site does not give; it never changes

	Host                  string // "" listens everywhere
	PublicPort, AdminPort int    // 0: Hydra's own, 4444 and 4445
}

// Render is the document that Hydra is given by `-c`. It holds secrets.
func (d Document) Render() ([]byte, error) {
	k := koanf.NewWithConf(koanf.Conf{Delim: ".", StrictMerge: true})
	if err := k.Load(fs.Provider(base, "hydra.yml"), yaml.Parser()); err != nil {
		return nil, fmt.Errorf("hydra.yml: %w", err)
	}
	values := map[string]any{
		"dsn":                                    d.DSN,
		"secrets.system":                         []string{d.Secret},
		"urls.self.issuer":                       d.Issuer,
		"urls.self.public":                       d.Issuer,
		"urls.login":                             d.SiteURL + sitepath.ServiceLogin,
		"urls.registration":                      d.SiteURL + sitepath.ServiceLogin,
		"urls.consent":                           d.SiteURL + sitepath.Consent,
		"urls.logout":                            d.SiteURL + sitepath.Logout,
		"urls.post_logout_redirect":              d.SiteURL + sitepath.Logout,
		"urls.error":                             d.SiteURL + sitepath.ServiceLogin, // without a challenge it is the page that says so
		"oidc.subject_identifiers.pairwise.salt": d.Salt,
	}
	for key, value := range map[string]int{"serve.public.port": d.PublicPort, "serve.admin.port": d.AdminPort} {
		if value != 0 {
			values[key] = value
		}
	}
	if d.Host != "" {
		values["serve.public.host"], values["serve.admin.host"] = d.Host, d.Host
	}
	if err := k.Load(confmap.Provider(values, "."), nil); err != nil {
		return nil, fmt.Errorf("hydra: %w", err)
	}
	return k.Marshal(yaml.Parser())
}
