package kratostest

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"efpconnect.example/internal/kratosprocess"
)

// spy is a test that only notes how it ended.
type spy struct {
	testing.TB
	ended string
}

func (*spy) Helper() {}
func (s *spy) Fatalf(format string, args ...any) {
	s.ended = "failed: " + fmt.Sprintf(format, args...)
	runtime.Goexit()
}
func (s *spy) Skipf(format string, args ...any) {
	s.ended = "skipped: " + fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestMissing(t *testing.T) {
	for strict, want := range map[string]string{"": "skipped: missing: Chromium", "0": "skipped: missing: Chromium", "1": "failed: missing: Chromium"} {
		t.Setenv("EFP_STRICT", strict)
		s := &spy{}
		done := make(chan struct{})
		go func() { defer close(done); Missing(s, "Chromium") }()
		<-done
		if !strings.HasPrefix(s.ended, want) {
			t.Errorf("EFP_STRICT=%q: %q, want %q", strict, s.ended, want)
		}
	}
}

func TestCodeInText(t *testing.T) {
	for text, want := range map[string]string{
		"by entering the following code:\n\n030814\n\n": "030814", // a leading zero is a digit like another
		"Votre code : 0 3 0 8 1 4 .":                    "0 3 0 8 1 4",
		"Compte 12345678, code 123456":                  "123456", // eight digits are no code
		"12345":                                         "",
	} {
		got := ""
		if found := code.FindStringSubmatch(text); found != nil {
			got = found[1]
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestIdentities(t *testing.T) {
	// bcrypt of "Ancien-Portail-2019", cost 4: a hash carried over from elsewhere.
	const hash = "$2a$04$BLwfIQL2tNxgIhn3UCH8sO/0H7FRTxnRge9S3lWZQKc4v/Fi42EKW"
	k := Start(t, func(o *kratosprocess.Options) { o.Overrides["hashers.argon2.iterations"] = 2 })
	const password = "Ancien-Portail-2019"
	for email, c := range map[string]struct {
		identity Identity
		logsIn   bool
	}{
		"clear@example.test":    {Identity{Password: password, Title: "Madame", GivenName: "Camille", FamilyName: "SERVE", PhoneNumber: "01 23 45 67 89"}, true},
		"hash@example.test":     {Identity{PasswordHash: hash, Verified: true}, true},
		"none@example.test":     {Identity{}, false},
		"inactive@example.test": {Identity{Password: password, Inactive: true}, false},
	} {
		c.identity.Email = email
		id := k.Create(t, c.identity)
		token, ok := k.Login(t, email, password)
		if ok != c.logsIn {
			t.Errorf("%s: logs in %v, want %v", email, ok, c.logsIn)
		}
		if ok != (token != "" && k.Alive(t, token)) {
			t.Errorf("%s: token and answer disagree", email)
		}
		if got := k.Sessions(t, id); (got == 1) != ok {
			t.Errorf("%s: %d sessions", email, got)
		}
	}
	if k.Alive(t, "ory_st_nothing") || k.AliveCookie(t, "ory_kratos_session=nothing") {
		t.Error("a made-up session is alive")
	}
}
