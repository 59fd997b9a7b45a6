package config

import (
	"encoding/base64"
	"errors"
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
)

// secrets are what no file holds: the least that any environment needs.
func secrets(more map[string]any) map[string]any {
	all := map[string]any{
		HookKey: "hook-key", DSN: "postgres://kratos@db/kratos", SMTPURI: "smtp://relay:587/",
		CookieSecret: "cookie-secret-of-16", CipherSecret: "12345678901234567890123456789012",
	}
	maps.Copy(all, more)
	return all
}

func parse(t *testing.T, document []byte) *koanf.Koanf {
	t.Helper()
	k := koanf.New(".")
	if err := k.Load(rawbytes.Provider(document), yaml.Parser()); err != nil {
		t.Fatal(err)
	}
	return k
}

func rendered(t *testing.T, environment string, overrides map[string]any) *koanf.Koanf {
	t.Helper()
	document, err := Render(environment, secrets(overrides))
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, document)
}

func TestLaterLayersWin(t *testing.T) {
	for _, c := range []struct {
		why, environment, key string
		override              any
		want                  any
	}{
		{why: "the base alone", environment: "production", key: "log.format", want: "json"},
		{why: "the environment over the base", environment: "demo", key: "log.format", want: "text"},
		{why: "an override over both", environment: "demo", key: "log.format", override: "json", want: "json"},
		{why: "a number of Go is the number of a file", environment: "demo", key: "serve.public.port", override: 4555, want: 4555},
		{why: "a duration is written as Kratos reads one", environment: "demo", key: "session.lifespan", override: 90 * time.Minute, want: "1h30m0s"},
		{why: "koanf keeps the case of keys", environment: "demo", key: "courier.smtp.headers.X-Mailer", override: "EFP", want: "EFP"},
		{why: "a value is filled into a text", environment: "demo", key: "selfservice.flows.login.ui_url", want: "http://127.0.0.1:4455/connexion"},
	} {
		overrides := map[string]any{}
		if c.override != nil {
			overrides[c.key] = c.override
		}
		if got := rendered(t, c.environment, overrides).Get(c.key); got != c.want {
			t.Errorf("%s: %s is %v (%T), want %v", c.why, c.key, got, got, c.want)
		}
	}
}

func TestValuesReachLists(t *testing.T) {
	k := rendered(t, "demo", map[string]any{
		SiteURL:                           "https://site.example.test",
		"selfservice.allowed_return_urls": []string{"${site_url}", "https://service.example.test"},
	})
	got := strings.Join(k.Strings("selfservice.allowed_return_urls"), " ")
	if got != "https://site.example.test https://service.example.test" {
		t.Errorf("allowed_return_urls: %s", got)
	}
	hook := k.Slices(passwordHooks)[0]
	if hook.String("config.auth.config.value") != "hook-key" {
		t.Error("the hook's key did not reach the list of hooks")
	}
	if k.Exists("values") {
		t.Error("Kratos knows no section values: it would refuse the document")
	}
}

// A password of a database may well hold what looks like a placeholder.
func TestValuesAreNotReadAgain(t *testing.T) {
	if got := rendered(t, "demo", map[string]any{DSN: "postgres://u:${hook_key}@db/k"}).String("dsn"); got != "postgres://u:${hook_key}@db/k" {
		t.Errorf("dsn: %s", got)
	}
}

func TestRenderRefuses(t *testing.T) {
	for _, c := range []struct {
		why, environment string
		overrides        map[string]any
		want             error
		text             []string // all of it in the message
	}{
		{why: "a name without a file", environment: "staging", overrides: secrets(nil), want: ErrUnknownEnvironment, text: []string{"staging", "demo, production, rct"}},
		{why: "a name is not a path", environment: "../kratos", overrides: secrets(nil), want: ErrUnknownEnvironment},
		{why: "what is missing is named, all of it at once", environment: "production", want: ErrMissingValue,
			text: []string{"values.cipher_secret", "values.cookie_secret", "values.dsn", "values.hook_key", "values.smtp_uri"}},
		{why: "a typing error in a value's name", environment: "demo", overrides: secrets(map[string]any{"values.hook_ulr": "x"}), text: []string{"values.hook_ulr"}},
		{why: "a text in place of a boolean", environment: "demo", overrides: secrets(map[string]any{"selfservice.methods.link.enabled": "non"}), text: []string{"selfservice.methods.link"}},
	} {
		document, err := Render(c.environment, c.overrides)
		if err == nil || document != nil {
			t.Errorf("%s: rendered", c.why)
			continue
		}
		if c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.why, err, c.want)
		}
		for _, text := range c.text {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %q does not say %q", c.why, err, text)
			}
		}
		if strings.Contains(err.Error(), "cookie-secret-of-16") || strings.Contains(err.Error(), "hook-key") {
			t.Errorf("%s: a secret in the message", c.why)
		}
	}
}

// TestPermitCannotBeLost: koanf replaces lists whole, so an environment that adds a hook of its own drops the base's silently.
func TestPermitCannotBeLost(t *testing.T) {
	permitBody := PermitBody("settings", "password")
	permit := `{hook: web_hook, config: {url: "${hook_url}", method: POST, body: "` + permitBody + `", auth: {type: api_key, config: {in: header, name: Authorization, value: "${hook_key}"}}, response: {parse: true}}}`
	const audit = `{hook: web_hook, config: {url: "http://audit.example.test/", method: POST, body: "base64://e30="}}`
	const revoke = `{hook: revoke_active_sessions}`
	with := func(old, new string) string { return strings.Replace(permit, old, new, 1) }
	for _, c := range []struct {
		why, hooks string
		want       error
	}{
		{"the permit copied, with a hook of one's own", permit + "," + revoke + "," + audit, nil},
		{"only one's own", audit + "," + revoke, ErrNoPermit},
		{"no hook at all", "", ErrNoPermit},
		{"after another hook, which might have acted by then", audit + "," + permit + "," + revoke, ErrNoPermit},
		{"sessions revoked before the permit", revoke + "," + permit, ErrNoPermit},
		{"without parse Kratos saves first and asks later", with("parse: true", "parse: false") + "," + revoke, ErrNoPermit},
		{"with ignore Kratos does not wait", with("parse: true", "parse: true, ignore: true") + "," + revoke, ErrNoPermit},
		{"without a key anybody could answer for it", with("${hook_key}", "") + "," + revoke, ErrNoPermit},
		{"another body names no flow", with(permitBody, "base64://e30=") + "," + revoke, ErrNoPermit},
		{"old sessions would live on", permit, ErrSessionsKept},
	} {
		overlay := "selfservice: {flows: {settings: {after: {password: {hooks: [" + c.hooks + "]}}}}}"
		files := fstest.MapFS{"environments/own.yml": {Data: []byte(overlay)}}
		base, err := os.ReadFile("kratos.yml")
		if err != nil {
			t.Fatal(err)
		}
		files["kratos.yml"] = &fstest.MapFile{Data: base}
		_, err = render(files, "own", secrets(map[string]any{SiteURL: "https://site.example.test"}))
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.why, err, c.want)
		}
	}
	_, err := Render("demo", secrets(map[string]any{passwordHooks: []any{map[string]any{"hook": "revoke_active_sessions"}}}))
	if !errors.Is(err, ErrNoPermit) {
		t.Errorf("an override may lose it: %v", err)
	}
}

// The questions of the permits can be read: what is in base64 is what the comment beside it says.
func TestPermitBody(t *testing.T) {
	for _, p := range doors {
		body := PermitBody(p.FlowType, p.Method)
		encoded, _ := strings.CutPrefix(body, "base64://")
		jsonnet, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			t.Fatal(err)
		}
		file := "registration.yml"
		if p.Hooks == passwordHooks {
			file = "kratos.yml"
		}
		layer, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(layer), "# Jsonnet, base64 of: "+string(jsonnet)+"\n                body: "+body+"\n") {
			t.Errorf("%s has no body %s for %s", file, jsonnet, p.Hooks)
		}
		for _, environment := range Environments() {
			if got := rendered(t, environment, map[string]any{Registration: RegistrationOpen}).Slices(p.Hooks)[0].String("config.body"); got != body {
				t.Errorf("%s: rendered with %s at %s", environment, got, p.Hooks)
			}
		}
	}
}

func FuzzFill(f *testing.F) {
	f.Add("https://${site_url}/a", "x")
	f.Add("${", "${site_url}")
	f.Add("${site_url}${site_url}", "$1")
	f.Fuzz(func(t *testing.T, text, value string) {
		filled, err := fill(map[string]any{"list": []any{text}}, map[string]string{"site_url": value})
		got := filled["list"].([]any)[0].(string)
		if !placeholder.MatchString(text) && (err != nil || got != text) {
			t.Errorf("%q without a placeholder became %q, %v", text, got, err)
		}
		if err == nil && got != strings.ReplaceAll(text, "${site_url}", value) {
			t.Errorf("%q with %q became %q", text, value, got)
		}
	})
}
