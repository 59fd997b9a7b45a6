package kratosprocess

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"path/filepath"

	"efpconnect.example/config"
)

// nobody is an address where nothing listens: port 1 of loopback.
const nobody = "127.0.0.1:1"

func (o *Options) setDefaults() error {
	if o.Dir == "" {
		return errors.New("kratosprocess: Dir is required")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return err
	}
	o.Dir = dir
	if o.Binary == "" {
		if o.Binary, err = Binary(); err != nil {
			return err
		}
	}
	setDefault(&o.Environment, "demo")
	setDefault(&o.SiteURL, "http://127.0.0.1:4455")
	setDefault(&o.HookURL, "http://"+nobody+"/")
	setDefault(&o.HookKey, secret())
	setDefault(&o.SMTPAddr, nobody)
	if o.Log == nil {
		o.Log = io.Discard
	}
	return nil
}

func setDefault(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

// overrides is everything in kratos.yml that depends on this machine and this run. The caller's own come last.
func (p *Process) overrides() map[string]any {
	o := p.options
	all := map[string]any{
		config.SiteURL:          o.SiteURL,
		config.HookURL:          o.HookURL,
		config.HookKey:          o.HookKey,
		config.MountDir:         o.Dir,
		config.DSN:              o.DSN,
		config.SMTPURI:          "smtp://" + o.SMTPAddr + "/?disable_starttls=true",
		config.CookieSecret:     secret(),
		config.CipherSecret:     secret(),
		"serve.public.host":     "127.0.0.1",
		"serve.public.port":     o.PublicPort,
		"serve.public.base_url": p.PublicURL + "/",
		"serve.admin.host":      "127.0.0.1",
		"serve.admin.port":      o.AdminPort,
		"serve.admin.base_url":  p.AdminURL + "/",
	}
	maps.Copy(all, o.Overrides)
	return all
}

// secret is 32 characters, the exact length that Kratos wants of a cipher's secret.
func secret() string {
	b := make([]byte, 16)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b)
}
