package mailedcode

import (
	"context"
	"errors"
	"net/http"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/once"
	"efpconnect.example/selfservice-ui/page"
)

// Hear takes the form of a flow that is at this step. The flow's package has read the form and knows that it is this flow's; answer
// shows what came of the code. All but a right one leave at a fixed instant: Kratos compares a wrong code with those that it has
// mailed, and has mailed none where there is no account.
func (s *Step[F]) Hear(w http.ResponseWriter, r *http.Request, f F, answer func(Outcome[F]) error) error {
	arrived := s.Now()
	if err := s.Guard.Client(r, limit.CodeClient); err != nil {
		return err
	}
	if formguard.Renewed(r) {
		return s.Write(w, r, f, http.StatusOK, nil)
	}
	code, key := Clean(r.PostForm.Get("code"))
	if key != "" {
		return s.Write(w, r, f, http.StatusUnprocessableEntity, nil, page.Problem{Field: "code", Key: key})
	}
	proof, err := s.Guard.Answered(r)
	if err != nil {
		return err
	}
	part := s.Way.Part(f)
	form := s.form(part, "code", code+" "+proof.String())
	if o, known, err := s.withoutLock(r.Context(), f, code, form); err != nil {
		return err
	} else if known {
		return answer(o)
	}
	if key, err := s.Guard.CheckHoneypot(r, captcha.FormCode); err != nil {
		return err
	} else if key != "" {
		return s.Write(w, r, f, http.StatusUnprocessableEntity, nil, page.Problem{Key: key})
	}
	o, err := once.Do(r.Context(), s.Keeper, form, func(ctx context.Context) (Outcome[F], error) {
		if problem, err := s.admit(ctx, part, proof); err != nil {
			return Outcome[F]{}, err
		} else if problem != nil {
			return Outcome[F]{Verdict: Asked, Flow: f, Key: problem.Key, Field: problem.Field}, nil
		}
		return s.tryWithin(ctx, f, code)
	})
	if err != nil || o.Verdict != Right {
		err = errors.Join(err, s.Guard.Wait(r.Context(), arrived, s.AnswerAfter))
	}
	if err != nil {
		return err
	}
	return answer(o)
}

// withoutLock answers who has no try left: he must not keep the others of this flow waiting. His own last try, sent twice,
// does wait for the answer of the first, or has it already.
func (s *Step[F]) withoutLock(ctx context.Context, f F, code string, form once.Submission) (o Outcome[F], known bool, err error) {
	part := s.Way.Part(f)
	t, err := s.load(ctx, part)
	if err != nil || t.Left(part.Proof) > 0 {
		return Outcome[F]{}, false, err
	}
	intent, err := part.Intent(code)
	if err != nil || t.Intent == intent {
		return Outcome[F]{}, false, err
	}
	if o, known, err = once.Kept[Outcome[F]](ctx, s.Keeper, form); err != nil || known {
		return o, known, err
	}
	return Outcome[F]{Verdict: NoTry, Flow: f}, true, nil
}

// try is a code as it was given to Kratos.
type try struct {
	code  string
	again bool // its answer was lost the first time
	late  bool // what the flow is for was done elsewhere since it was opened
}

// tryCode gives one code to Kratos, under the flow's lock. The try is counted, and the code noted, before the call.
func (s *Step[F]) tryCode(ctx context.Context, f F, code string) (Outcome[F], error) {
	part := s.Way.Part(f)
	t, err := s.load(ctx, part)
	if err != nil {
		return Outcome[F]{}, err
	}
	at := t.Standing(part)
	finished, err := s.Way.Elsewhere(ctx, s.Way.In(f, at.ID, at.Opened))
	if err != nil || finished && part.Owned {
		return Outcome[F]{Verdict: Finished, Flow: f}, err
	}
	again, refused, err := t.Begin(part, code, s.Now(), s.Times.Code)
	switch {
	case err != nil:
		return Outcome[F]{}, err
	case refused == Expired:
		s.Way.Note(ctx, metrics.CodeExpired, f)
		return Outcome[F]{Verdict: Late, Flow: f}, nil
	case refused == Spent:
		s.Way.Note(ctx, metrics.CodeSpent, f)
		return Outcome[F]{Verdict: NoTry, Flow: f}, nil
	}
	if err := s.States.Save(ctx, part.ID, t); err != nil {
		return Outcome[F]{}, err
	}
	if begun, err := s.States.underWay(ctx, at.ID); err != nil || begun {
		if err != nil {
			return Outcome[F]{}, err
		}
		return s.wrong(ctx, f, t) // no code is right before it was sent
	}
	said, err := s.Way.Submit(ctx, f, at.ID, code, finished)
	if err != nil {
		return Outcome[F]{}, err
	}
	s.failpoint("code: answered")
	return s.interpret(ctx, f, t, said, try{code: code, again: again, late: finished})
}
