package recovery

import (
	"context"
	"errors"
	"net/http"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/selfservice-ui/page"
)

// Verdicts of a resend, as kept by once.
const (
	resendSent  = "sent"
	resendEarly = "early"
	resendFresh = "fresh"   // a new flow was needed and opened
	resendAsk   = "restart" // a new flow is needed, and with it the proofs of step 1
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
	o, err := h.once(r.Context(), h.submitted(f, "resend", r.PostForm.Get("envoi")), func(ctx context.Context) (outcome, error) { return h.sendAgain(ctx, f) })
	if err != nil {
		return err
	}
	if err := h.Guard.Wait(r.Context(), arrived, h.Times.AnswerAfter); err != nil {
		return err
	}
	return h.answerResend(w, r, o)
}

// sendAgain decides and sends, under the flow's lock.
func (h *Handler) sendAgain(ctx context.Context, f flow) (outcome, error) {
	t, err := h.loadState(ctx, f)
	if err != nil {
		return outcome{}, err
	}
	there := t.kratosFlow(f)
	finished, err := h.finishedElsewhere(ctx, there)
	if err != nil || finished && f.Owned {
		return outcome{Verdict: codeFinished, Flow: f}, err
	}
	now := h.Now()
	if !t.failed(f.ByMail) && now.Before(t.sent(f.ByMail).Add(h.Times.Resend)) {
		return outcome{Verdict: resendEarly, Flow: f}, nil
	}
	if t.left(f.ByMail) == 0 || now.After(f.Opened.Add(h.Times.Flow-h.Times.Code)) {
		return h.anotherFlow(ctx, f)
	}
	if err := h.mayMail(ctx, f); err != nil {
		return outcome{}, err
	}
	t.send(f.ByMail, now)
	if finished {
		return h.replaceFlow(ctx, f, t)
	}
	if err := h.saveState(ctx, f, t); err != nil {
		return outcome{}, err
	}
	sent, err := h.sendIn(ctx, there)
	if err != nil {
		return outcome{}, h.notSent(ctx, f, t, err)
	}
	switch sent {
	case kratos.CodeSent:
		return outcome{Verdict: resendSent, Flow: f}, nil
	case kratos.FlowSpent:
		if !f.ByMail {
			return h.replaceFlow(ctx, f, t)
		}
		return h.anotherFlow(ctx, f)
	case kratos.FlowExpired, kratos.FlowUnknown:
		return h.anotherFlow(ctx, f)
	}
	return outcome{}, unexpected("resend", sent)
}

// notSent notes that no mail may have left: no pause before the next try, and step 2 says so.
func (h *Handler) notSent(ctx context.Context, f flow, t flowState, err error) error {
	t.fail(f.ByMail)
	return errors.Join(err, h.saveState(context.WithoutCancel(ctx), f, t))
}

// replaceFlow sends the code in another of Kratos's flows than the one that the owner has passed or finished elsewhere. A stranger sees
// what an address without account shows him: the same cookie, the same tries left, the same pause, the same end. The plain tries of
// that other flow count here; there they are counted as used, so that two are left for the mail's button whatever happens.
func (h *Handler) replaceFlow(ctx context.Context, f flow, t flowState) (outcome, error) {
	fresh, err := h.open(ctx, f.Email, f.ReturnTo)
	if err != nil {
		return outcome{}, err
	}
	t.Replacement, t.ReplacementOpened = fresh.ID, fresh.Opened
	if err := errors.Join(h.saveState(ctx, fresh, flowState{Sent: h.Now(), Plain: triesOfPlain}), h.saveState(ctx, f, t)); err != nil {
		return outcome{}, err
	}
	if err := h.send(ctx, fresh); err != nil {
		return outcome{}, h.notSent(ctx, f, t, err)
	}
	return outcome{Verdict: resendSent, Flow: f}, nil
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
func (h *Handler) anotherFlow(ctx context.Context, f flow) (outcome, error) {
	if !f.ByMail {
		return outcome{Verdict: resendAsk, Flow: f}, nil
	}
	if err := h.mayMail(ctx, f); err != nil {
		return outcome{}, err
	}
	o, err := h.renew(ctx, f)
	o.Verdict = resendFresh
	return o, err
}

func (h *Handler) answerResend(w http.ResponseWriter, r *http.Request, o outcome) error {
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
		at := page.NextMinute(t.sent(o.Flow.ByMail).Add(h.Times.Resend))
		return h.writeCode(w, r, o.Flow, http.StatusTooManyRequests, &page.Notice{Kind: "warning", Key: "code.too_early", Args: []any{"hour", at}})
	case resendAsk:
		view := emailView{Identifier: o.Flow.Email.Display(), ReturnTo: o.Flow.ReturnTo}
		p := emailPage(view)
		p.Notice = &page.Notice{Kind: "info", Key: "address.again"}
		return h.writeEmail(w, r, p)
	case codeFinished:
		return errDone
	}
	return unexpected("resend", kratos.Outcome(o.Verdict))
}
