package settings

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// Values that must appear in no output, and whose names must.
const (
	knownKey   = "Kc0FvQ4z6h8Jw2mB9xL5tR7yP3nD1sGaUeIoWqZbXrM"
	knownHook  = "Hk-3f9a77c2e1b84d50a6b2c4d6e8f0a1"
	knownRedis = "redis://:Rp-51c0ffee@redis:6379/0"
	knownSMTP  = "smtp://user:Sp-77bada55@relay:587"
)

func flagsOf(t *testing.T, args ...string) *pflag.FlagSet {
	t.Helper()
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	Flags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return flags
}

func TestPrint(t *testing.T) {
	for name, value := range map[string]string{"EFP_KEYS": knownKey, "EFP_HOOK_KEY": knownHook, "EFP_REDIS_URL": knownRedis, "EFP_NOTICE_SMTP": knownSMTP} {
		t.Setenv(name, value)
	}
	s, err := Read(flagsOf(t, "--service-name", "Compte d’essai", "--notice=false", "--drain", "0s", "--notice-until", "2026-12-31T23:59:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := Print(&out, s); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{knownKey, knownHook, "Rp-51c0ffee", "Sp-77bada55"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the secret %s… is printed", secret[:3])
		}
	}
	// What was switched off or set to nothing is not the default.
	for _, line := range []string{`service_name: "Compte d’essai"`, "keys: (set)", "notice: false", "drain: 0s", "notice_until: 2026-12-31T23:59:00Z"} {
		if !strings.Contains(out.String(), "\n"+line+"\n") {
			t.Errorf("%s is in force, and not printed:\n%s", line, out.String())
		}
	}
	for _, f := range fields() {
		for _, part := range []string{"\n" + f.key + ": ", f.variable(), f.help} {
			if f.help == "" || !strings.Contains(out.String(), part) {
				t.Errorf("%s: %q is not printed", f.key, part)
			}
		}
	}
}

// kratos-config has none of the site's secrets and must not be asked for them.
func TestReadShared(t *testing.T) {
	s, err := ReadShared(flagsOf(t), map[string]string{"public_url": "https://rct.example.test"})
	if err != nil {
		t.Fatal(err)
	}
	if s.PublicURL != "https://rct.example.test" || s.HookKey != "" || s.Keys != nil {
		t.Errorf("%q, hook key %q, keys %q", s.PublicURL, s.HookKey, s.Keys)
	}
	t.Setenv("EFP_HOOK_KEY", knownHook)
	t.Setenv("EFP_PUBLIC_URL", "https://own.example.test")
	if s, err = ReadShared(flagsOf(t), map[string]string{"public_url": "https://rct.example.test"}); err != nil || s.HookKey != knownHook || s.PublicURL != "https://own.example.test" {
		t.Errorf("%q %q, %v: a variable is not a default", s.PublicURL, s.HookKey, err)
	}
	if _, err = ReadShared(flagsOf(t, "--public-url", "nowhere"), nil); err == nil {
		t.Error("what is wrong must be told")
	}
}

// Nobody's name or password is printed, in no address of a list, whether its values hold commas or not.
func TestPrintHidesUsersInLists(t *testing.T) {
	for why, services := range map[string][]string{
		"the second of two": {"A=https://a.example.test/", "B=https://claire:Wq-5ec2e7@b.example.test/"},
		"a comma":           {"A, autre=https://claire:Wq-5ec2e7@a.example.test/", "B=https://claire:Wq-5ec2e7@b.example.test/"},
	} {
		s := Defaults()
		s.Services = services
		var out strings.Builder
		if err := Print(&out, s); err != nil {
			t.Fatal(err)
		}
		if text := out.String(); strings.Contains(text, "Wq-5ec2e7") || strings.Contains(text, "claire") || !strings.Contains(text, "b.example.test") {
			t.Errorf("%s: %s", why, text[strings.Index(text, "\nservices: "):])
		}
	}
}
