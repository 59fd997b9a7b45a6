package kratos_test

import (
	"errors"
	"testing"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/testkit/kratostest"
)

const (
	noSuchFlow = "11111111-2222-4333-8444-555555555555"
	notAFlow   = "suite"
)

// TestReset walks the main job on the real Kratos.
func TestReset(t *testing.T) {
	r := newRig(t, nil)
	id, email := r.account(t)
	elsewhere, _ := r.site.Login(t.Context(), address(email), oldPassword, "")

	flow, code := r.sent(t, email)
	read, err := r.site.Recovery(t.Context(), flow.ID)
	if err != nil || read.State != kratos.AwaitsCode || read.Email.String() != email {
		t.Fatalf("Recovery after the mail = %+v, %v", read, err)
	}
	right := r.submit(t, flow.ID, code, kratos.CodeRight)

	opened := r.settings(t, right.Token, "/self-service/settings/flows?id="+right.SettingsFlow)
	if opened.ID != right.SettingsFlow || !opened.privilegedUntil().After(opened.ExpiresAt) {
		t.Fatalf("settings flow %+v: want a privilege that outlives the form", opened)
	}
	r.setPassword(t, right.Token, right.SettingsFlow, newPassword, kratos.PasswordSet)
	if _, found, err := r.site.Whoami(t.Context(), elsewhere.Cookies); found || err != nil {
		t.Errorf("the session from before the reset: found %v, %v; want it dead", found, err)
	}
	if !r.Alive(t, right.Token) {
		t.Error("the recovery session died with the password change; RevokeSession is what ends it")
	}
	for range 2 { // a double click ends it twice
		if err := r.site.RevokeSession(t.Context(), right.Token); err != nil {
			t.Fatal(err)
		}
	}
	if n := r.Sessions(t, id); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
	for password, want := range map[string]kratos.Outcome{oldPassword: kratos.LoginRefused, newPassword: kratos.LoggedIn} {
		if got, err := r.site.Login(t.Context(), address(email), password, ""); err != nil || got.Outcome != want {
			t.Errorf("login with %s = %q, %v; want %q", password, got.Outcome, err, want)
		}
	}
}

func TestSendCode(t *testing.T) {
	r := newRig(t, nil)
	_, email := r.account(t)

	t.Run("an unknown address looks the same and stays readable", func(t *testing.T) {
		flow, code := r.sent(t, "inconnue@example.test")
		if code != "" {
			t.Fatal("a mail was written")
		}
		if read, err := r.site.Recovery(t.Context(), flow.ID); err != nil || read.Email.String() != "inconnue@example.test" || read.State != kratos.AwaitsCode {
			t.Errorf("Recovery = %+v, %v", read, err)
		}
		r.submit(t, flow.ID, "000000", kratos.CodeWrong)
	})
	t.Run("a resend replaces the code", func(t *testing.T) {
		flow, first := r.sent(t, email)
		r.sends(t, flow.ID, email, kratos.CodeSent)
		second := r.Code(t, email)
		if first != second { // one time in a million they are equal
			r.submit(t, flow.ID, first, kratos.CodeWrong)
		}
		r.submit(t, flow.ID, second, kratos.CodeRight)
	})
	t.Run("no address is refused, and the flow survives", func(t *testing.T) {
		flow, err := r.site.OpenRecovery(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r.sends(t, flow.ID, "", kratos.AddressRefused)
		r.sends(t, flow.ID, email, kratos.CodeSent)
	})
	t.Run("an empty resend is not spent as a try", func(t *testing.T) {
		flow, code := r.sent(t, email)
		for range 6 {
			r.sends(t, flow.ID, "", kratos.AddressRefused)
		}
		r.submit(t, flow.ID, code, kratos.CodeRight)
	})
	t.Run("a passed flow sends nothing, and Kratos does not panic", func(t *testing.T) {
		flow, code := r.sent(t, email)
		r.submit(t, flow.ID, code, kratos.CodeRight)
		before := len(r.Mails(t, email))
		r.sends(t, flow.ID, email, kratos.FlowSpent)
		if after := len(r.Mails(t, email)); after != before {
			t.Errorf("%d mails, then %d", before, after)
		}
		if read, err := r.site.Recovery(t.Context(), flow.ID); err != nil || read.State != kratos.Passed {
			t.Errorf("Recovery = %+v, %v", read, err)
		}
	})
	t.Run("unknown flows", func(t *testing.T) {
		for _, id := range []string{noSuchFlow, notAFlow, ""} {
			r.sends(t, id, email, kratos.FlowUnknown)
			if read, err := r.site.Recovery(t.Context(), id); err != nil || read.State != kratos.Unknown {
				t.Errorf("Recovery(%q) = %+v, %v", id, read, err)
			}
		}
	})
}

func TestSubmitCode(t *testing.T) {
	r := newRig(t, nil)
	_, email := r.account(t)

	t.Run("five tries, then not even the right code", func(t *testing.T) {
		flow, code := r.sent(t, email)
		for range 5 {
			r.submit(t, flow.ID, other(code), kratos.CodeWrong)
		}
		r.submit(t, flow.ID, code, kratos.CodeSpent)
		r.sends(t, flow.ID, email, kratos.CodeSent) // Kratos mails a code that cannot work: the site must know its count
		r.submit(t, flow.ID, r.Code(t, email), kratos.CodeSpent)
	})
	t.Run("a code works once", func(t *testing.T) {
		flow, code := r.sent(t, email)
		r.submit(t, flow.ID, code, kratos.CodeRight)
		r.submit(t, flow.ID, code, kratos.CodeSpent)
		r.submit(t, flow.ID, other(code), kratos.CodeWrong)
	})
	t.Run("a code of another flow is wrong", func(t *testing.T) {
		_, code := r.sent(t, email)
		second, otherCode := r.sent(t, email)
		if code != otherCode {
			r.submit(t, second.ID, code, kratos.CodeWrong)
		}
	})
	t.Run("what is no code is wrong; an empty one costs no try", func(t *testing.T) {
		flow, code := r.sent(t, email)
		for range 6 {
			r.submit(t, flow.ID, "", kratos.CodeWrong)
		}
		r.submit(t, flow.ID, "12345", kratos.CodeWrong)
		r.submit(t, flow.ID, "abcdef", kratos.CodeWrong)
		r.submit(t, flow.ID, code, kratos.CodeRight)
	})
	t.Run("a flow that never got an address", func(t *testing.T) {
		flow, err := r.site.OpenRecovery(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r.submit(t, flow.ID, "123456", kratos.NoCodeSent)
		r.sends(t, flow.ID, email, kratos.CodeSent) // and it is not spoilt
	})
	t.Run("a disabled account learns it after the right code only", func(t *testing.T) {
		_, email := r.account(t, func(i *kratostest.Identity) { i.Inactive = true })
		flow, code := r.sent(t, email)
		r.submit(t, flow.ID, other(code), kratos.CodeWrong)
		r.submit(t, flow.ID, code, kratos.AccountInactive)
	})
	t.Run("unknown flows", func(t *testing.T) {
		for _, id := range []string{noSuchFlow, notAFlow, ""} {
			r.submit(t, id, "123456", kratos.FlowUnknown)
		}
	})
}

// TestWithoutTransitions: a Kratos without the feature flag has no answer for us, and no wrong one either.
func TestWithoutTransitions(t *testing.T) {
	r := newRig(t, map[string]any{"feature_flags.use_continue_with_transitions": false})
	_, email := r.account(t)
	flow, code := r.sent(t, email)
	got, err := r.site.SubmitCode(t.Context(), flow.ID, code)
	if !errors.Is(err, kratos.ErrUnexpected) {
		t.Errorf("SubmitCode = %+v, %v; want %v", got, err, kratos.ErrUnexpected)
	}
}
