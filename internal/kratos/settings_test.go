package kratos_test

import (
	"net/http"
	"strings"
	"testing"

	"efpconnect.example/internal/kratos"
)

const refusal = `{"messages":[{"instance_ptr":"#/password","messages":[{"id":4900001,"text":"no permit","type":"error"}]}]}`

func TestPasswordRefused(t *testing.T) {
	r := newRig(t, map[string]any{"hashers.algorithm": "bcrypt", "hashers.bcrypt.cost": 4}) // ours is argon2, which has no longest password
	_, email := r.account(t)
	right := r.recovered(t, email)
	for _, c := range []struct {
		why, password string
		want          kratos.Reason
	}{
		{"bytes are counted, not characters", "éàèùô", kratos.Reason{Kind: kratos.TooShort, Min: 12}},
		{"the identifier itself", email, kratos.Reason{Kind: kratos.TooSimilar}},
		{"bcrypt's limit", strings.Repeat("Aa1-", 20), kratos.Reason{Kind: kratos.TooLong, Max: 72}},
		{"nothing", "", kratos.Reason{Kind: kratos.Missing}},
	} {
		if got := r.setPassword(t, right.Token, right.SettingsFlow, c.password, kratos.PasswordRefused); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.why, got, c.want)
		}
	}
	r.setPassword(t, right.Token, right.SettingsFlow, newPassword, kratos.PasswordSet)
	// Kratos accepts a second post of a flow that succeeded, and its refusals then say state "success".
	r.setPassword(t, right.Token, right.SettingsFlow, "court", kratos.PasswordRefused)
}

func TestPermitHook(t *testing.T) {
	r := newRig(t, nil)
	_, email := r.account(t)
	right := r.recovered(t, email)
	var asked string
	refuse := func(flow string) (int, string) { asked = flow; return http.StatusBadRequest, refusal }

	r.setHook(refuse)
	for range 2 { // the second refusal comes on top of the first one's message
		if got := r.setPassword(t, right.Token, right.SettingsFlow, newPassword, kratos.PasswordRefused); got.Kind != kratos.NotPermitted {
			t.Fatalf("reason %+v, want %q", got, kratos.NotPermitted)
		}
	}
	if asked != right.SettingsFlow {
		t.Error("the hook was not asked about this settings flow")
	}
	// Kratos's own refusal after the hook's: the reason is the newest one, not the first of the pile.
	if got := r.setPassword(t, right.Token, right.SettingsFlow, "court", kratos.PasswordRefused); got.Kind != kratos.TooShort {
		t.Errorf("reason %+v, want %q", got, kratos.TooShort)
	}
	for why, broken := range map[string]func(string) (int, string){
		"empty answer": func(string) (int, string) { return http.StatusOK, "" },
		"not JSON":     func(string) (int, string) { return http.StatusForbidden, "<html>" },
		"hook down":    func(string) (int, string) { return http.StatusInternalServerError, "" }, // Kratos asks three times, 3 s
	} {
		r.setHook(broken)
		t.Run(why, func(t *testing.T) {
			r.setPassword(t, right.Token, right.SettingsFlow, newPassword, kratos.HookFailed)
		})
	}
	if _, ok := r.Login(t, email, oldPassword); !ok {
		t.Error("a password was saved without the permit")
	}
	r.setHook(func(string) (int, string) { return http.StatusNoContent, "" })
	r.setPassword(t, right.Token, right.SettingsFlow, newPassword, kratos.PasswordSet)
}

func TestSettingsSession(t *testing.T) {
	r := newRig(t, nil)
	_, email := r.account(t)
	_, neighbour := r.account(t)
	mine, theirs := r.recovered(t, email), r.recovered(t, neighbour)

	r.setPassword(t, mine.Token, theirs.SettingsFlow, newPassword, kratos.FlowForeign)
	r.setPassword(t, mine.Token, noSuchFlow, newPassword, kratos.FlowUnknown)
	r.setPassword(t, mine.Token, notAFlow, newPassword, kratos.FlowUnknown)
	r.setPassword(t, "ory_st_nothing", mine.SettingsFlow, newPassword, kratos.SessionOver)
	r.setPassword(t, "", mine.SettingsFlow, newPassword, kratos.SessionOver)

	if err := r.site.RevokeSession(t.Context(), mine.Token); err != nil {
		t.Fatal(err)
	}
	r.setPassword(t, mine.Token, mine.SettingsFlow, newPassword, kratos.SessionOver)
	if err := r.site.RevokeSession(t.Context(), "ory_st_"+strings.Repeat("x", 32)); err != nil {
		t.Errorf("a token Kratos never gave: %v", err)
	}
}

// TestSamePassword: v1.3.1 takes the old password for a new one.
func TestSamePassword(t *testing.T) {
	r := newRig(t, nil)
	_, email := r.account(t)
	right := r.recovered(t, email)
	got, err := r.site.SetPassword(t.Context(), right.Token, right.SettingsFlow, oldPassword)
	same := kratos.PasswordResult{Outcome: kratos.PasswordRefused, Reason: kratos.Reason{Kind: kratos.SameAsOld}}
	if err != nil || got != same && got.Outcome != kratos.PasswordSet {
		t.Fatalf("SetPassword = %+v, %v", got, err)
	}
	t.Logf("this Kratos says %s %s of the old password", got.Outcome, got.Reason.Kind)
}

// TestDisabledMeanwhile: an account disabled between the code and the password.
func TestDisabledMeanwhile(t *testing.T) {
	r := newRig(t, nil)
	id, email := r.account(t)
	right := r.recovered(t, email)
	status, answer := r.Call(t, http.MethodPatch, r.AdminURL+"/admin/identities/"+id,
		[]map[string]string{{"op": "replace", "path": "/state", "value": "inactive"}}, nil)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	r.setPassword(t, right.Token, right.SettingsFlow, newPassword, kratos.SessionOver)
}
