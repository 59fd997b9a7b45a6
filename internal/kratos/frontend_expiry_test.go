package kratos_test

import (
	"testing"

	"efpconnect.example/internal/kratos"
)

// Lifetimes of a millisecond: everything is over by the time of the next call, without waiting.

func TestFlowExpired(t *testing.T) {
	r := newRig(t, map[string]any{
		"selfservice.flows.recovery.lifespan": "1ms",
		"selfservice.flows.settings.lifespan": "1ms",
		"selfservice.flows.login.lifespan":    "1ms",
	})
	_, email := r.account(t)
	flow, err := r.site.OpenRecovery(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if read, err := r.site.Recovery(t.Context(), flow.ID); err != nil || read.State != kratos.Expired {
		t.Errorf("Recovery = %+v, %v", read, err)
	}
	r.sends(t, flow.ID, email, kratos.FlowExpired)
	r.submit(t, flow.ID, "123456", kratos.FlowExpired)
	if got, err := r.site.Login(t.Context(), address(email), oldPassword, ""); err != nil || got.Outcome != kratos.FlowExpired {
		t.Errorf("Login = %q, %v", got.Outcome, err)
	}
}

func TestSettingsExpired(t *testing.T) {
	r := newRig(t, map[string]any{"selfservice.flows.settings.lifespan": "1ms"})
	_, email := r.account(t)
	right := r.recovered(t, email)
	r.setPassword(t, right.Token, right.SettingsFlow, newPassword, kratos.FlowExpired)
}

// TestCodeExpired also proves that an expired code is told from an expired flow.
func TestCodeExpired(t *testing.T) {
	r := newRig(t, map[string]any{
		"selfservice.methods.code.config.lifespan":              "1ms",
		"selfservice.flows.settings.privileged_session_max_age": "1ms",
	})
	_, email := r.account(t)
	flow, code := r.sent(t, email)
	got, err := r.site.SubmitCode(t.Context(), flow.ID, code)
	// v1.3.1 says 410; later versions take an expired code for a wrong one.
	if err != nil || got.Outcome != kratos.CodeExpired && got.Outcome != kratos.CodeWrong {
		t.Fatalf("SubmitCode = %q, %v", got.Outcome, err)
	}
	t.Logf("this Kratos says %s of an expired code", got.Outcome)
	if read, err := r.site.Recovery(t.Context(), flow.ID); err != nil || read.State != kratos.AwaitsCode {
		t.Errorf("the flow of an expired code = %+v, %v; want it alive", read, err)
	}

	token, ok := r.Login(t, email, oldPassword)
	if !ok {
		t.Fatal("login refused")
	}
	r.setPassword(t, token, r.settings(t, token, "/self-service/settings/api").ID, newPassword, kratos.PrivilegeOver)
}
