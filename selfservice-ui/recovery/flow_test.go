package recovery

import (
	"testing"
	"time"

	"efpconnect.example/internal/email"
	"efpconnect.example/selfservice-ui/flows"
)

// The order of the steps is here alone: what a flow holds decides where it goes on.
func TestWhereAFlowGoesOn(t *testing.T) {
	for _, c := range []struct {
		why  string
		f    flow
		want string
	}{
		{"just opened", flow{Flow: flows.Flow{ID: "1"}}, PathCode},
		{"by the mail's button", flow{Flow: flows.Flow{ID: "1", ByMail: true}}, PathCode},
		{"after the right code", flow{Flow: flows.Flow{ID: "1", Token: "t", Settings: "s"}}, PathPassword},
		{"after the password", flow{Flow: flows.Flow{ID: "1", Done: true}}, PathDone},
		{"done, and the token not yet forgotten", flow{Flow: flows.Flow{ID: "1", Token: "t", Done: true}}, PathDone},
	} {
		if got := c.f.Path(); got != c.want {
			t.Errorf("%s: %s", c.why, got)
		}
	}
}

// A tick beside the address would say that an account has it: it comes with the right code, never before.
func TestTheTickComesWithTheRightCode(t *testing.T) {
	for _, c := range []struct {
		f    flow
		want bool
	}{
		{flow{Flow: flows.Flow{Email: email.MustParse(someone)}}, false}, {flow{Flow: flows.Flow{Email: email.MustParse(someone), ByMail: true}}, false}, {flow{Flow: flows.Flow{Email: email.MustParse(someone), Token: "t"}}, true}, {flow{Flow: flows.Flow{Email: email.MustParse(someone), Done: true}}, true},
	} {
		if got := c.f.recap().CodeRight; got != c.want {
			t.Errorf("%+v: %v", c.f, got)
		}
	}
}

// Two browsers in one Kratos flow share its id and nothing else: neither can answer for the other.
func TestBrowsersOfOneFlowShareNoSecret(t *testing.T) {
	now := time.Now()
	a, b := newFlow("1", email.MustParse("a@example.test"), now, ""), newFlow("1", email.MustParse("a@example.test"), now, "")
	if a.Handle == b.Handle || string(a.Secret) == string(b.Secret) || len(a.Secret) == 0 || a.Handle == "" {
		t.Errorf("%+v and %+v", a, b)
	}
}
