package recovery

import (
	"context"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/selfservice-ui/mailedcode"
)

// What Kratos's answer to a code means for who typed it.

// interpretCode turns Kratos's answer into the step's verdict.
func (h *Handler) interpretCode(ctx context.Context, f flow, t mailedcode.State, result kratos.CodeResult, tried try) (outcome[codeVerdict], error) {
	o := outcome[codeVerdict]{Flow: f, Left: t.Left(f.proof())}
	t.Judged = true
	switch result.Outcome {
	case kratos.CodeRight:
		if tried.late {
			return h.lateRight(ctx, f, t, result.Token, tried.code)
		}
		h.note(ctx, metrics.CodeRight, f)
		h.giveBack(ctx, f, t)
		o.Verdict = codeRight
		o.Flow.Token, o.Flow.Settings, o.Flow.Until = result.Token, result.SettingsFlow, h.Now().Add(h.Times.Settings)
		t.Judged, t.Right = false, h.rightCode(f, tried.code)
		if err := h.saveState(ctx, f, t); err != nil {
			h.Log.WarnContext(ctx, "recovery: a right code is taken, and not noted as used", "cause", err.Error()) // no reason to lose it
		}
		return o, nil
	case kratos.CodeWrong, kratos.NoCodeSent:
		// Before Kratos has been handed the address no code is right. On a busy machine that takes longer for an address
		// that has an account: an answer of its own would tell it apart.
		return h.wrongCode(ctx, f, t)
	case kratos.CodeExpired:
		h.note(ctx, metrics.CodeExpired, f)
		o.Verdict = codeExpired
		return o, h.saveState(ctx, f, t)
	case kratos.CodeSpent:
		passed := f.Owned || t.Right == h.rightCode(f, tried.code)
		if tried.late && passed {
			return finishedFor(f), nil
		}
		if tried.again {
			if err := h.mayMail(ctx, f); err != nil {
				return outcome[codeVerdict]{}, err
			}
			fresh, err := h.renew(ctx, f)
			return outcome[codeVerdict]{Verdict: codeRenewed, Flow: fresh}, err
		}
		if !passed {
			return h.wrongCode(ctx, f, t) // that the owner has passed is the owner's business
		}
		h.note(ctx, metrics.CodeSpent, f)
		o.Verdict = codeUsed
	case kratos.FlowExpired, kratos.FlowUnknown:
		o.Verdict = codeOver
	case kratos.AccountInactive:
		o.Verdict = codeInactive
	default:
		return outcome[codeVerdict]{}, unexpected("code", result.Outcome)
	}
	// Whatever is typed now, Kratos takes no code of this flow any more.
	t.Over = true
	return o, h.saveState(ctx, f, t)
}

// giveBack returns what a flow has drawn from the budgets of its address, once the right code has proved the mailbox: the
// owner's own resets would else show a stranger fewer tries and mails than an address without account has.
func (h *Handler) giveBack(ctx context.Context, f flow, t mailedcode.State) {
	code := limit.CodeEmail
	if f.ByMail {
		code = limit.CodeProven
	}
	account := h.account(f.Email)
	h.Guard.GiveBack(ctx, code, account)
	for range 1 + t.Typed.Resends {
		h.Guard.GiveBack(ctx, limit.MailEmail, account)
	}
	for range t.Button.Resends {
		h.Guard.GiveBack(ctx, limit.MailProven, account)
	}
}

// lateRight is a right code of a flow that a success elsewhere has ended: who types it holds the mailbox and may know.
func (h *Handler) lateRight(ctx context.Context, f flow, t mailedcode.State, token, code string) (outcome[codeVerdict], error) {
	if err := h.Kratos.RevokeSession(ctx, token); err != nil {
		return outcome[codeVerdict]{}, err
	}
	t.Judged, t.Right = true, h.rightCode(f, code)
	return finishedFor(f), h.saveState(ctx, f, t)
}

// finishedFor is said to who has the right code: it proves the mailbox, as the mail's button does, and is told so from then on.
func finishedFor(f flow) outcome[codeVerdict] {
	f.ByMail = true
	return outcome[codeVerdict]{Verdict: codeFinished, Flow: f}
}

// wrongCode counts a wrong code.
func (h *Handler) wrongCode(ctx context.Context, f flow, t mailedcode.State) (outcome[codeVerdict], error) {
	h.note(ctx, metrics.CodeWrong, f)
	t.Judged = true
	if err := h.saveState(ctx, f, t); err != nil {
		return outcome[codeVerdict]{}, err
	}
	h.failpoint("code: judged")
	return outcome[codeVerdict]{Verdict: codeWrong, Flow: f, Left: t.Left(f.proof())}, h.noteWrong(ctx, f)
}

func (h *Handler) rightCode(f flow, code string) string {
	return h.Box.Hash("right code", f.ID+" "+code)
}

// renew opens another flow for somebody who has proved the right to one, and sends its code.
func (h *Handler) renew(ctx context.Context, f flow) (flow, error) {
	fresh, err := h.open(ctx, f.Email, f.ReturnTo)
	if err != nil {
		return flow{}, err
	}
	fresh.ByMail = f.ByMail
	return fresh, h.send(ctx, fresh)
}
