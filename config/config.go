// Package config makes the one document that Kratos reads out of a base, an environment and overrides, and holds the schema
// of an account. It is the only importer of koanf. The demo, the tests and kratos-config call it; the site never does.
//
// A layer replaces the keys of the one before it: kratos.yml, environments/NAME.yml, registration.yml where accounts can be created,
// then the overrides. Strings may name a
// value of the section `values` as ${name}; that section is ours and is not part of the result.
package config

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	fsprovider "github.com/knadh/koanf/providers/fs"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
)

// Keys of the section `values`, for overrides. The comments of kratos.yml say what each is for.
const (
	SiteURL      = "values.site_url"
	HookURL      = "values.hook_url"
	HookKey      = "values.hook_key"
	MountDir     = "values.mount_dir"
	DSN          = "values.dsn"
	SMTPURI      = "values.smtp_uri"
	CookieSecret = "values.cookie_secret"
	CipherSecret = "values.cipher_secret"
)

// ErrUnknownEnvironment is returned for a name that has no file in environments/.
var ErrUnknownEnvironment = errors.New("unknown environment")

//go:embed kratos.yml registration.yml environments/*.yml
var files embed.FS

//go:embed identity.schema.json
var identitySchema []byte

// IdentitySchema is the JSON Schema of an account (its traits), as Kratos is given it.
func IdentitySchema() []byte { return slices.Clone(identitySchema) }

// Environments lists the names that Render knows, sorted.
func Environments() []string {
	entries, err := fs.ReadDir(files, "environments")
	if err != nil {
		panic(err) // embedded at build: cannot fail
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yml"))
	}
	return names
}

// Render returns the kratos.yml of an environment. The keys of overrides are paths with dots ("log.level") or nested maps, in
// the case Kratos writes them. What it returns holds secrets; its errors never do.
func Render(environment string, overrides map[string]any) ([]byte, error) {
	if !slices.Contains(Environments(), environment) {
		return nil, unknown(environment)
	}
	return render(files, environment, overrides)
}

// unknown names the environments that there are.
func unknown(environment string) error {
	return fmt.Errorf("%w %q: there are %s", ErrUnknownEnvironment, environment, strings.Join(Environments(), ", "))
}

func render(files fs.FS, environment string, overrides map[string]any) ([]byte, error) {
	k, err := merge(files, environment, overrides)
	if err != nil {
		return nil, err
	}
	k.Delete(Registration) // a choice, not a text to fill in
	values := k.Cut("values")
	k.Delete("values")
	document, err := fill(k.Raw(), values.StringMap(""))
	if err != nil {
		return nil, fmt.Errorf("environment %s: %w", environment, err)
	}
	if err := checkPermits(document); err != nil {
		return nil, fmt.Errorf("environment %s: %w", environment, err)
	}
	return yaml.Parser().Marshal(document)
}

// merge puts the layers on top of one another. Strict: a text where the base has a boolean is an error, not a change of type.
func merge(files fs.FS, environment string, overrides map[string]any) (*koanf.Koanf, error) {
	layers := []string{"kratos.yml", path.Join("environments", environment+".yml")}
	k, err := stack(files, layers, overrides)
	if err != nil {
		return nil, err
	}
	open, err := registrationOpen(k)
	if err != nil || !open {
		return k, err
	}
	return stack(files, append(layers, "registration.yml"), overrides)
}

func stack(files fs.FS, layers []string, overrides map[string]any) (*koanf.Koanf, error) {
	k := koanf.NewWithConf(koanf.Conf{Delim: ".", StrictMerge: true})
	for _, name := range layers {
		if err := k.Load(fsprovider.Provider(files, name), yaml.Parser()); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	document, err := asYAML(overrides)
	if err != nil {
		return nil, fmt.Errorf("overrides: %w", err)
	}
	if err := k.Load(rawbytes.Provider(document), yaml.Parser()); err != nil {
		return nil, fmt.Errorf("overrides: %w", err)
	}
	return k, nil
}

// asYAML gives the overrides the types that a file would have (a []string becomes a list like any other, a time.Duration its
// text): strict merging compares types.
func asYAML(overrides map[string]any) ([]byte, error) {
	k := koanf.New(".")
	if err := k.Load(confmap.Provider(overrides, "."), nil); err != nil {
		return nil, err
	}
	return k.Marshal(yaml.Parser())
}
