package ui_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/sitetest"
	"efpconnect.example/selfservice-ui/hook"
)

// What the reset promises, asked of Kratos itself.

// The right code signs nobody in, anywhere, before the password is chosen; the password ends every session there was.
func TestSessionsAroundTheReset(t *testing.T) {
	site := sitetest.Start(t, sitetest.Options{})
	const address = "sessions@example.test"
	id, b, code, _ := asked(t, site, address)
	elsewhere := site.NewBrowser()
	must(t, elsewhere.Open("/connexion"))
	must(t, elsewhere.Fill("identifiant", address))
	must(t, elsewhere.Fill("mot-de-passe", oldPassword))
	must(t, elsewhere.Submit("Je m’identifie avec"))
	token, _ := site.Kratos.Login(t, address, oldPassword)

	must(t, b.Fill("code", code))
	must(t, b.Submit("Suivant"))
	if b.URL.Path != "/reinitialisation/mot-de-passe" {
		t.Fatalf("at %s", b.URL.Path)
	}
	nobody(t, site, b)
	if known, _ := site.Whoami(elsewhere.Cookies()); !known || !site.Kratos.Alive(t, token) {
		t.Error("the right code alone ended a session elsewhere")
	}

	choose(t, b, newPassword)
	must(t, b.Submit("Suivant"))
	if b.URL.Path != "/reinitialisation/terminee" {
		t.Fatalf("at %s", b.URL.Path)
	}
	nobody(t, site, b)
	if known, _ := site.Whoami(elsewhere.Cookies()); known || site.Kratos.Alive(t, token) {
		t.Error("a session of before the reset is alive")
	}
	if n := site.Kratos.Sessions(t, id); n != 0 {
		t.Errorf("%d sessions", n)
	}
	if _, ok := site.Kratos.Login(t, address, oldPassword); ok {
		t.Error("the old password still opens")
	}
}

// nobody checks that nothing this browser holds is a session, however it is presented.
func nobody(t *testing.T, site *sitetest.Site, b *sitetest.Browser) {
	t.Helper()
	if known, err := site.Whoami(b.Cookies()); known || err != nil {
		t.Errorf("whoami knows the browser: %t %v", known, err)
	}
	for _, cookie := range b.Cookies() {
		if site.Kratos.Alive(t, cookie.Value) || site.Kratos.AliveCookie(t, "ory_kratos_session="+cookie.Value) {
			t.Errorf("the cookie %s is a session", cookie.Name)
		}
	}
	if strings.Contains(b.Source, "ory_st_") {
		t.Error("a session token is in the page")
	}
}

// recovered is a session and its settings flow, as somebody who has a mailbox gets them from Kratos without the site.
func recovered(t *testing.T, site *sitetest.Site, address string) (token, flow string) {
	t.Helper()
	var opened struct{ ID string }
	site.Kratos.Call(t, http.MethodGet, site.Kratos.PublicURL+"/self-service/recovery/api", nil, &opened)
	post := func(form map[string]any, into any) {
		status, answer := site.Kratos.Call(t, http.MethodPost, site.Kratos.PublicURL+"/self-service/recovery?flow="+opened.ID, form, into)
		if status != http.StatusOK {
			t.Fatalf("recovery: %d %s", status, answer)
		}
	}
	post(map[string]any{"method": "code", "email": address, "transient_payload": map[string]any{"suite": "x"}}, nil)
	var passed struct {
		ContinueWith []struct {
			Token string `json:"ory_session_token"`
			Flow  struct{ ID string }
		} `json:"continue_with"`
	}
	post(map[string]any{"method": "code", "code": site.Kratos.Code(t, address)}, &passed)
	for _, c := range passed.ContinueWith {
		token, flow = token+c.Token, flow+c.Flow.ID
	}
	return token, flow
}

// save posts a password straight to Kratos.
func save(t *testing.T, site *sitetest.Site, token, flow, password string) (status int, answer string) {
	t.Helper()
	status, raw := site.Kratos.Call(t, http.MethodPost, site.Kratos.PublicURL+"/self-service/settings?flow="+flow,
		map[string]string{"method": "password", "password": password}, nil, "X-Session-Token", token)
	return status, string(raw)
}

// Kratos refuses every password that the site has not just judged for that very flow, and saves none when it cannot ask.
func TestKratosAsksForThePermit(t *testing.T) {
	const address, weak = "permis@example.test", "aaaaaaaaaaaaa"
	site := sitetest.Start(t, sitetest.Options{})
	asked(t, site, address)
	token, flow := recovered(t, site, address)
	other := "11111111-2222-4333-8444-555555555555"
	for _, c := range []struct {
		why    string
		before func() error
	}{
		{"no permit", func() error { return nil }},
		{"a permit for another flow", func() error { return hook.Permit(t.Context(), site.Store, hook.ChoosePassword, other) }},
		{"a permit that Kratos's answer has ended", func() error {
			must(t, hook.Permit(t.Context(), site.Store, hook.ChoosePassword, flow))
			return hook.Revoke(t.Context(), site.Store, hook.ChoosePassword, flow)
		}},
		{"a late permit", func() error {
			must(t, hook.Permit(t.Context(), site.Store, hook.ChoosePassword, flow))
			site.Clock.Advance(hook.PermitLife + time.Second)
			return nil
		}},
	} {
		must(t, c.before())
		if status, answer := save(t, site, token, flow, weak); status != http.StatusBadRequest || !strings.Contains(answer, "4900001") {
			t.Errorf("%s: %d %s", c.why, status, answer)
		}
	}
	site.Stop()
	if status, answer := save(t, site, token, flow, weak); status != http.StatusBadRequest || !strings.Contains(answer, `"code":500`) {
		t.Errorf("the site stopped: %d %s", status, answer)
	}
	if _, ok := site.Kratos.Login(t, address, weak); ok {
		t.Error("the weak password was saved")
	}
	if _, ok := site.Kratos.Login(t, address, oldPassword); !ok {
		t.Error("the old password no longer opens")
	}
}

// With a permit for that flow Kratos saves: without this, the refusals above would prove nothing.
func TestThePermitIsWhatCounts(t *testing.T) {
	const address = "permis-bon@example.test"
	site := sitetest.Start(t, sitetest.Options{})
	asked(t, site, address)
	token, flow := recovered(t, site, address)
	must(t, hook.Permit(t.Context(), site.Store, hook.ChoosePassword, flow))
	if status, answer := save(t, site, token, flow, newPassword); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	if _, ok := site.Kratos.Login(t, address, newPassword); !ok {
		t.Error("the password was not saved")
	}
}

// return_to goes through the whole reset to the login at its end; an address that is not allowed is forgotten on the way,
// and Kratos refuses it too.
func TestReturnToThroughTheReset(t *testing.T) {
	const allowed, forbidden = "https://service.example.test", "https://service.example.test.evil.example.org/"
	site := sitetest.Start(t, sitetest.Options{Settings: func(set *settings.Settings) { set.ReturnTo = []string{allowed} }})
	for address, c := range map[string]struct{ to, ends string }{
		"retour@example.test":   {allowed + "/dossier?n=1", allowed + "/dossier?n=1"},
		"ailleurs@example.test": {forbidden, "/services"},
	} {
		asked(t, site, address) // the account
		b := site.NewBrowser()
		must(t, b.Open("/connexion?return_to="+c.to))
		must(t, b.Follow("Réinitialiser mon mot de passe"))
		must(t, b.Fill("identifiant", address))
		must(t, b.Submit("Suivant"))
		code, _, err := site.Code(address, 2)
		must(t, err)
		must(t, b.Fill("code", code))
		must(t, b.Submit("Suivant"))
		choose(t, b, newPassword)
		must(t, b.Submit("Suivant"))
		must(t, b.Submit("Terminer"))
		must(t, b.Fill("mot-de-passe", newPassword))
		must(t, b.Submit("Je m’identifie avec"))
		ended := b.Header.Get("Location")
		if ended == "" {
			ended = b.URL.Path
		}
		if ended != c.ends {
			t.Errorf("%s: ended at %s, not %s", c.to, ended, c.ends)
		}
	}
	status, answer := site.Kratos.Call(t, http.MethodGet, site.Kratos.PublicURL+"/self-service/login/browser?return_to="+forbidden, nil, nil)
	if status != http.StatusBadRequest || !strings.Contains(string(answer), "self_service_flow_return_to_forbidden") {
		t.Errorf("Kratos: %d %s", status, answer)
	}
}
