package recovery

import (
	"context"
	"errors"
	"net/http"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/selfservice-ui/mailedcode"
	"efpconnect.example/selfservice-ui/once"
	"efpconnect.example/selfservice-ui/page"
)

type resendVerdict string

// Verdicts of a resend.
const (
	resendSent     resendVerdict = "sent"
	resendEarly    resendVerdict = "early"
	resendFresh    resendVerdict = "fresh"   // a new flow was needed and opened
	resendAsk      resendVerdict = "restart" // a new flow is needed, and with it the proofs of step 1
	resendFinished resendVerdict = "finished"
)

// postResend sends another code: in the same flow while its code can still keep the promise of 24 hours, else in a new one.
// A new flow takes the proofs of step 1 again, or the mail's button, which proves the mailbox.
func (h *Handler) postResend(w http.ResponseWriter, r *http.Request) error {
	arrived := h.Now()
	f, err := h.posted(r)
	if err != nil {
		return err
	}
	if err := h.Guard.Client(r, limit.AskClient); err != nil {
		return err
	}
	if f.path() != PathCode {
		http.Redirect(w, r, f.path(), http.StatusSeeOther)
		return nil
	}
	if key, err := h.Guard.CheckHoneypot(r, captcha.FormCode); err != nil {
		return err
	} else if key != "" {
		return h.writeCode(w, r, f, http.StatusUnprocessableEntity, nil, page.Problem{Key: key})
	}
	// The sending that the page knew of makes each resend a new one, and a double click the same one.
	o, err := once.Do(r.Context(), h.once(), h.submitted(f, "resend", r.PostForm.Get("envoi")), func(ctx context.Context) (outcome[resendVerdict], error) {
		return h.sendAgain(ctx, f)
	})
	if err != nil {
		return err
	}
	if err := h.Guard.Wait(r.Context(), arrived, h.Times.AnswerAfter); err != nil {
		return err
	}
	return h.answerResend(w, r, o)
}

// sendAgain decides and sends, under the flow's lock.
func (h *Handler) sendAgain(ctx context.Context, f flow) (outcome[resendVerdict], error) {
	t, err := h.loadState(ctx, f)
	if err != nil {
		return outcome[resendVerdict]{}, err
	}
	there := f.standing(t)
	finished, err := h.finishedElsewhere(ctx, there)
	if err != nil || finished && f.Owned {
		return outcome[resendVerdict]{Verdict: resendFinished, Flow: f}, err
	}
	now := h.Now()
	switch t.Resend(f.code(), now, h.codeTimes()) {
	case mailedcode.TooEarly:
		return outcome[resendVerdict]{Verdict: resendEarly, Flow: f}, nil
	case mailedcode.AnotherFlow:
		return h.anotherFlow(ctx, f)
	}
	if err := h.mayMail(ctx, f); err != nil {
		return outcome[resendVerdict]{}, err
	}
	t.NoteSent(f.proof(), now)
	if finished {
		return h.replaceFlow(ctx, f, t)
	}
	if err := h.saveState(ctx, f, t); err != nil {
		return outcome[resendVerdict]{}, err
	}
	sent, err := h.sendIn(ctx, there)
	if err != nil {
		return outcome[resendVerdict]{}, h.notSent(ctx, f, t, err)
	}
	switch sent {
	case kratos.CodeSent:
		return outcome[resendVerdict]{Verdict: resendSent, Flow: f}, nil
	case kratos.FlowSpent:
		if !f.ByMail {
			return h.replaceFlow(ctx, f, t)
		}
		return h.anotherFlow(ctx, f)
	case kratos.FlowExpired, kratos.FlowUnknown:
		return h.anotherFlow(ctx, f)
	}
	return outcome[resendVerdict]{}, unexpected("resend", sent)
}

// notSent notes that no mail may have left: no pause before the next try, and step 2 says so.
func (h *Handler) notSent(ctx context.Context, f flow, t mailedcode.State, err error) error {
	t.NoteFailed(f.proof())
	return errors.Join(err, h.saveState(context.WithoutCancel(ctx), f, t))
}

// replaceFlow sends the code in another of Kratos's flows than the one that the owner has passed or finished elsewhere. A stranger sees
// what an address without account shows him: the same cookie, the same tries left, the same pause, the same end. The plain tries of
// that other flow count here; there they are counted as used, so that two are left for the mail's button whatever happens.
func (h *Handler) replaceFlow(ctx context.Context, f flow, t mailedcode.State) (outcome[resendVerdict], error) {
	fresh, err := h.open(ctx, f.Email, f.ReturnTo)
	if err != nil {
		return outcome[resendVerdict]{}, err
	}
	t.NoteReplacement(fresh.code())
	if err := errors.Join(h.saveState(ctx, fresh, mailedcode.ReplacementState(h.Now())), h.saveState(ctx, f, t)); err != nil {
		return outcome[resendVerdict]{}, err
	}
	if err := h.send(ctx, fresh); err != nil {
		return outcome[resendVerdict]{}, h.notSent(ctx, f, t, err)
	}
	return outcome[resendVerdict]{Verdict: resendSent, Flow: f}, nil
}

// mayMail counts a mail against the budget of the address: its own for who has proved to hold the mailbox, so that no
// stranger can spend it.
func (h *Handler) mayMail(ctx context.Context, f flow) error {
	rule := limit.MailEmail
	if f.ByMail {
		rule = limit.MailProven
	}
	return h.Guard.Key(ctx, rule, h.account(f.Email), "limit.mail")
}

// anotherFlow is for a flow none of whose codes could work any more: no mail is sent in it.
func (h *Handler) anotherFlow(ctx context.Context, f flow) (outcome[resendVerdict], error) {
	if !f.ByMail {
		return outcome[resendVerdict]{Verdict: resendAsk, Flow: f}, nil
	}
	if err := h.mayMail(ctx, f); err != nil {
		return outcome[resendVerdict]{}, err
	}
	fresh, err := h.renew(ctx, f)
	return outcome[resendVerdict]{Verdict: resendFresh, Flow: fresh}, err
}

func (h *Handler) answerResend(w http.ResponseWriter, r *http.Request, o outcome[resendVerdict]) error {
	switch o.Verdict {
	case resendSent, resendFresh:
		if err := h.FlowCookie.Set(w, o.Flow); err != nil {
			return err
		}
		return h.writeCode(w, r, o.Flow, http.StatusOK, &page.Notice{Kind: "success", Key: "code.resent"})
	case resendEarly:
		t, err := h.loadState(r.Context(), o.Flow)
		if err != nil {
			return err
		}
		at := page.NextMinute(t.Sent(o.Flow.proof()).Add(h.Times.Resend))
		return h.writeCode(w, r, o.Flow, http.StatusTooManyRequests, &page.Notice{Kind: "warning", Key: "code.too_early", Args: []any{"hour", at}})
	case resendAsk:
		view := emailView{Identifier: o.Flow.Email.Display(), ReturnTo: o.Flow.ReturnTo}
		p := emailPage(view)
		p.Notice = &page.Notice{Kind: "info", Key: "address.again"}
		return h.writeEmail(w, r, p)
	case resendFinished:
		return errDone
	}
	return unexpected("resend", kratos.Outcome(o.Verdict))
}
