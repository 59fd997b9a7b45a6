package kratosprocess_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

const (
	email       = "camille.serve@example.test"
	oldPassword = "Ancien-Portail-2019"
	newPassword = "Tilleul-Orage-42"
)

// permit is the site's hook listener, reduced to what a test decides: the status it answers and what it was asked.
type permit struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	flows  []string
	keys   []string
}

func newPermit(t *testing.T) *permit {
	t.Helper()
	p := &permit{status: http.StatusNoContent}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		var body map[string]string
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || len(body) != 3 || body["flow_type"] != "settings" || body["method"] != "password" {
			t.Errorf("hook body: %v %v", body, err)
		}
		p.flows = append(p.flows, body["flow"])
		p.keys = append(p.keys, r.Header.Get("Authorization"))
		w.WriteHeader(p.status)
		if p.status >= 400 {
			w.Write([]byte(`{"messages":[{"instance_ptr":"#/password","messages":[{"id":4900001,"text":"refused","type":"error"}]}]}`))
		}
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *permit) answer(status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status = status
}

// recovered walks the API flow of recovery up to the open settings flow.
func recovered(t *testing.T, k *kratostest.Kratos, email string) (settingsFlow, token string) {
	t.Helper()
	var flow struct{ ID, State string }
	if status, answer := k.Call(t, "GET", k.PublicURL+"/self-service/recovery/api", nil, &flow); status != 200 {
		t.Fatalf("opening: %d %s", status, answer)
	}
	submit := k.PublicURL + "/self-service/recovery?flow=" + flow.ID
	k.Call(t, "POST", submit, map[string]string{"method": "code", "email": email}, &flow)
	if flow.State != "sent_email" {
		t.Fatalf("state after the address: %q", flow.State)
	}
	var passed struct {
		State        string
		ContinueWith []struct {
			Action string
			Token  string `json:"ory_session_token"`
			Flow   struct{ ID string }
		} `json:"continue_with"`
	}
	_, answer := k.Call(t, "POST", submit, map[string]string{"method": "code", "code": k.Code(t, email)}, &passed)
	if passed.State != "passed_challenge" {
		t.Fatalf("after the right code: %s", answer)
	}
	for _, next := range passed.ContinueWith {
		switch next.Action {
		case "set_ory_session_token":
			token = next.Token
		case "show_settings_ui":
			settingsFlow = next.Flow.ID
		}
	}
	if settingsFlow == "" || token == "" {
		t.Fatalf("no settings flow or no session token (feature_flags.use_continue_with_transitions?): %s", answer)
	}
	return settingsFlow, token
}

func setPassword(t *testing.T, k *kratostest.Kratos, flow, token, password string) (status int, answer []byte) {
	t.Helper()
	return k.Call(t, "POST", k.PublicURL+"/self-service/settings?flow="+flow,
		map[string]string{"method": "password", "password": password}, nil, "X-Session-Token", token)
}

func TestResetWithPermit(t *testing.T) {
	hook := newPermit(t)
	k := kratostest.Start(t, func(o *kratosprocess.Options) {
		o.HookURL, o.HookKey = hook.URL+"/hooks/password-permit", "the-hook-key"
	})
	id := k.Create(t, kratostest.Identity{Email: email, Title: "Madame", GivenName: "Camille", FamilyName: "SERVE", Password: oldPassword})
	elsewhere, ok := k.Login(t, email, oldPassword)
	if !ok {
		t.Fatal("the old password does not log in")
	}

	flow, token := recovered(t, k, email)
	if !k.Alive(t, elsewhere) {
		t.Error("the right code alone ended the person's other session")
	}
	// Refused: what Kratos itself can judge never reaches the permit.
	if status, answer := setPassword(t, k, flow, token, "Court1!"); status != http.StatusBadRequest {
		t.Errorf("a short password: %d %s", status, answer)
	}
	if len(hook.flows) != 0 {
		t.Error("the permit was asked about a password that Kratos refuses by itself")
	}
	if status, answer := setPassword(t, k, flow, token, newPassword); status != http.StatusOK {
		t.Fatalf("a permitted password: %d %s", status, answer)
	}
	if len(hook.flows) != 1 || hook.flows[0] != flow || hook.keys[0] != "the-hook-key" {
		t.Errorf("the permit was asked about %q with keys %q, want once about %q", hook.flows, hook.keys, flow)
	}
	if _, ok := k.Login(t, email, newPassword); !ok {
		t.Error("the new password does not log in")
	}
	if _, ok := k.Login(t, email, oldPassword); ok {
		t.Error("the old password still logs in")
	}
	if k.Alive(t, elsewhere) {
		t.Error("the account's old session outlives the new password")
	}
	if !k.Alive(t, token) {
		t.Error("the recovery session ended: the site could not log it out itself")
	}
	if n := k.Sessions(t, id); n != 2 {
		t.Errorf("%d live sessions, want the recovery's and the new login's", n)
	}
}

func TestNoPasswordWithoutPermit(t *testing.T) {
	hook := newPermit(t)
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.HookURL = hook.URL })
	k.Create(t, kratostest.Identity{Email: email, Password: oldPassword})
	flow, token := recovered(t, k, email)

	refused := func(name string) {
		t.Helper()
		if status, answer := setPassword(t, k, flow, token, newPassword); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s, want 400", name, status, answer)
		}
		if _, ok := k.Login(t, email, newPassword); ok {
			t.Errorf("%s: the refused password logs in", name)
		}
	}
	hook.answer(http.StatusBadRequest)
	refused("the permit refuses")
	hook.answer(http.StatusInternalServerError)
	refused("the permit fails")
	hook.Close() // the site is stopped
	start := time.Now()
	refused("nobody answers")
	t.Logf("nobody answers: refused after %s", time.Since(start).Round(time.Millisecond))

	if _, ok := k.Login(t, email, oldPassword); !ok {
		t.Error("the old password no longer logs in")
	}
}
