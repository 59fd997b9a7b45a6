package mailedcode

import (
	"context"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
)

// What Kratos's answer to a code means for who typed it.

func (s *Step[F]) interpret(ctx context.Context, f F, t State, said Answer[F], tried try) (Outcome[F], error) {
	part := s.Way.Part(f)
	o := Outcome[F]{Flow: f, Left: t.Left(part.Proof)}
	t.Judged = true
	switch said.Outcome {
	case kratos.CodeRight:
		return s.right(ctx, f, t, said.Flow, tried)
	case kratos.CodeWrong, kratos.NoCodeSent:
		// Before Kratos has been handed the address no code is right. On a busy machine that takes longer for an address
		// that has an account: an answer of its own would tell it apart.
		return s.wrong(ctx, f, t)
	case kratos.CodeExpired:
		s.Way.Note(ctx, metrics.CodeExpired, f)
		o.Verdict = Late
		return o, s.States.Save(ctx, part.ID, t)
	case kratos.CodeSpent:
		passed := part.Owned || t.Right == s.rightCode(part, tried.code)
		if tried.late && passed {
			return Outcome[F]{Verdict: Finished, Flow: s.Way.Proven(f)}, nil
		}
		if tried.again || said.Renew {
			return s.replaceSpent(ctx, said.Flow, said.Renew)
		}
		if !passed {
			return s.wrong(ctx, f, t) // that the owner has passed is the owner's business
		}
		s.Way.Note(ctx, metrics.CodeSpent, f)
		o.Verdict = Used
	case kratos.FlowExpired, kratos.FlowUnknown:
		o.Verdict = Over
	case kratos.AccountInactive:
		o.Verdict = Inactive
	default:
		return Outcome[F]{}, s.unexpected("code", said.Outcome)
	}
	// Whatever is typed now, Kratos takes no code of this flow any more.
	t.Over = true
	return o, s.States.Save(ctx, part.ID, t)
}

// right is a right code. One of a flow that a success elsewhere has ended opens nothing: who types it holds the mailbox, and is told
// so from then on.
func (s *Step[F]) right(ctx context.Context, f F, t State, carried F, tried try) (Outcome[F], error) {
	part := s.Way.Part(f)
	t.Right = s.rightCode(part, tried.code)
	if tried.late {
		return Outcome[F]{Verdict: Finished, Flow: s.Way.Proven(f)}, s.States.Save(ctx, part.ID, t)
	}
	s.Way.Note(ctx, metrics.CodeRight, f)
	s.giveBack(ctx, part, t)
	t.Judged, t.RightAt = false, s.Now()
	if err := s.States.Save(ctx, part.ID, t); err != nil {
		s.Log.WarnContext(ctx, s.Texts.Kind+": a right code is taken, and not noted as used", "cause", err.Error()) // no reason to lose it
	}
	return Outcome[F]{Verdict: Right, Flow: carried, Left: t.Left(part.Proof)}, nil
}

// giveBack returns what a flow has drawn from the budgets of its address, once the right code has proved the mailbox: the
// owner's own flows would else show a stranger fewer tries and mails than an address without account has.
func (s *Step[F]) giveBack(ctx context.Context, part Flow, t State) {
	code := limit.CodeEmail
	if part.Proof == Button {
		code = limit.CodeProven
	}
	s.Guard.GiveBack(ctx, code, part.Account)
	for range 1 + t.Typed.Resends {
		s.Guard.GiveBack(ctx, limit.MailEmail, part.Account)
	}
	for range t.Button.Resends {
		s.Guard.GiveBack(ctx, limit.MailProven, part.Account)
	}
}

// wrong counts a wrong code.
func (s *Step[F]) wrong(ctx context.Context, f F, t State) (Outcome[F], error) {
	part := s.Way.Part(f)
	s.Way.Note(ctx, metrics.CodeWrong, f)
	t.Judged = true
	if err := s.States.Save(ctx, part.ID, t); err != nil {
		return Outcome[F]{}, err
	}
	s.failpoint("code: judged")
	return Outcome[F]{Verdict: Wrong, Flow: f, Left: t.Left(part.Proof)}, s.noteWrong(ctx, part)
}

func (s *Step[F]) rightCode(part Flow, code string) string {
	return s.Box.Hash("right code", part.ID+" "+code)
}

// replaceSpent sends another code in another flow to somebody whose code is spent without having served.
func (s *Step[F]) replaceSpent(ctx context.Context, f F, free bool) (Outcome[F], error) {
	if !free {
		if err := s.mayMail(ctx, s.Way.Part(f)); err != nil {
			return Outcome[F]{}, err
		}
	}
	fresh, err := s.renew(ctx, f)
	return Outcome[F]{Verdict: Renewed, Flow: fresh}, err
}

// renew opens another flow for somebody who has proved the right to one, and sends its code.
func (s *Step[F]) renew(ctx context.Context, f F) (F, error) {
	fresh, err := s.Way.Open(ctx, f)
	if err != nil {
		return f, err
	}
	return fresh, s.send(ctx, fresh)
}
