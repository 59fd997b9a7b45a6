package deployment

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"efpconnect.example/config"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/settings"
)

// secret is one of Kratos's: where it comes from and where it goes.
type secret struct {
	variable string // also with _FILE
	key      string // of the document or of the section values
	list     bool   // several, comma-separated: the first is used, all are accepted
	standIn  string // what is judged in its place where it is not given
}

var secrets = []secret{
	{"EFP_HOOK_KEY", config.HookKey, false, seal.NewKey()},
	{"EFP_KRATOS_DSN", config.DSN, false, "postgres://kratos:" + hex32() + "@postgres:5432/kratos"},
	{"EFP_KRATOS_SMTP_URI", config.SMTPURI, false, "smtp://relay:587/"},
	{"EFP_KRATOS_COOKIE_SECRETS", "secrets.cookie", true, hex32()},
	{"EFP_KRATOS_CIPHER_SECRETS", "secrets.cipher", true, hex32()},
}

// madeUp tells a value that stands in for a secret.
func madeUp(value string) bool {
	return slices.ContainsFunc(secrets, func(s secret) bool { return s.standIn == value })
}

// ErrNoSecret is returned when a secret is in neither its variable nor its file.
var ErrNoSecret = errors.New("no value for the secret")

func (d *Deployment) readSecrets(o Options) error {
	var faults []error
	for _, s := range secrets {
		value, err := s.read(o.Getenv)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if value == "" && s.given(d) {
			continue
		}
		if value == "" && o.StandIns {
			value = s.standIn
			d.StandIns = append(d.StandIns, s.variable)
		}
		switch {
		case s.key == config.DSN && value != "" && !database(value):
			faults = append(faults, fmt.Errorf("%s: no address of a database that Kratos knows (postgres://…, cockroach://…, mysql://…, sqlite://…)", s.variable))
		case value == "":
			faults = append(faults, fmt.Errorf("%w: set %s or %s_FILE", ErrNoSecret, s.variable, s.variable))
		case s.list:
			set(d.overrides, s.key, listed(value))
		default:
			set(d.overrides, s.key, value)
		}
	}
	return errors.Join(faults...)
}

// database tells an address that Kratos takes for its dsn.
func database(dsn string) bool {
	scheme, rest, there := strings.Cut(dsn, "://")
	return dsn == "memory" || there && rest != "" && slices.Contains([]string{"postgres", "postgresql", "cockroach", "cockroachdb", "mysql", "sqlite", "sqlite3"}, scheme)
}

// given tells that the overlay or the environment's own file has it: the demo's relay is no secret.
func (s secret) given(d *Deployment) bool {
	if get(d.overrides, s.key) != nil {
		return true
	}
	value, err := config.Lookup(d.Environment, s.key)
	return err == nil && !s.list && value != ""
}

func (s secret) read(getenv func(string) string) (string, error) {
	if text, given, err := settings.SecretFile(getenv, s.variable); given {
		return text, err
	}
	return getenv(s.variable), nil
}

// NewSecrets makes what a first deployment with docker-compose.yml needs, one folder for each reader so that nobody mounts what
// another one owns. Files that are there already are kept: a second start changes nothing. It returns the names of the new ones.
func NewSecrets(dir string) (made []string, err error) {
	hook, database, cache := seal.NewKey(), hex32(), hex32()
	files := []struct{ name, content string }{
		{"postgres/password", database},
		{"redis/password", cache},
		{"kratos/dsn", "postgres://kratos:" + database + "@postgres:5432/kratos?sslmode=disable&max_conns=20"},
		{"kratos/cookie", hex32()},
		{"kratos/cipher", hex32()},
		{"kratos/hook_key", hook},
		{"site/hook_key", hook},
		{"site/keys", seal.NewKey()},
		{"site/redis_url", "redis://:" + cache + "@redis:6379/0"},
	}
	there := 0
	for _, f := range files {
		if _, err := os.Stat(filepath.Join(dir, f.name)); err == nil {
			there++
		}
	}
	if there == len(files) {
		return nil, nil
	}
	if there > 0 {
		// Half a set: what would be made now does not fit what is there (the database keeps its first password).
		return nil, fmt.Errorf("%s holds %d of %d secrets: restore the missing ones, or empty the folder and the database", dir, there, len(files))
	}
	for _, f := range files {
		if err := config.Replace(filepath.Join(dir, f.name), []byte(f.content+"\n")); err != nil {
			return made, err
		}
		made = append(made, f.name)
	}
	return made, nil
}

// hex32 is 32 random characters, the exact length that Kratos wants of a cipher's secret.
func hex32() string {
	b := make([]byte, 16)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	return fmt.Sprintf("%x", b)
}
