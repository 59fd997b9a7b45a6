package mailedcode

import (
	"context"
	"errors"
	"net/http"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/selfservice-ui/once"
	"efpconnect.example/selfservice-ui/page"
)

// HearResend sends another code to a flow that is at this step: in the same of Kratos's flows while its code can still keep the
// promise of 24 hours, else in a new one. A new one takes the proofs of step 1 again, or the mail's button, which proves the mailbox.
func (s *Step[F]) HearResend(w http.ResponseWriter, r *http.Request, f F, answer func(Outcome[F]) error) error {
	arrived := s.Now()
	if key, err := s.Guard.CheckHoneypot(r, captcha.FormCode); err != nil {
		return err
	} else if key != "" {
		return s.Write(w, r, f, http.StatusUnprocessableEntity, nil, page.Problem{Key: key})
	}
	// The sending that the page knew of makes each resend a new one, and a double click the same one.
	form := s.form(s.Way.Part(f), "resend", r.PostForm.Get("envoi"))
	o, err := once.Do(r.Context(), s.Keeper, form, func(ctx context.Context) (Outcome[F], error) {
		return s.sendAgain(ctx, f)
	})
	if err != nil {
		return err
	}
	if err := s.Guard.Wait(r.Context(), arrived, s.AnswerAfter); err != nil {
		return err
	}
	return answer(o)
}

// sendAgain decides and sends, under the flow's lock.
func (s *Step[F]) sendAgain(ctx context.Context, f F) (Outcome[F], error) {
	part := s.Way.Part(f)
	t, err := s.load(ctx, part)
	if err != nil {
		return Outcome[F]{}, err
	}
	at := t.Standing(part)
	there := s.Way.In(f, at.ID, at.Opened)
	finished, err := s.Way.Elsewhere(ctx, there)
	if err != nil || finished && part.Owned {
		return Outcome[F]{Verdict: Finished, Flow: f}, err
	}
	now := s.Now()
	switch t.Resend(part, now, s.Times) {
	case TooEarly:
		return Outcome[F]{Verdict: Early, Flow: f}, nil
	case AnotherFlow:
		return s.anotherFlow(ctx, f)
	}
	takes, err := s.Way.Takes(ctx, there)
	switch {
	case err != nil:
		return Outcome[F]{}, s.notSent(ctx, part, t, err)
	case takes == kratos.FlowSpent && part.Proof == Button, takes == kratos.FlowExpired, takes == kratos.FlowUnknown:
		return s.anotherFlow(ctx, f)
	}
	if err := s.mayMail(ctx, part); err != nil {
		return Outcome[F]{}, err
	}
	first := t.Failed(part.Proof) // Kratos may never have heard the address
	t.NoteSent(part.Proof, now)
	if finished || takes == kratos.FlowSpent {
		return s.replaceFlow(ctx, f, t)
	}
	if err := s.States.Save(ctx, part.ID, t); err != nil {
		return Outcome[F]{}, err
	}
	s.sendDetached(ctx, f, there, !first)
	return Outcome[F]{Verdict: Sent, Flow: f}, nil
}

// notSent notes that no mail may have left: no pause before the next try, and the page says so.
func (s *Step[F]) notSent(ctx context.Context, part Flow, t State, err error) error {
	t.NoteFailed(part.Proof)
	return errors.Join(err, s.States.Save(context.WithoutCancel(ctx), part.ID, t))
}

// replaceFlow sends the code in another of Kratos's flows than the one that the owner has passed or finished elsewhere. A stranger sees
// what an address without account shows him: the same cookie, the same tries left, the same pause, the same end. The plain tries of
// that other flow count here; there they are counted as used, so that two are left for the mail's button whatever happens.
func (s *Step[F]) replaceFlow(ctx context.Context, f F, t State) (Outcome[F], error) {
	fresh, err := s.Way.Open(ctx, f)
	if err != nil {
		return Outcome[F]{}, err
	}
	part, standing := s.Way.Part(f), s.Way.Part(fresh)
	t.NoteReplacement(standing)
	if err := errors.Join(s.States.Save(ctx, standing.ID, ReplacementState(s.Now())), s.States.Save(ctx, part.ID, t)); err != nil {
		return Outcome[F]{}, err
	}
	s.sendDetached(ctx, f, fresh, false)
	return Outcome[F]{Verdict: Sent, Flow: f}, nil
}

// mayMail counts a mail against what the whole site sends, and against the budget of the address: its own for who has proved to hold the
// mailbox, so that no stranger can spend it.
func (s *Step[F]) mayMail(ctx context.Context, part Flow) error {
	if err := s.Guard.Site(ctx, limit.AskSite, limit.AskKept, part.Owned); err != nil {
		return err
	}
	rule := limit.MailEmail
	if part.Proof == Button {
		rule = limit.MailProven
	}
	return s.Guard.Key(ctx, rule, part.Account, "limit.mail")
}

// anotherFlow is for a flow none of whose codes could work any more: no mail is sent in it.
func (s *Step[F]) anotherFlow(ctx context.Context, f F) (Outcome[F], error) {
	part := s.Way.Part(f)
	if part.Proof != Button {
		return Outcome[F]{Verdict: AskAgain, Flow: f}, nil
	}
	if err := s.mayMail(ctx, part); err != nil {
		return Outcome[F]{}, err
	}
	fresh, err := s.renew(ctx, f)
	return Outcome[F]{Verdict: Fresh, Flow: fresh}, err
}
