package kratostest

import (
	"net/http"
	"net/url"
	"testing"
)

// Identity is an account to create. Only Email is required.
type Identity struct {
	Email, Title, GivenName, FamilyName, PhoneNumber string
	Password                                         string // in clear, hashed by Kratos
	PasswordHash                                     string // in a format Kratos imports: "$2a$…", "$argon2id$…"
	Inactive                                         bool
	Verified                                         bool // the address counts as proved, as after a migration
}

// Create makes an account by the admin API and returns its id.
func (k *Kratos) Create(t testing.TB, i Identity) (id string) {
	t.Helper()
	var created struct {
		ID string `json:"id"`
	}
	status, answer := k.Call(t, http.MethodPost, k.AdminURL+"/admin/identities", i.Payload(), &created)
	if status != http.StatusCreated {
		t.Fatalf("creating an account: %d %s", status, answer)
	}
	return created.ID
}

// Payload is the account as the admin API takes it.
func (i Identity) Payload() map[string]any {
	traits := map[string]string{}
	for name, value := range map[string]string{
		"email": i.Email, "title": i.Title, "given_name": i.GivenName, "family_name": i.FamilyName, "phone_number": i.PhoneNumber,
	} {
		if value != "" { // absent and empty are two things for the schema
			traits[name] = value
		}
	}
	payload := map[string]any{"schema_id": "account", "traits": traits}
	if i.Inactive {
		payload["state"] = "inactive"
	}
	password := map[string]string{}
	if i.Password != "" {
		password["password"] = i.Password
	}
	if i.PasswordHash != "" {
		password["hashed_password"] = i.PasswordHash
	}
	if len(password) > 0 {
		payload["credentials"] = map[string]any{"password": map[string]any{"config": password}}
	}
	if i.Verified {
		payload["verifiable_addresses"] = []map[string]any{{"value": i.Email, "via": "email", "verified": true, "status": "completed"}}
	}
	return payload
}

// Login opens an API session with a password. ok is false when Kratos refuses, for whatever reason.
func (k *Kratos) Login(t testing.TB, email, password string) (token string, ok bool) {
	t.Helper()
	var flow struct {
		ID string `json:"id"`
	}
	if status, answer := k.Call(t, http.MethodGet, k.PublicURL+"/self-service/login/api", nil, &flow); status != http.StatusOK {
		t.Fatalf("opening a login: %d %s", status, answer)
	}
	var session struct {
		Token string `json:"session_token"`
	}
	status, _ := k.Call(t, http.MethodPost, k.PublicURL+"/self-service/login?flow="+flow.ID,
		map[string]string{"method": "password", "identifier": email, "password": password}, &session)
	return session.Token, status == http.StatusOK
}

// Alive tells whether a session token still opens /sessions/whoami.
func (k *Kratos) Alive(t testing.TB, token string) bool {
	t.Helper()
	return k.whoami(t, "X-Session-Token", token)
}

// AliveCookie tells the same of a browser's session: the whole Cookie header, as the browser would send it.
func (k *Kratos) AliveCookie(t testing.TB, cookies string) bool {
	t.Helper()
	return k.whoami(t, "Cookie", cookies)
}

// whoami tells whether what a header carries is somebody's session.
func (k *Kratos) whoami(t testing.TB, header, value string) bool {
	t.Helper()
	status, answer := k.Call(t, http.MethodGet, k.PublicURL+"/sessions/whoami", nil, nil, header, value)
	if status != http.StatusOK && status != http.StatusUnauthorized {
		t.Fatalf("whoami: %d %s", status, answer)
	}
	return status == http.StatusOK
}

// Sessions counts the live sessions of an account.
func (k *Kratos) Sessions(t testing.TB, id string) int {
	t.Helper()
	var sessions []struct{}
	status, answer := k.Call(t, http.MethodGet, k.AdminURL+"/admin/identities/"+url.PathEscape(id)+"/sessions?active=true", nil, &sessions)
	if status != http.StatusOK && status != http.StatusNotFound { // 404: it never had one
		t.Fatalf("sessions of an account: %d %s", status, answer)
	}
	return len(sessions)
}
