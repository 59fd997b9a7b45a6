package recovery

import (
	"context"
	"time"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/selfservice-ui/mailedcode"
	"efpconnect.example/selfservice-ui/page"
)

// way is what the reset does at Kratos for the step of the code.
type way struct{ *Handler }

func (h way) Part(f flow) mailedcode.Flow {
	return h.Frame.Part(f.Flow, f.Owned)
}

func (h way) In(f flow, id string, opened time.Time) flow {
	f.ID, f.Opened = id, opened
	return f
}

func (h way) Proven(f flow) flow {
	f.ByMail = true
	return f
}

func (h way) Elsewhere(ctx context.Context, f flow) (bool, error) { return h.finishedElsewhere(ctx, f) }

func (h way) Open(ctx context.Context, f flow) (flow, error) { return h.open(ctx, f) }

// Send hands the address to Kratos with what its mail template needs: the sealed link, the hour, the kind of browser.
func (h way) Send(ctx context.Context, f flow, again bool) (kratos.Outcome, error) {
	sealed, err := h.links().Seal(f.Link())
	if err != nil {
		return "", err
	}
	send := h.Kratos.SendFirstCode
	if again {
		send = h.Kratos.SendCode
	}
	sent, err := send(ctx, f.ID, f.Email, map[string]any{"suite": sealed, "asked_at": page.Day(h.Now()), "device": f.Device})
	return sent.Outcome, err
}

// Takes is what Kratos would answer a sending: the same for every address.
func (h way) Takes(ctx context.Context, f flow) (kratos.Outcome, error) {
	at, err := h.Kratos.Recovery(ctx, f.ID)
	return mailedcode.TakesIn(at.State), err
}

// Submit opens a session with a right code, and ends it at once where the password was changed elsewhere.
func (h way) Submit(ctx context.Context, f flow, id, code string, late bool) (mailedcode.Answer[flow], error) {
	said, err := h.Kratos.SubmitCode(ctx, id, code)
	if err != nil || said.Outcome != kratos.CodeRight {
		return mailedcode.Answer[flow]{Outcome: said.Outcome, Flow: f}, err
	}
	if late {
		return mailedcode.Answer[flow]{Outcome: kratos.CodeRight, Flow: f}, h.Kratos.RevokeSession(ctx, said.Token)
	}
	f.Token, f.Settings, f.Until = said.Token, said.SettingsFlow, h.Now().Add(h.Times.Session)
	h.KeepSession(ctx, &f.Flow)
	return mailedcode.Answer[flow]{Outcome: kratos.CodeRight, Flow: f}, nil
}

func (h way) Note(ctx context.Context, step metrics.Step, f flow) { h.note(ctx, step, f) }
