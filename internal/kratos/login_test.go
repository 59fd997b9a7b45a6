package kratos_test

import (
	"net/http"
	"strings"
	"testing"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/testkit/kratostest"
)

func TestLogin(t *testing.T) {
	r := newRig(t, nil)
	_, email := r.account(t)
	_, disabled := r.account(t, func(i *kratostest.Identity) { i.Inactive = true })
	_, imported := r.account(t, func(i *kratostest.Identity) { i.Password = "" })
	for _, c := range []struct {
		why, identifier, password, returnTo string
		want                                kratos.Outcome
	}{
		{"right", email, oldPassword, "", kratos.LoggedIn},
		{"case and spaces do not matter", " " + strings.ToUpper(email), oldPassword, "", kratos.LoggedIn},
		{"wrong password", email, newPassword, "", kratos.LoginRefused},
		{"no such account", "inconnue@example.test", oldPassword, "", kratos.LoginRefused},
		{"an account that was imported without password", imported, oldPassword, "", kratos.LoginRefused},
		{"disabled, wrong password: not told", disabled, newPassword, "", kratos.LoginRefused},
		{"disabled, right password", disabled, oldPassword, "", kratos.AccountInactive},
		{"no identifier", "", oldPassword, "", kratos.LoginIncomplete},
		{"no password", email, "", "", kratos.LoginIncomplete},
		{"back to a page of the site", email, oldPassword, "http://127.0.0.1:4455/services", kratos.LoggedIn},
		{"back to a stranger's site", email, oldPassword, "https://mechant.example.test/", kratos.ReturnToForbidden},
	} {
		t.Run(c.why, func(t *testing.T) {
			got, err := r.site.Login(t.Context(), address(c.identifier), c.password, c.returnTo)
			if err != nil || got.Outcome != c.want {
				t.Fatalf("%q, %v; want %q", got.Outcome, err, c.want)
			}
			if c.want != kratos.LoggedIn {
				if len(got.Cookies) != 0 {
					t.Error("a refused login carries a session")
				}
				return
			}
			if len(got.Cookies) != 1 || got.Cookies[0].Name != "ory_kratos_session" || !got.Cookies[0].HttpOnly {
				t.Errorf("cookies %v, want Kratos's session cookie alone", got.Cookies)
			}
			if s, found, err := r.site.Whoami(t.Context(), got.Cookies); err != nil || !found || s.Email != email {
				t.Errorf("they are the session of %+v, %v, %v", s, found, err)
			}
		})
	}
}

func TestSession(t *testing.T) {
	r := newRig(t, nil)
	id, email := r.account(t)
	in, err := r.site.Login(t.Context(), address(email), oldPassword, "")
	if err != nil {
		t.Fatal(err)
	}
	// A browser also has cookies that are none of Kratos's business; cookies on an API call would be refused.
	browser := append([]*http.Cookie{{Name: "__Host-flow", Value: "x"}}, in.Cookies...)

	s, found, err := r.site.Whoami(t.Context(), browser)
	if err != nil || !found || s.Email != email {
		t.Fatalf("Whoami = %+v, %v, %v", s, found, err)
	}
	for why, cookies := range map[string][]*http.Cookie{
		"none": nil, "foreign": browser[:1], "garbage": {{Name: "ory_kratos_session", Value: "MTcwMDAw"}},
	} {
		if _, found, err := r.site.Whoami(t.Context(), cookies); found || err != nil {
			t.Errorf("%s: found %v, %v", why, found, err)
		}
		if err := r.site.Logout(t.Context(), cookies); err != nil {
			t.Errorf("logging %s out: %v", why, err)
		}
	}
	if err := r.site.Logout(t.Context(), browser); err != nil {
		t.Fatal(err)
	}
	if r.Sessions(t, id) != 0 {
		t.Error("the session is alive")
	}
	if err := r.site.Logout(t.Context(), browser); err != nil {
		t.Errorf("logging out twice: %v", err)
	}
}

// TestVisitor: what the site tells about the browser is what Kratos keeps. A
// user agent longer than Kratos's column would make PostgreSQL refuse the login.
func TestVisitor(t *testing.T) {
	r := newRig(t, nil)
	id, email := r.account(t)
	long := "Mozilla/5.0 é\r\nX-Evil: 1 " + strings.Repeat("x", 2000)
	ctx := kratos.WithVisitor(t.Context(), kratos.Visitor{Address: "2001:db8::7", UserAgent: long})
	if got, err := r.site.Login(ctx, address(email), oldPassword, ""); err != nil || got.Outcome != kratos.LoggedIn {
		t.Fatalf("%q, %v", got.Outcome, err)
	}
	var sessions []struct {
		Devices []struct {
			Address   string `json:"ip_address"`
			UserAgent string `json:"user_agent"`
		}
	}
	status, answer := r.Call(t, http.MethodGet, r.AdminURL+"/admin/identities/"+id+"/sessions", nil, &sessions)
	if len(sessions) != 1 || len(sessions[0].Devices) != 1 {
		t.Fatalf("%d %s", status, answer)
	}
	device := sessions[0].Devices[0]
	if device.Address != "2001:db8::7" || !strings.HasPrefix(device.UserAgent, "Mozilla/5.0 X-Evil: 1 xxx") || len(device.UserAgent) != 512 {
		t.Errorf("Kratos keeps %q, %q", device.Address, device.UserAgent)
	}
}
