package kratos_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"efpconnect.example/internal/kratos"
)

func securecookie(text string) string {
	return base64.URLEncoding.EncodeToString([]byte(text + strings.Repeat("m", 64)))
}

// What cannot be Kratos's is not sent on, however a stranger fills the header.
func TestSessions(t *testing.T) {
	client, err := kratos.New("http://kratos.example.test", kratos.Options{})
	if err != nil {
		t.Fatal(err)
	}
	one, two := securecookie("1800000000|a|"), securecookie("1800000001|b|")
	for why, c := range map[string]struct {
		values []string
		want   []string
	}{
		"none":                     {nil, nil},
		"Kratos's":                 {[]string{one}, []string{one}},
		"without padding":          {[]string{strings.TrimRight(one, "=")}, []string{strings.TrimRight(one, "=")}},
		"an old one before":        {[]string{one, two}, []string{one, two}},
		"twice the same":           {[]string{one, one, two}, []string{one, two}},
		"empty":                    {[]string{"", two}, []string{two}},
		"a word":                   {[]string{"x", two}, []string{two}},
		"base64 of something else": {[]string{securecookie("hello|a|"), two}, []string{two}},
		"a date with a letter":     {[]string{securecookie("18000000z0|a|"), two}, []string{two}},
		"no base64":                {[]string{strings.Repeat("!", 100), two}, []string{two}},
		"too short":                {[]string{base64.URLEncoding.EncodeToString([]byte("1800000000|a|")), two}, []string{two}},
		"too long":                 {[]string{securecookie("1800000000|" + strings.Repeat("a", 4000)), two}, []string{two}},
		"a hundred":                {hundred(), hundred()[:4]},
	} {
		r := &http.Request{Header: http.Header{}}
		for _, value := range c.values {
			r.AddCookie(&http.Cookie{Name: "ory_kratos_session", Value: value})
			r.AddCookie(&http.Cookie{Name: "other", Value: one})
		}
		var got []string
		for _, cookie := range client.Sessions(r.Cookies()) {
			got = append(got, cookie.Value)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", why, diff)
		}
	}
}

func hundred() (values []string) {
	for i := range 100 {
		values = append(values, securecookie("1800000000|"+strings.Repeat("a", i)+"|"))
	}
	return values
}

func TestExpireSessions(t *testing.T) {
	client, err := kratos.New("http://kratos.example.test", kratos.Options{SessionCookie: "s"})
	if err != nil {
		t.Fatal(err)
	}
	const rest = "; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"
	of := func(domain string) string {
		return "s=; Path=/; Domain=" + domain + "; Max-Age=0; HttpOnly; Secure; SameSite=Lax"
	}
	for host, want := range map[string][]string{
		"connexion.efp.example.test": {"s=" + rest, of("connexion.efp.example.test"), of("efp.example.test"), of("example.test")},
		"efp.example.test:8443":      {"s=" + rest, of("efp.example.test"), of("example.test")},
		"localhost:4455":             {"s=" + rest},
		"127.0.0.1:4455":             {"s=" + rest},
		"[::1]:4455":                 {"s=" + rest},
	} {
		var got []string
		for _, cookie := range client.ExpireSessions(host, true) {
			got = append(got, cookie.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", host, diff)
		}
	}
}

// The live session counts, wherever it stands, and each is ended.
func TestTwoCookiesOfOneName(t *testing.T) {
	r := newRig(t, nil)
	login := func() *http.Cookie {
		_, email := r.account(t)
		in, err := r.site.Login(t.Context(), address(email), oldPassword, "")
		if err != nil || in.Outcome != kratos.LoggedIn {
			t.Fatalf("%+v, %v", in, err)
		}
		return in.Cookies[0]
	}
	dead, live, other := login(), login(), login()
	if err := r.site.Logout(t.Context(), []*http.Cookie{dead}); err != nil {
		t.Fatal(err)
	}
	if len(r.site.Sessions([]*http.Cookie{dead, live, other})) != 3 {
		t.Error("a cookie of Kratos's own does not look like one")
	}
	planted := &http.Cookie{Name: live.Name, Value: "planted"}
	for why, cookies := range map[string][]*http.Cookie{
		"alone": {live}, "after a dead one": {dead, live}, "before a dead one": {live, dead}, "after a planted one": {planted, live},
	} {
		if s, found, err := r.site.Whoami(t.Context(), cookies); err != nil || !found || s.Email == "" {
			t.Errorf("%s: %+v, %v, %v", why, s, found, err)
		}
	}
	if err := r.site.Logout(t.Context(), []*http.Cookie{dead, planted, live, other}); err != nil {
		t.Fatal(err)
	}
	for _, cookie := range []*http.Cookie{live, other} {
		if _, found, err := r.site.Whoami(t.Context(), []*http.Cookie{cookie}); err != nil || found {
			t.Errorf("a session outlived the log-out: %v, %v", found, err)
		}
	}
}
