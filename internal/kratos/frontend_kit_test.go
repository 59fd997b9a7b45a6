package kratos_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"efpconnect.example/internal/email"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

const (
	oldPassword = "Ancien-Ecureuil-17"
	newPassword = "Nouveau-Platane-48"
)

// rig is a real Kratos, a Client of it, and the hook that Kratos asks before it saves a password.
type rig struct {
	*kratostest.Kratos
	site     *kratos.Client
	accounts int

	mu   sync.Mutex
	hook func(flow string) (status int, body string)
}

// newRig starts a Kratos whose kratos.yml has the overrides. Its hook permits everything.
func newRig(t *testing.T, overrides map[string]any) *rig {
	t.Helper()
	r := &rig{hook: func(string) (int, string) { return http.StatusNoContent, "" }}
	hook := httptest.NewServer(http.HandlerFunc(r.answerHook))
	t.Cleanup(hook.Close)
	r.Kratos = kratostest.Start(t, func(o *kratosprocess.Options) {
		o.HookURL = hook.URL
		for key, value := range overrides {
			o.Overrides[key] = value
		}
	})
	// A database that another test keeps busy is no failure of Kratos's.
	client, err := kratos.New(r.PublicURL, kratos.Options{Timeout: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	r.site = client
	return r
}

func (r *rig) answerHook(w http.ResponseWriter, req *http.Request) {
	var question struct{ Flow string }
	body, _ := io.ReadAll(req.Body)
	_ = json.Unmarshal(body, &question)
	r.mu.Lock()
	defer r.mu.Unlock()
	status, answer := r.hook(question.Flow)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
}

func (r *rig) setHook(hook func(flow string) (int, string)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hook = hook
}

// account makes one with oldPassword and an address of its own.
func (r *rig) account(t *testing.T, change ...func(*kratostest.Identity)) (id, email string) {
	t.Helper()
	r.accounts++
	i := kratostest.Identity{Email: "personne" + strconv.Itoa(r.accounts) + "@example.test", GivenName: "Jeanne", FamilyName: "Martin", Password: oldPassword}
	for _, f := range change {
		f(&i)
	}
	return r.Create(t, i), i.Email
}

// sent opens a flow, sends a code to email and returns both. The code is "" for an address without account.
func (r *rig) sent(t *testing.T, email string) (flow kratos.Recovery, code string) {
	t.Helper()
	flow, err := r.site.OpenRecovery(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	result, err := r.site.SendCode(t.Context(), flow.ID, address(email), map[string]any{"suite": "lien"})
	if err != nil || result.Outcome != kratos.CodeSent {
		t.Fatalf("SendCode = %+v, %v", result, err)
	}
	if len(r.Mails(t, email)) > 0 {
		code = r.Code(t, email)
	}
	return flow, code
}

// recovered walks to the settings flow.
func (r *rig) recovered(t *testing.T, email string) kratos.CodeResult {
	t.Helper()
	flow, code := r.sent(t, email)
	return r.submit(t, flow.ID, code, kratos.CodeRight)
}

func (r *rig) submit(t *testing.T, flow, code string, want kratos.Outcome) kratos.CodeResult {
	t.Helper()
	got, err := r.site.SubmitCode(t.Context(), flow, code)
	if err != nil || got.Outcome != want {
		t.Fatalf("SubmitCode = %q, %v; want %q", got.Outcome, err, want)
	}
	if (got.Token != "") != (want == kratos.CodeRight) || (got.SettingsFlow != "") != (want == kratos.CodeRight) {
		t.Fatalf("token and settings flow belong to %q alone, got them with %q", kratos.CodeRight, got.Outcome)
	}
	return got
}

func (r *rig) setPassword(t *testing.T, token, flow, password string, want kratos.Outcome) kratos.Reason {
	t.Helper()
	got, err := r.site.SetPassword(t.Context(), token, flow, password)
	if err != nil || got.Outcome != want {
		t.Fatalf("SetPassword = %+v, %v; want %q", got, err, want)
	}
	return got.Reason
}

// settingsFlow is a settings flow as Kratos gives it: the site has no use for more than its id.
type settingsFlow struct {
	ID        string
	ExpiresAt time.Time `json:"expires_at"`
	UI        struct {
		Messages []struct {
			Context struct {
				Until time.Time `json:"privileged_session_expires_at"`
			}
		}
	}
}

// privilegedUntil is until when its session may set a password: Kratos says it in the flow that the right code opened.
func (f settingsFlow) privilegedUntil() time.Time {
	if len(f.UI.Messages) == 0 {
		return time.Time{}
	}
	return f.UI.Messages[0].Context.Until
}

// settings asks Kratos for a settings flow of the session of token.
func (r *rig) settings(t *testing.T, token, path string) (flow settingsFlow) {
	t.Helper()
	if status, answer := r.Call(t, http.MethodGet, r.PublicURL+path, nil, &flow, "X-Session-Token", token); status != http.StatusOK {
		t.Fatalf("settings flow: %d %s", status, answer)
	}
	return flow
}

// sends tells how SendCode ends on a flow.
func (r *rig) sends(t *testing.T, flow, email string, want kratos.Outcome) {
	t.Helper()
	got, err := r.site.SendCode(t.Context(), flow, address(email), nil)
	if err != nil || got.Outcome != want {
		t.Fatalf("SendCode = %q, %v; want %q", got.Outcome, err, want)
	}
}

// other is a code that is not this one.
func other(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

// address is one that a test has in its text, none for none.
func address(text string) email.Address {
	a, _ := email.Parse(text)
	return a
}
