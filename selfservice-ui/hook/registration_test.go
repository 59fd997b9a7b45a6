package hook_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"efpconnect.example/config"
	mail "efpconnect.example/internal/email"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/store"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/selfservice-ui/hook"
)

const newcomer = "nouvelle.venue@example.test"

// open is a Kratos on which accounts can be created, asking the real handler.
func open(t *testing.T) (kratosOpen, *kratos.Client, store.Store) {
	t.Helper()
	st := store.NewMemory(100, time.Now)
	site := httptest.NewServer(hook.Handler{Store: st, Key: key, Log: quiet()})
	t.Cleanup(site.Close)
	k := kratostest.Start(t, func(o *kratosprocess.Options) {
		o.HookURL, o.HookKey = site.URL+hook.Path, key
		o.Overrides[config.Registration] = config.RegistrationOpen
	})
	client, err := kratos.New(k.PublicURL, kratos.Options{Timeout: 30 * time.Second})
	check(t, err)
	return kratosOpen{k}, client, st
}

type kratosOpen struct{ *kratostest.Kratos }

// prove opens a registration of address and returns it with the code of its mail.
func (k kratosOpen) prove(t *testing.T, client *kratos.Client, address string) (kratos.Proof, string) {
	t.Helper()
	flow, err := client.OpenRegistration(t.Context())
	check(t, err)
	p := kratos.Proof{Flow: flow.ID, Email: address, Payload: map[string]any{"suite": "lien"}}
	sent, err := client.SendRegistrationCode(t.Context(), p)
	check(t, err)
	if sent.Outcome != kratos.CodeSent {
		t.Fatalf("the first mail: %s", sent.Outcome)
	}
	return p, k.Code(t, address)
}

func (k kratosOpen) accounts(t *testing.T, address string) int {
	t.Helper()
	var found []struct{ ID string }
	k.Call(t, "GET", k.AdminURL+"/admin/identities?credentials_identifier="+address, nil, &found)
	return len(found)
}

// An account begins by its address's proof, under permits of its own, and is marked with where it comes from.
func TestAnAccountBeginsByProof(t *testing.T) {
	k, client, st := open(t)
	p, code := k.prove(t, client, newcomer)
	if wrong, err := client.SubmitRegistrationCode(t.Context(), p, differing(code)); err != nil || wrong.Outcome != kratos.CodeWrong {
		t.Fatalf("a wrong code: %+v, %v", wrong, err)
	}
	check(t, hook.Permit(t.Context(), st, hook.CreateAccount, p.Flow))
	made, err := client.SubmitRegistrationCode(t.Context(), p, code)
	if err != nil || made.Outcome != kratos.CodeRight {
		t.Fatalf("the right code: %+v, %v", made, err)
	}
	again, err := client.SubmitRegistrationCode(t.Context(), p, code)
	if err != nil || again.Outcome != kratos.CodeSpent {
		t.Errorf("the right code again: %+v, %v", again, err)
	}
	var account struct {
		MetadataPublic      map[string]any            `json:"metadata_public"`
		VerifiableAddresses []struct{ Verified bool } `json:"verifiable_addresses"`
	}
	k.Call(t, "GET", k.AdminURL+"/admin/identities/"+made.Account, nil, &account)
	if account.MetadataPublic["origin"] != kratos.OriginRegistration || len(account.VerifiableAddresses) != 1 || !account.VerifiableAddresses[0].Verified {
		t.Errorf("the account is %+v", account)
	}
	settings, outcome, err := client.OpenSettings(t.Context(), made.Token)
	if err != nil || outcome != kratos.SettingsOpened {
		t.Fatalf("settings: %s, %v", outcome, err)
	}
	traits := map[string]any{"email": newcomer, "given_name": "Camille", "family_name": "Serve"}
	// The permit of a password admits no other change.
	check(t, hook.Permit(t.Context(), st, hook.ChoosePassword, settings))
	if refused, err := client.SetProfile(t.Context(), made.Token, settings, traits); err != nil || refused.Outcome != kratos.ProfileRefused {
		t.Fatalf("names under a password's permit: %+v, %v", refused, err)
	}
	check(t, hook.Permit(t.Context(), st, hook.SaveProfile, settings))
	traits["phone_number"] = "pas un numéro"
	if refused, err := client.SetProfile(t.Context(), made.Token, settings, traits); err != nil || refused.Outcome != kratos.ProfileRefused ||
		len(refused.Traits) != 1 || refused.Traits[0] != "phone_number" {
		t.Fatalf("a telephone that is none: %+v, %v", refused, err)
	}
	delete(traits, "phone_number")
	if saved, err := client.SetProfile(t.Context(), made.Token, settings, traits); err != nil || saved.Outcome != kratos.ProfileSet {
		t.Fatalf("names: %+v, %v", saved, err)
	}
	if set, err := client.SetPassword(t.Context(), made.Token, settings, newPassword); err != nil || set.Outcome != kratos.PasswordSet {
		t.Fatalf("password: %+v, %v", set, err)
	}
	if in, err := client.Login(t.Context(), mail.MustParse(newcomer), newPassword, ""); err != nil || in.Outcome != kratos.LoggedIn {
		t.Errorf("login: %s, %v", in.Outcome, err)
	}
}

// Who has an account learns it after the right code alone; until then everything is as for anybody.
func TestAnAccountThatIsThere(t *testing.T) {
	k, client, st := open(t)
	k.Create(t, kratostest.Identity{Email: email, Password: oldPassword})
	p, code := k.prove(t, client, email)
	check(t, hook.Permit(t.Context(), st, hook.CreateAccount, p.Flow))
	got, err := client.SubmitRegistrationCode(t.Context(), p, code)
	if err != nil || got.Outcome != kratos.AccountExists || got.Token != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

// What ends a flow, and what a resend does.
func TestTheEndsOfARegistration(t *testing.T) {
	k, client, st := open(t)
	p, first := k.prove(t, client, newcomer)
	again, err := client.ResendRegistrationCode(t.Context(), p)
	if err != nil || again.Outcome != kratos.CodeSent {
		t.Fatalf("a resend: %+v, %v", again, err)
	}
	check(t, hook.Permit(t.Context(), st, hook.CreateAccount, p.Flow))
	if got, err := client.SubmitRegistrationCode(t.Context(), p, first); err != nil || got.Outcome != kratos.CodeWrong {
		t.Errorf("the code of before the resend: %+v, %v", got, err)
	}
	for range 4 {
		_, err := client.SubmitRegistrationCode(t.Context(), p, "000000")
		check(t, err)
	}
	if got, err := client.SubmitRegistrationCode(t.Context(), p, k.Code(t, newcomer)); err != nil || got.Outcome != kratos.CodeSpent {
		t.Errorf("right at the sixth try: %+v, %v", got, err)
	}
	for what, want := range map[string]kratos.Outcome{"": kratos.FlowUnknown, "11111111-2222-4333-8444-555555555555": kratos.FlowUnknown} {
		if got, err := client.SubmitRegistrationCode(t.Context(), kratos.Proof{Flow: what, Email: newcomer}, "123456"); err != nil || got.Outcome != want {
			t.Errorf("flow %q: %+v, %v", what, got, err)
		}
	}
	flow, err := client.OpenRegistration(t.Context())
	check(t, err)
	for _, address := range []string{"", "pas une adresse", "a@b@c"} {
		got, err := client.SendRegistrationCode(t.Context(), kratos.Proof{Flow: flow.ID, Email: address})
		if err != nil || got.Outcome != kratos.AddressRefused {
			t.Errorf("%q: %+v, %v", address, got, err)
		}
	}
}

// Straight to Kratos's public port: every other way to an account, or into one, is refused, and leaves nothing behind.
func TestEveryOtherDoorIsShut(t *testing.T) {
	k, client, st := open(t)
	id := k.Create(t, kratostest.Identity{Email: email, Password: oldPassword})
	post := func(t *testing.T, flow, id string, body map[string]any, headers ...string) (int, string) {
		t.Helper()
		status, answer := k.Call(t, http.MethodPost, k.PublicURL+"/self-service/"+flow+"?flow="+id, body, nil, headers...)
		return status, string(answer)
	}
	opened := func(t *testing.T, path string, headers ...string) string {
		t.Helper()
		var flow struct{ ID string }
		k.Call(t, http.MethodGet, k.PublicURL+"/self-service/"+path, nil, &flow, headers...)
		return flow.ID
	}
	t.Run("registration by password", func(t *testing.T) {
		flow := opened(t, "registration/api")
		status, answer := post(t, "registration", flow, map[string]any{"method": "password", "password": newPassword, "traits": map[string]any{"email": newcomer}})
		if status != 400 || !strings.Contains(answer, "4900001") || k.accounts(t, newcomer) != 0 {
			t.Errorf("%d %s", status, answer)
		}
		known, same := post(t, "registration", opened(t, "registration/api"), map[string]any{"method": "password", "password": newPassword, "traits": map[string]any{"email": email}})
		if known != 400 || !strings.Contains(same, "4900001") || strings.Contains(same, "4000007") {
			t.Errorf("it tells who has an account: %d %s", known, same)
		}
	})
	t.Run("registration by code without a permit", func(t *testing.T) {
		p, code := k.prove(t, client, newcomer)
		got, err := client.SubmitRegistrationCode(t.Context(), p, code)
		if err != nil || got.Outcome != kratos.HookRefused || k.accounts(t, newcomer) != 0 {
			t.Errorf("%+v, %v", got, err)
		}
	})
	for name, path := range map[string]string{"api": "login/api", "refresh": "login/api?refresh=true"} {
		t.Run("login by code, "+name, func(t *testing.T) {
			var headers []string
			if name == "refresh" {
				token, ok := k.Login(t, email, oldPassword)
				if !ok {
					t.Fatal("no session to refresh")
				}
				headers = []string{"X-Session-Token", token}
			}
			before := k.Sessions(t, id)
			flow := opened(t, path, headers...)
			sent := len(k.Mails(t, email))
			post(t, "login", flow, map[string]any{"method": "code", "identifier": email}, headers...)
			if len(k.Mails(t, email)) == sent {
				return // this account has no code to log in with: nothing was mailed
			}
			status, answer := post(t, "login", flow, map[string]any{"method": "code", "identifier": email, "code": k.Code(t, email)}, headers...)
			if status == 200 || strings.Contains(answer, "session_token") || k.Sessions(t, id) != before {
				t.Errorf("%d %s", status, answer)
			}
		})
	}
	t.Run("another address in a session of one's own", func(t *testing.T) {
		token, ok := k.Login(t, email, oldPassword)
		if !ok {
			t.Fatal("the password does not log in")
		}
		flow := opened(t, "settings/api", "X-Session-Token", token)
		check(t, hook.Permit(t.Context(), st, hook.ChoosePassword, flow)) // of a password, for the same flow
		status, answer := post(t, "settings", flow, map[string]any{"method": "profile", "traits": map[string]any{"email": newcomer}}, "X-Session-Token", token)
		if status != 400 || k.accounts(t, newcomer) != 0 || k.accounts(t, email) != 1 {
			t.Errorf("%d %s", status, answer)
		}
	})
}

// differing is a code of six digits that is not the right one.
func differing(code string) string {
	if code[0] == '9' {
		return "0" + code[1:]
	}
	return "9" + code[1:]
}
