package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

const (
	goodKey  = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	otherKey = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
	goodHook = "hook-secret-of-thirty-two-characters-and-more"
)

// readWith is Read with the given flags; secrets are in the environment unless a test says otherwise.
func readWith(t *testing.T, args ...string) (Settings, error) {
	t.Helper()
	for name, value := range map[string]string{"EFP_KEYS": goodKey, "EFP_HOOK_KEY": goodHook} {
		if _, set := os.LookupEnv(name); !set {
			t.Setenv(name, value)
		}
	}
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	Flags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return Read(flags)
}

func good(t *testing.T, args ...string) Settings {
	t.Helper()
	s, err := readWith(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func file(t *testing.T, name, content string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestFlagsOverEnvironmentOverFileOverDefaults(t *testing.T) {
	config := "--config=" + file(t, "site.yaml", "old_portal: file\nservice_name: file\nenvironment_label: file\n")
	t.Setenv("EFP_SERVICE_NAME", "environment")
	t.Setenv("EFP_ENVIRONMENT_LABEL", "environment")
	s := good(t, config, "--environment-label=flag")
	got := []string{s.EnvironmentLabel, s.ServiceName, s.OldPortal, s.SessionCookie}
	if diff := cmp.Diff([]string{"flag", "environment", "file", "ory_kratos_session"}, got); diff != "" {
		t.Error(diff)
	}
}

// A flag that is typed wins even when it says what the default says.
func TestAFlagThatRepeatsTheDefaultWins(t *testing.T) {
	t.Setenv("EFP_SERVICE_NAME", "environment")
	if got := good(t, "--service-name=EFP Connect").ServiceName; got != "EFP Connect" {
		t.Errorf("%q", got)
	}
}

func TestEveryKindOfValue(t *testing.T) {
	s := good(t, "--config="+file(t, "site.yaml", `
return_to: [https://a.example.test, "https://b.example.test:8443"]
services: Une page=/une-page, Une autre=https://b.example.test/x?y=z
resend_after: 90s
store_max: 1000
notice: false
notice_until: 2027-01-31T23:59:59+01:00
`))
	want := good(t)
	want.ReturnTo = []string{"https://a.example.test", "https://b.example.test:8443"}
	want.Services = []string{"Une page=/une-page", "Une autre=https://b.example.test/x?y=z"}
	want.ResendAfter, want.StoreMax, want.Notice = 90*time.Second, 1000, false
	want.NoticeUntil = time.Date(2027, 1, 31, 22, 59, 59, 0, time.UTC)
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
}

// Nothing is a value: written as a flag, as a variable, and in a file with or without quotation marks.
func TestNothingIsAValue(t *testing.T) {
	empty := func(why string, s Settings) {
		t.Helper()
		if len(s.ProtectLogin) > 0 || s.TraitTitle != "" {
			t.Errorf("%s: %q, %q", why, s.ProtectLogin, s.TraitTitle)
		}
	}
	empty("flags", good(t, "--protect-login=", "--trait-title="))
	empty("a file", good(t, "--config="+file(t, "site.yaml", "protect_login:\ntrait_title: ''\n")))
	empty("a file", good(t, "--config="+file(t, "site.yaml", "protect_login: []\ntrait_title: ~\n")))
	if s := good(t, "--config="+file(t, "site.yaml", "notice_until:\n")); !s.NoticeUntil.IsZero() {
		t.Errorf("notice_until: %v", s.NoticeUntil)
	}
	t.Setenv("EFP_PROTECT_LOGIN", "")
	t.Setenv("EFP_TRAIT_TITLE", "")
	t.Setenv("EFP_REDIS_URL", "")
	empty("variables", good(t, "--config="+file(t, "site.yaml", "protect_login: [proof]\ntrait_title: titre\n")))
	t.Setenv("EFP_OLD_PORTAL", "")
	if _, err := readWith(t); err == nil || !strings.Contains(err.Error(), "old_portal (EFP_OLD_PORTAL): is required") {
		t.Errorf("nothing where something is needed: %v", err)
	}
}

// What a list of a file holds is not cut again, and is printed so that it can be read again.
func TestACommaInAValue(t *testing.T) {
	s := good(t, "--config="+file(t, "site.yaml", "services:\n  - \"Déclarer, suivre=/declarer\"\n  - Aide=/aide\n"))
	want := []string{"Déclarer, suivre=/declarer", "Aide=/aide"}
	if !cmp.Equal(s.Services, want) {
		t.Errorf("%q", s.Services)
	}
	var printed strings.Builder
	if err := Print(&printed, s); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(printed.String(), "\nservices: ")
	line, _, _ := strings.Cut(rest, "\n")
	if again := good(t, "--config="+file(t, "site.yaml", "services: "+line)); !cmp.Equal(again.Services, want) {
		t.Errorf("%s is read as %q", line, again.Services)
	}
}

func TestAVariableThatNobodyKnows(t *testing.T) {
	for name, known := range map[string]bool{
		"EFP_REDISURL": false, "EFP_KRATOS_URI": false, "EFP_KRATOS_DNS": false, "EFP_PUBLIC_URL_FILE": false,
		"EFP_IMPORT": true, "EFP_KRATOS_DSN_FILE": true, "EFP_TEST_REDIS": true, "EFP_SITE_SERVICE_HOST": true, "EFP_SITE_PORT_80_TCP_ADDR": true, "efp_lower": true,
		"EFP_SERVICE_HOST": true, "EFP_SERVICE_PORT": true, "EFP_SERVICE_PORT_HTTP": true, "EFP_PORT": true, "EFP_PORT_80_TCP": true,
		"EFP_PORT_80_TCP_ADDR": true, "EFP_PORT_80_TCP_PROTO": true, "EFP_SERVICE_NAM": false, "EFP_PORTAL": false, "EFP_TRANSPORT": false,
	} {
		t.Run(name, func(t *testing.T) {
			value := file(t, "value", "S3CRET-word") // of a secret, too, nothing is quoted
			t.Setenv(name, value)
			if known {
				good(t)
				return
			}
			for _, read := range []func() (Settings, error){func() (Settings, error) { return readWith(t) }, func() (Settings, error) { return ReadShared(flagsOf(t), nil) }} {
				if _, err := read(); err == nil || !strings.Contains(err.Error(), name+": no setting") || strings.Contains(err.Error(), value) {
					t.Errorf("%v", err)
				}
			}
		})
	}
}

// Who deploys mends everything in one go, not one line a start.
func TestAllFaultsAtOnce(t *testing.T) {
	_, err := readWith(t, "--public-url=efpconnect", "--kratos-url=ftp://kratos", "--kratos-timeout=0s", "--request-timeout=soon",
		"--return-to=https://a.example.test/path", "--services=nothing", "--languages=fr,de", "--log-level=loud", "--old-portal=", "--store-max=many",
		"--notice=perhaps", "--notice-until=tomorrow", "--config="+file(t, "site.yaml", "publik_url: x\n"))
	if err == nil {
		t.Fatal("no error")
	}
	lines := strings.Split(err.Error(), "\n")
	for _, want := range []string{"public_url", "kratos_url", "kratos_timeout", "request_timeout", "return_to", "services", "languages", "log_level",
		"old_portal", "store_max", "notice (", "notice_until", `"publik_url" is no setting`} {
		if found := strings.Count(strings.Join(lines, "\n"), want); found != 1 { // twice: what could not be read was judged, too
			t.Errorf("%s is %d times among the faults:\n%v", want, found, err)
		}
	}
}

func TestFaultsOfOneSetting(t *testing.T) {
	for _, c := range []struct{ why, arg, says string }{
		{"no scheme", "--public-url=efpconnect.example.test", "no origin"},
		{"no host", "--public-url=https:///x", "no origin"},
		{"a host in capitals, which no browser sends", "--public-url=https://EFPConnect.example.test", "send it: https://efpconnect.example.test"},
		{"a port that goes without saying", "--public-url=https://efpconnect.example.test:443", "send it: https://efpconnect.example.test"},
		{"a site below a path", "--public-url=https://example.test/efp", "send it: https://example.test"},
		{"a scheme that browsers run", "--assistance-url=javascript:alert(1)", "no http(s) address"},
		{"an origin ends after the host, or the CSP would name a path", "--return-to=https://a.example.test/", "send it: https://a.example.test"},
		{"an origin with a name in it", "--return-to=https://me@a.example.test", "send it: https://a.example.test"},
		{"one wrong among good ones", "--return-to=https://a.example.test,b.example.test", `"b.example.test" is no origin`},
		{"a host that browsers send in punycode", "--public-url=https://compté.example", "send it: https://xn--compt-fsa.example\n"},
		{"the same in capitals, with a port", "--public-url=https://COMPTÉ.example:8443", "send it: https://xn--compt-fsa.example:8443\n"},
		{"the same with an accent of its own", "--public-url=https://compte\u0301.example", "send it: https://xn--compt-fsa.example\n"},
		{"the same in escapes", "--return-to=https://compt%C3%A9.example", "send it: https://xn--compt-fsa.example\n"},
		{"IPv4 in IPv6 clothes, which no visitor wears", "--trusted-proxies=::ffff:10.0.0.0/104", "IPv4 network: 10.0.0.0/8\n"},
		{"all of IPv4 so", "--trusted-proxies=::ffff:0:0/96", "IPv4 network: 0.0.0.0/0\n"},
		{"a link without a label", "--services==https://a.example.test", "no label=address"},
		{"a link that is a script", "--legal=Mentions=javascript:alert(1)", "no label=address"},
		{"a language without words", "--languages=de", "fr and en"},
		{"a wait of nothing", "--resend-after=0s", "more than zero"},
		{"a wait back in time", "--answer-after=-1s", "more than zero"},
		{"a time without a unit", "--resend-after=60", "write a number with its unit"},
		{"a word for a switch", "--notice=oui", `"oui": write true or false`},
		{"nothing for a switch", "--notice=", "write true or false"},
		{"a word for a number", "--store-max=many", "write a whole number"},
		{"a day without an hour", "--notice-until=2026-12-31", "write a date with its hour"},
		{"a level nobody knows", "--log-level=loud", `"loud": there are debug, info, warn and error`},
		{"the second fault of a list", "--return-to=a.example.test,b.example.test", "return_to (EFP_RETURN_TO): \"b.example.test\" is no origin"},
		{"an answer after the end of its request", "--answer-after=45s", "less than request_timeout (45s)"},
		{"a contact that cannot be followed", "--security-contact=securite@example.test", "neither mailto:"},
		{"a contact in clear", "--security-contact=http://example.test/securite", "neither mailto:"},
		{"a cookie's name with a space", "--session-cookie=ory session", "no cookie's name"},
		{"a cookie for https alone, on http", "--session-cookie=__Secure-ory_kratos_session", "over https alone"},
		{"a cookie that no service sees", "--session-cookie=__Host-ory_kratos_session", "write __Secure-"},
		{"step 3 may take longer than a request", "--request-timeout=30s", "longer than kratos_password_timeout"},
		{"no port to listen at", "--listen=localhost", "no address with a port"},
		{"a port by a name", "--internal-listen=127.0.0.1:http", "no address with a port"},
		{"a password in Kratos's address ends in logs", "--kratos-url=http://user:word@kratos:4433", "no user"},
		{"a path of Kratos's address with a query", "--kratos-url=http://kratos:4433/?a=b", "no question mark"},
		{"a sender with a name", "--mail-sender=EFP <no-reply@example.test>", "no bare e-mail address"},
		{"a sender that no relay takes", "--mail-sender=réponse@example.test", "ASCII alone"},
		{"a sender on an IP number", "--mail-sender=no-reply@192.0.2.1", "no bare e-mail address"},
		{"a sender's domain with an accent", "--mail-sender=no-reply@éxample.test", "must be written no-reply@xn--xample-9ua.test"},
		{"a contact that no mail reaches", "--security-contact=mailto:securite@localhost", "neither mailto:"},
		{"a proof that costs nothing", "--proof-difficulty=10", "not between"},
		{"clips from nowhere", "--captcha-clips=/nowhere", "is no folder"},
		{"a drain back in time", "--drain=-1s", "less than zero"},
		{"nothing where something is needed", "--ministry=", "is required"},
	} {
		_, err := readWith(t, c.arg)
		name, _, _ := strings.Cut(strings.TrimPrefix(c.arg, "--"), "=")
		if err == nil || !strings.Contains(err.Error()+"\n", c.says) || !strings.Contains(err.Error(), strings.ReplaceAll(name, "-", "_")) {
			t.Errorf("%s: %v", c.why, err)
		}
	}
}

func TestOriginsAsBrowsersSendThem(t *testing.T) {
	for _, origin := range []string{"http://127.0.0.1:4455", "http://[::1]:4455", "https://xn--compt-fsa.example", "https://un_service.example.test", "https://service:8443"} {
		if got := good(t, "--return-to="+origin).ReturnTo; !cmp.Equal(got, []string{origin}) {
			t.Errorf("%s: %q", origin, got)
		}
	}
}

// A secret is on no command line, where every user of the machine reads it, and in no error, which ends in a log.
func TestSecrets(t *testing.T) {
	t.Run("have no flag", func(t *testing.T) {
		flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
		Flags(flags)
		for _, f := range fields() {
			if (flags.Lookup(f.flag()) == nil) != f.secret {
				t.Errorf("%s: secret %v", f.key, f.secret)
			}
		}
	})
	t.Run("from a file, without the line's end", func(t *testing.T) {
		t.Setenv("EFP_HOOK_KEY_FILE", file(t, "hook", goodHook+"\n"))
		t.Setenv("EFP_HOOK_KEY", "the-variable-is-the-older-way")
		if got := good(t).HookKey; got != goodHook {
			t.Errorf("%q", got)
		}
	})
	t.Run("a list from a file", func(t *testing.T) {
		t.Setenv("EFP_KEYS_FILE", file(t, "keys", goodKey+",\n"+otherKey+"\n"))
		if got := good(t).Keys; !cmp.Equal(got, []string{goodKey, otherKey}) {
			t.Errorf("%q", got)
		}
	})
	t.Run("a file that is not there is named", func(t *testing.T) {
		t.Setenv("EFP_HOOK_KEY_FILE", filepath.Join(t.TempDir(), "none"))
		if _, err := readWith(t); err == nil || !strings.Contains(err.Error(), "EFP_HOOK_KEY_FILE") {
			t.Errorf("%v", err)
		}
	})
	t.Run("a file that holds nothing is no secret", func(t *testing.T) {
		for _, f := range fields() {
			if !f.secret {
				continue
			}
			for _, content := range []string{"", " \n"} {
				t.Setenv(f.variable()+"_FILE", file(t, "secret", content))
				if _, err := readWith(t); err == nil || !strings.Contains(err.Error(), f.variable()+"_FILE") || !strings.Contains(err.Error(), "holds nothing") {
					t.Errorf("%s of %q: %v", f.key, content, err)
				}
				t.Setenv(f.variable()+"_FILE", "")
			}
		}
	})
	t.Run("missing are named", func(t *testing.T) {
		t.Setenv("EFP_KEYS", "")
		t.Setenv("EFP_HOOK_KEY", "")
		_, err := readWith(t)
		for _, name := range []string{"keys (EFP_KEYS): is required", "hook_key (EFP_HOOK_KEY): is required"} {
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%v", err)
			}
		}
	})
	t.Run("each wrong one is told, none shown", func(t *testing.T) {
		for _, name := range []string{"KEYS", "REDIS_URL", "NOTICE_SMTP"} {
			t.Setenv("EFP_"+name, "http://user:S3CRET@host")
		}
		_, err := readWith(t)
		for _, want := range []string{"keys (EFP_KEYS): ", "redis_url (EFP_REDIS_URL): ", "notice_smtp (EFP_NOTICE_SMTP): "} {
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "S3CRET") {
				t.Errorf("%s… %v", want, err)
			}
		}
	})
	t.Run("too short is told, not shown", func(t *testing.T) {
		for _, short := range []string{"tooshort", "31-characters-the-doctor-says-32"[:31]} {
			t.Setenv("EFP_HOOK_KEY", short)
			if _, err := readWith(t); err == nil || !strings.Contains(err.Error(), "hook_key") || strings.Contains(err.Error(), short) {
				t.Errorf("%v", err)
			}
		}
	})
	t.Run("one key twice is no rotation", func(t *testing.T) {
		t.Setenv("EFP_KEYS", goodKey+","+otherKey+","+goodKey)
		if _, err := readWith(t); err == nil || !strings.Contains(err.Error(), "number 3 is number 1 again") || strings.Contains(err.Error(), goodKey) {
			t.Errorf("%v", err)
		}
	})
	t.Run("a port that no server has", func(t *testing.T) {
		for _, address := range []string{"redis://:S3CRET#1@redis:6379/0", "redis://redis:6379/0#S3CRET"} {
			t.Setenv("EFP_REDIS_URL", address)
			if _, err := readWith(t); err == nil || !strings.Contains(err.Error(), "redis_url (EFP_REDIS_URL): a # ends it there") || strings.Contains(err.Error(), "S3CRET") {
				t.Errorf("%v", err)
			}
		}
		t.Setenv("EFP_REDIS_URL", "redis://:S3CRET@redis:66379/0")
		if _, err := readWith(t); err == nil || !strings.Contains(err.Error(), "redis_url (EFP_REDIS_URL): its port") || strings.Contains(err.Error(), "S3CRET") {
			t.Errorf("%v", err)
		}
	})
}

// Whatever else is wrong, no error quotes what a secret holds.
func TestErrorsQuoteNoSecret(t *testing.T) {
	const mark = "S3CRET"
	for _, f := range fields() {
		if f.secret {
			t.Setenv(f.variable(), mark+"{}\x01 not what it should be")
		}
	}
	_, err := readWith(t, "--public-url=no", "--log-level=loud")
	if err == nil || strings.Contains(err.Error(), mark) {
		t.Errorf("%v", err)
	}
}

func TestTheFileIsReadStrictly(t *testing.T) {
	for _, c := range []struct{ why, content, says string }{
		{"a typo", "servce_name: x\n", `"servce_name" is no setting`},
		{"a setting of another program", "selfservice:\n  default_browser_return_url: x\n", "is no setting"},
		{"a list written as a map", "services:\n  Une page: /une-page\n", "is no setting"},
		{"no YAML", "a: [\n", "--config"},
	} {
		if _, err := readWith(t, "--config="+file(t, "site.yaml", c.content)); err == nil || !strings.Contains(err.Error()+"\n", c.says) {
			t.Errorf("%s: %v", c.why, err)
		}
	}
	if _, err := readWith(t, "--config="+filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.Contains(err.Error(), "--config") {
		t.Errorf("no file: %v", err)
	}
}
