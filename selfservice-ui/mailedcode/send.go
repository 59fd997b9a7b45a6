package mailedcode

import (
	"context"
	"errors"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/metrics"
)

// TakesIn is what Kratos would answer a sending in a flow of a state.
func TakesIn(state kratos.RecoveryState) kratos.Outcome {
	return map[kratos.RecoveryState]kratos.Outcome{
		kratos.Passed:  kratos.FlowSpent,
		kratos.Expired: kratos.FlowExpired,
		kratos.Unknown: kratos.FlowUnknown,
	}[state]
}

// SendDetached makes Kratos send the first code of a flow without holding the person's answer up.
func (s *Step[F]) SendDetached(ctx context.Context, f F) { s.sendDetached(ctx, f, f, false) }

// sendDetached sends in the flow that takes the codes of f now. Until Kratos has taken the address in, that flow takes no code.
func (s *Step[F]) sendDetached(ctx context.Context, f, there F, again bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.SendWithin)
	id := s.Way.Part(there).ID
	if !again {
		if err := s.States.begin(ctx, id, s.SendWithin); err != nil {
			s.Log.WarnContext(ctx, s.Texts.Kind+": a code is being sent, and not noted as such", "cause", err.Error())
		}
	}
	s.Sending.Go(func() {
		defer cancel()
		defer s.States.end(ctx, id)
		if err := s.sendBound(ctx, there, again); err != nil {
			s.Log.ErrorContext(ctx, s.Texts.Kind+": the code could not be sent", "account", s.Way.Part(f).Account, "cause", err.Error())
			s.noteFailure(f)
		}
	})
}

// noteFailure lets the page say that no mail has left. It has time of its own: the sending's may be over.
func (s *Step[F]) noteFailure(f F) {
	ctx, cancel := context.WithTimeout(context.Background(), workTime)
	defer cancel()
	if err := s.markFailed(ctx, s.Way.Part(f)); err != nil {
		s.Log.ErrorContext(ctx, s.Texts.Kind+": a code that could not be sent could not be noted as unsent", "cause", err.Error())
	}
}

func (s *Step[F]) markFailed(ctx context.Context, part Flow) error {
	release, err := s.Keeper.Lock(ctx, s.States.LockName(part.ID))
	if err != nil {
		return err
	}
	defer release()
	t, err := s.load(ctx, part)
	if err != nil {
		return err
	}
	t.NoteFailed(part.Proof)
	return s.States.Save(ctx, part.ID, t)
}

// send makes Kratos send the first code of a flow.
func (s *Step[F]) send(ctx context.Context, f F) error { return s.sendBound(ctx, f, false) }

// sendBound makes Kratos send a code that is bound to be sent: anything else is an error.
func (s *Step[F]) sendBound(ctx context.Context, f F, again bool) error {
	sent, err := s.sendIn(ctx, f, again)
	if err == nil && sent != kratos.CodeSent {
		err = s.unexpected("send", sent)
	}
	return err
}

// sendIn has Kratos send a code, and counts it.
func (s *Step[F]) sendIn(ctx context.Context, f F, again bool) (kratos.Outcome, error) {
	if err := s.Guard.Breaker.MailSent(ctx); err != nil {
		return "", err
	}
	sent, err := s.Way.Send(ctx, f, again)
	step := metrics.NotSent
	if err == nil && sent == kratos.CodeSent {
		step = metrics.Sent
	}
	s.Way.Note(ctx, step, f)
	if errors.Is(err, kratos.ErrMailFailed) {
		s.Log.ErrorContext(ctx, s.Texts.Kind+": Kratos could not write the mail", "account", s.Way.Part(f).Account, "cause", err.Error())
		return kratos.CodeSent, nil // as for an address without account
	}
	return sent, err
}
