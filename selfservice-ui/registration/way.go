package registration

import (
	"context"
	"time"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/selfservice-ui/hook"
	"efpconnect.example/selfservice-ui/mailedcode"
	"efpconnect.example/selfservice-ui/page"
)

// way is what a registration does at Kratos for the step of the code.
type way struct{ *Handler }

func (h way) Part(f flow) mailedcode.Flow {
	return h.Frame.Part(f.Flow, f.ByMail)
}

func (h way) In(f flow, id string, opened time.Time) flow {
	f.ID, f.Opened = id, opened
	return f
}

func (h way) Proven(f flow) flow {
	f.ByMail = true
	return f
}

// Elsewhere is never so: an account that was made elsewhere is told after the right code.
func (h way) Elsewhere(context.Context, flow) (bool, error) { return false, nil }

func (h way) Open(ctx context.Context, f flow) (flow, error) {
	opened, err := h.Kratos.OpenRegistration(ctx)
	if err != nil {
		return f, err
	}
	fresh := newFlow(opened.ID, f.Email, f.Names, h.Now(), f.ReturnTo)
	fresh.ByMail, fresh.Device, fresh.Replaced, fresh.Made = f.ByMail, f.Device, f.Replaced, f.Made
	return fresh, nil
}

func (h way) Takes(ctx context.Context, f flow) (kratos.Outcome, error) {
	at, err := h.Kratos.RegistrationAt(ctx, f.ID)
	return mailedcode.TakesIn(at.State), err
}

// Send hands the address to Kratos, and nothing else of the person, with what its mail template needs.
func (h way) Send(ctx context.Context, f flow, again bool) (kratos.Outcome, error) {
	sealed, err := h.links().Seal(f.Link())
	if err != nil {
		return "", err
	}
	proof := h.proof(f, f.ID)
	proof.Payload = map[string]any{"suite": sealed, "asked_at": page.Day(h.Now()), "device": f.Device}
	send := h.Kratos.SendRegistrationCode
	if again {
		send = h.Kratos.ResendRegistrationCode
	}
	sent, err := send(ctx, proof)
	return sent.Outcome, err
}

func (h *Handler) proof(f flow, id string) kratos.Proof {
	return kratos.Proof{Flow: id, Email: f.Email.Fold()}
}

// Submit makes the account with a right code, under a permit. That the address has an account is said here first, and to nobody but
// who reads its mails.
func (h way) Submit(ctx context.Context, f flow, id, code string, _ bool) (mailedcode.Answer[flow], error) {
	if h.Hook != nil {
		if err := h.Hook(ctx); err != nil { // Kratos would spend the code, and make no account
			h.Log.ErrorContext(ctx, "registration: the permit hook does not answer", "cause", err.Error())
			return mailedcode.Answer[flow]{}, errHook
		}
	}
	if err := hook.Permit(ctx, h.Store, hook.CreateAccount, id); err != nil {
		return mailedcode.Answer[flow]{}, err
	}
	said, err := h.Kratos.SubmitRegistrationCode(ctx, h.proof(f, id), code)
	h.Reached("code: made")
	if revokeErr := hook.Revoke(ctx, h.Store, hook.CreateAccount, id); revokeErr != nil {
		h.Log.WarnContext(ctx, "registration: the permit could not be deleted", "cause", revokeErr.Error())
	}
	if err != nil {
		return mailedcode.Answer[flow]{}, err
	}
	return h.answered(ctx, f, said)
}

func (h *Handler) answered(ctx context.Context, f flow, said kratos.RegistrationResult) (mailedcode.Answer[flow], error) {
	switch said.Outcome {
	case kratos.CodeRight:
		f.Token, f.Until, f.Made = said.Token, h.Now().Add(h.Times.Session), false
		h.KeepSession(ctx, &f.Flow)
		f.Settings = h.openSettings(ctx, said.Token)
	case kratos.AccountExists:
		f.Exists = true
		return mailedcode.Answer[flow]{Outcome: kratos.CodeRight, Flow: f}, nil
	case kratos.CodeSpent:
		f.Made = true // where this very code was given before, and its answer lost
	case kratos.HookFailed, kratos.HookRefused:
		if f.Replaced {
			return mailedcode.Answer[flow]{}, errHook
		}
		h.Log.ErrorContext(ctx, "registration: the permit hook failed; another code is sent", "cause", string(said.Outcome))
		f.Replaced = true
		return mailedcode.Answer[flow]{Outcome: kratos.CodeSpent, Flow: f, Renew: true}, nil
	}
	return mailedcode.Answer[flow]{Outcome: said.Outcome, Flow: f}, nil
}

// openSettings opens what step 3 saves by; where that fails, step 3 opens it.
func (h *Handler) openSettings(ctx context.Context, token string) string {
	settings, outcome, err := h.Kratos.OpenSettings(ctx, token)
	if err != nil || outcome != kratos.SettingsOpened {
		return ""
	}
	return settings
}

func (h way) Note(ctx context.Context, step metrics.Step, f flow) { h.note(ctx, step, f) }
