package deployment

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"efpconnect.example/config"
	"efpconnect.example/internal/settings"
)

// known are secrets that may appear in no output. Each has its own shape.
var known = map[string]string{
	"EFP_HOOK_KEY":              "hK-7f3c9e1a5d8b2046f1e9c7a3d4b0c2",
	"EFP_KRATOS_DSN":            "postgres://kratos:dB-p%40ss-51c0ffee@db:5432/kratos",
	"EFP_KRATOS_SMTP_URI":       "smtp://user:sM-77bada55@relay:587/",
	"EFP_KRATOS_COOKIE_SECRETS": "cN-x8Qv3mT7kL2pWz9R,cO-b5Yj1nH6sD4gFc0K",
	"EFP_KRATOS_CIPHER_SECRETS": "xC-q9Wm2vK7tL4pZ8sB3nD6cG1fJ5hR0",
}

// fragments are what must not be read anywhere, the meaning of an escaped password included.
var fragments = []string{"hK-7f3c", "dB-p", "51c0ffee", "77bada55", "cN-x8Qv", "cO-b5Yj", "xC-q9Wm"}

func flags(t *testing.T, args ...string) *pflag.FlagSet {
	t.Helper()
	set := pflag.NewFlagSet("test", pflag.ContinueOnError)
	settings.Flags(set)
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return set
}

func read(t *testing.T, environment string, o Options) *Deployment {
	t.Helper()
	o.Environment = environment
	if o.Flags == nil {
		o.Flags = flags(t)
	}
	if o.Getenv == nil {
		o.Getenv = func(name string) string { return known[name] }
	}
	d, err := Read(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func parsed(t *testing.T, d *Deployment) map[string]any {
	t.Helper()
	var document map[string]any
	if err := yaml.Unmarshal(d.Document(), &document); err != nil {
		t.Fatal(err)
	}
	return document
}

// What the site and Kratos must agree on is said once, in the settings.
func TestOneSource(t *testing.T) {
	d := read(t, "production", Options{Flags: flags(t, "--public-url", "https://own.example.test", "--mail-sender", "compte@own.example.test",
		"--return-to", "https://service.own.example.test", "--trait-given-name", "prenom")})
	document := parsed(t, d)
	if got := get(document, "selfservice.flows.recovery.ui_url"); got != "https://own.example.test/reinitialisation" {
		t.Errorf("ui_url: %v", got)
	}
	if got := get(document, "courier.smtp.from_address"); got != "compte@own.example.test" {
		t.Errorf("from_address: %v", got)
	}
	if got, _ := get(document, "selfservice.allowed_return_urls").([]any); len(got) != 2 || got[0] != "https://own.example.test" || got[1] != "https://service.own.example.test" {
		t.Errorf("allowed_return_urls: %v", got)
	}
	templates, err := d.Templates()
	if err != nil {
		t.Fatal(err)
	}
	text := string(templates["recovery_code/valid/email.body.plaintext.gotmpl"])
	if !strings.Contains(text, "https://own.example.test/reinitialisation/suite/") || !strings.Contains(text, "$traits.prenom") || !strings.Contains(text, "24 heures") {
		t.Errorf("the mail does not say what the settings say:\n%s", text)
	}
}

func TestSecrets(t *testing.T) {
	d := read(t, "production", Options{})
	document := parsed(t, d)
	if got, _ := get(document, "secrets.cookie").([]any); len(got) != 2 || got[0] != "cN-x8Qv3mT7kL2pWz9R" {
		t.Errorf("the first of two cookie secrets signs, both open: %v", got)
	}
	file := filepath.Join(t.TempDir(), "dsn")
	if err := os.WriteFile(file, []byte("postgres://from-a-file/\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d = read(t, "production", Options{Getenv: func(name string) string {
		if name == "EFP_KRATOS_DSN_FILE" {
			return file
		}
		return known[name]
	}})
	if got := get(parsed(t, d), "dsn"); got != "postgres://from-a-file/" {
		t.Errorf("dsn: %v", got)
	}
}

// An empty file is no secret, not even where one could be made up: somebody wanted it to be there.
func TestEmptySecretFile(t *testing.T) {
	file := overlaid(t, " \n")
	for name := range known {
		_, err := Read(Options{Environment: "production", Flags: flags(t), StandIns: true, Getenv: func(asked string) string {
			if asked == name+"_FILE" {
				return file
			}
			return known[asked]
		}})
		if err == nil || !strings.Contains(err.Error(), name+"_FILE") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMissingSecrets(t *testing.T) {
	nothing := func(string) string { return "" }
	_, err := Read(Options{Environment: "production", Flags: flags(t), Getenv: nothing})
	if !errors.Is(err, ErrNoSecret) {
		t.Fatalf("rendered without secrets: %v", err)
	}
	for name := range known {
		if !strings.Contains(err.Error(), name+"_FILE") {
			t.Errorf("%s is not named: all must be told at once\n%v", name, err)
		}
	}
	d := read(t, "demo", Options{Getenv: nothing, StandIns: true})
	if len(d.StandIns) != 4 { // the demo's relay is in its file
		t.Errorf("made up: %v", d.StandIns)
	}
}

func TestOverlayWins(t *testing.T) {
	for _, content := range []string{
		"values: {site_url: https://overlay.example.test}\nserve: {admin: {host: kratos-admin}}\ncookies: {domain: overlay.example.test}\n",
		"values.site_url: https://overlay.example.test\nserve: {admin.host: kratos-admin, admin: {port: 4434}}\ncookies.domain: overlay.example.test\n",
	} {
		d := read(t, "production", Options{Overlay: overlaid(t, content)})
		document := parsed(t, d)
		if get(document, "serve.admin.host") != "kratos-admin" || d.Settings.PublicURL != "https://overlay.example.test" {
			t.Errorf("%v, %s of\n%s", get(document, "serve.admin.host"), d.Settings.PublicURL, content)
		}
	}
}

// An overlay whose lines are all comments is as good as none.
func TestOverlayOfNothing(t *testing.T) {
	want := string(read(t, "production", Options{}).Document())
	for _, content := range []string{"", "# nothing yet\n", "---\n# nothing yet\n", "~\n", "{}\n"} {
		if got := string(read(t, "production", Options{Overlay: overlaid(t, content)}).Document()); got != want {
			t.Errorf("%q changes\n%s", content, got)
		}
	}
}

func overlaid(t *testing.T, content string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "overlay.yml")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestDiff(t *testing.T) {
	left := parsed(t, read(t, "rct", Options{}))
	other := map[string]string{"EFP_KRATOS_DSN": "postgres://kratos:oT-her51c0ffee@db/kratos"}
	right := parsed(t, read(t, "production", Options{Getenv: func(name string) string {
		if value, ok := other[name]; ok {
			return value
		}
		return known[name]
	}}))
	found := Diff(left, right)
	keys := map[string]Difference{}
	for _, d := range found {
		keys[d.Key] = d
		for _, fragment := range append(fragments, "oT-her") {
			if strings.Contains(d.Left+d.Right, fragment) {
				t.Errorf("%s: %s… can be read", d.Key, fragment)
			}
		}
	}
	if _, ok := keys["dsn"]; !ok || keys["cookies.domain"].Left != "rct.efpconnect.example.test" {
		t.Errorf("%v", found)
	}
	if _, ok := keys["secrets.cipher[0]"]; ok {
		t.Error("the same secret on both sides is no difference")
	}
}

func TestNewSecrets(t *testing.T) {
	dir := t.TempDir()
	made, err := NewSecrets(dir)
	if err != nil || len(made) == 0 {
		t.Fatalf("%v, %v", made, err)
	}
	password, err := os.ReadFile(filepath.Join(dir, "postgres/password"))
	if err != nil {
		t.Fatal(err)
	}
	dsn, err := os.ReadFile(filepath.Join(dir, "kratos/dsn"))
	if err != nil || !strings.Contains(string(dsn), strings.TrimSpace(string(password))) {
		t.Errorf("Kratos could not log in to its database: %v", err)
	}
	for _, name := range made {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
	if again, err := NewSecrets(dir); err != nil || len(again) != 0 {
		t.Errorf("a second start makes %v, %v", again, err)
	}
	if err := os.Remove(filepath.Join(dir, "kratos/dsn")); err != nil {
		t.Fatal(err)
	}
	if _, err := NewSecrets(dir); err == nil {
		t.Error("half a set was completed with secrets that fit nothing")
	}
}

// The secrets of a first deployment are fit to render production with.
func TestNewSecretsRender(t *testing.T) {
	dir := t.TempDir()
	if _, err := NewSecrets(dir); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"EFP_HOOK_KEY_FILE": "hook_key", "EFP_KRATOS_DSN_FILE": "dsn", "EFP_KRATOS_COOKIE_SECRETS_FILE": "cookie", "EFP_KRATOS_CIPHER_SECRETS_FILE": "cipher"}
	d := read(t, "production", Options{Getenv: func(name string) string {
		if name == "EFP_KRATOS_SMTP_URI" {
			return "smtp://relay:587/"
		}
		if files[name] == "" {
			return ""
		}
		return filepath.Join(dir, "kratos", files[name])
	}})
	if len(d.StandIns) != 0 {
		t.Errorf("made up: %v", d.StandIns)
	}
	out := t.TempDir()
	if err := d.Write(out); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(out, config.DocumentFile)); err != nil {
		t.Error(err)
	}
}
