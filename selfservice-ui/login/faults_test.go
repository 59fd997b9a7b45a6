package login

import (
	"strings"
	"testing"
	"time"

	"efpconnect.example/selfservice-ui/page"
)

// Only what can be nobody's is refused here, by the text alone; everything else is for Kratos, so that the answer is the same for
// everybody.
func TestFaults(t *testing.T) {
	const address, secret = "camille.serve@example.test", "Abcdefghijk1!"
	for _, c := range []struct{ why, identifier, secret, onIdentifier, onSecret string }{
		{"both there", address, secret, "", ""},
		{"nothing: both are told at once", "", "", "login.no_identifier", "login.no_password"},
		{"no password", address, "", "", "login.no_password"},
		{"no identifier", "", secret, "login.no_identifier", ""},
		{"no address is nobody's identifier", "camille", secret, "address.malformed", ""},
		{"what nobody sees is not there", "\u200b" + address + "\ufeff", secret, "", ""},
		{"an apostrophe of a word processor", "o’brien@example.test", secret, "", ""},
		{"an accent before the @", "é@example.test", secret, "address.accented", ""},
		{"a capital that lowering makes another's", "İ2@example.test", secret, "address.accented", ""},
		{"an IP number", "a@192.0.2.1", secret, "address.malformed", ""},
		{"an old password that today's policy would refuse", address, "a", "", ""},
		{"64 bytes before the @", strings.Repeat("a", 64) + "@example.test", secret, "", ""},
		{"65", strings.Repeat("a", 65) + "@example.test", secret, "address.too_long", ""},
		{"a NUL, which PostgreSQL refuses and Kratos calls its own fault", "a\x00@example.test", secret, "address.malformed", ""},
		{"bytes that are no text", "\xff@example.test", secret, "address.malformed", ""},
		{"1024 bytes of password", address, strings.Repeat("a", 1024), "", ""},
		{"1025: said like any wrong one", address, strings.Repeat("a", 1025), "", "login.refused"},
	} {
		who, problems := faults(c.identifier, c.secret)
		if who.IsZero() != (c.onIdentifier != "") {
			t.Errorf("%s: %q", c.why, who)
		}
		p := page.Page{Problems: problems}
		for field, want := range map[string]string{"identifiant": c.onIdentifier, "mot-de-passe": c.onSecret} {
			got := ""
			if problem := p.Field(field); problem != nil {
				got = problem.Key
			}
			if got != want {
				t.Errorf("%s: %s %q, want %q", c.why, field, got, want)
			}
		}
	}
}

func TestWhatTheLoginPageShows(t *testing.T) {
	end := time.Date(2027, 1, 31, 23, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		why    string
		shown  bool
		until  time.Time
		now    time.Time
		notice bool
	}{
		{"switched off", false, time.Time{}, end, false},
		{"without an end", true, time.Time{}, end, true},
		{"before its end", true, end, end.Add(-time.Second), true},
		{"at its end", true, end, end, false},
		{"switched off before its end", false, end, end.Add(-time.Hour), false},
	} {
		h := &Handler{Notice: c.shown, NoticeUntil: c.until, Now: func() time.Time { return c.now }}
		if got := h.view("", "").Notice; got != c.notice {
			t.Errorf("%s: notice %v", c.why, got)
		}
	}
}

// A service sends somebody to login, who goes through the reset and still ends at the service.
func TestTheResetKeepsWhereItGoes(t *testing.T) {
	h := &Handler{Now: time.Now}
	for returnTo, want := range map[string]string{
		"": "/reinitialisation",
		"https://service.example.test/a?b=c&d=é": "/reinitialisation?return_to=https%3A%2F%2Fservice.example.test%2Fa%3Fb%3Dc%26d%3D%C3%A9",
	} {
		if got := h.view("", returnTo).ResetURL; got != want {
			t.Errorf("%q: %s", returnTo, got)
		}
	}
}
