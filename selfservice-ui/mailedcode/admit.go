package mailedcode

import (
	"context"
	"net/http"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/limit"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

// ask is what step 2 asks besides the code: nothing, until the breaker sees too many wrong codes on the whole site,
// then the same as step 1, and the picture where step 1 asks nothing. Who came by the mail can only guess at codes he was
// sent, and is never asked.
func (s *Step[F]) ask(ctx context.Context, part Flow) (formguard.Ask, error) {
	if part.Proof == Button {
		return formguard.Ask{}, nil
	}
	level, err := s.Guard.Breaker.Level(ctx)
	if err != nil || level < limit.Captcha {
		return formguard.Ask{}, err
	}
	if s.Asks != (formguard.Ask{}) {
		return s.Asks, nil
	}
	return formguard.Ask{Picture: true}, nil
}

// admit lets a code be tried, under the flow's lock, or says what the security code has against it.
func (s *Step[F]) admit(ctx context.Context, part Flow, answer formguard.Answer) (*page.Problem, error) {
	rule := limit.CodeEmail
	if part.Proof == Button {
		rule = limit.CodeProven
	} else if level, err := s.Guard.Breaker.Level(ctx); err != nil {
		return nil, err
	} else if level == limit.MailOnly {
		return nil, mailOnly(s.Texts.Start)
	}
	ask, err := s.ask(ctx, part)
	if err != nil {
		return nil, err
	}
	if problem, err := s.Guard.Check(ctx, captcha.FormCode, ask, answer); err != nil || problem != nil {
		return problem, err
	}
	return nil, s.Guard.Key(ctx, rule, part.Account, "limit.code")
}

// tryWithin tries a code within the wrong codes that the site bears in a day. Who came by the mail uses none of them up.
func (s *Step[F]) tryWithin(ctx context.Context, f F, code string) (Outcome[F], error) {
	if s.Way.Part(f).Proof == Button {
		return s.tryCode(ctx, f, code)
	}
	try, err := s.Guard.Breaker.Try(ctx)
	if err != nil {
		return Outcome[F]{}, err
	}
	if try.Alert {
		s.Log.ErrorContext(ctx, "breaker: too many wrong codes on the whole site", "level", limit.MailOnly.String())
	}
	if try.Refused {
		return Outcome[F]{}, mailOnly(s.Texts.Start)
	}
	o, err := s.tryCode(ctx, f, code)
	if err != nil || o.Verdict == Wrong {
		return o, err
	}
	if err := s.Guard.Breaker.Spare(ctx, try); err != nil {
		s.Log.WarnContext(ctx, "breaker: a try could not be given back", "cause", err.Error()) // no reason to lose a right code
	}
	return o, nil
}

// mailOnly: wrong codes of the whole site have reached their bound of the day.
func mailOnly(start string) *page.Message {
	return &page.Message{Status: http.StatusTooManyRequests, Heading: "limit.heading", Text: "limit.mail_only", Actions: Ways(start)}
}

// Ways are the two ways on of who is stopped: another code, and the login.
func Ways(start string) []page.Action {
	return []page.Action{{Label: "way.reset", URL: start}, {Label: "way.login", URL: sitepath.Login}}
}

// noteWrong tells the breaker of a wrong code typed by who may know the address only.
func (s *Step[F]) noteWrong(ctx context.Context, part Flow) error {
	if part.Proof == Button {
		return nil
	}
	raised, err := s.Guard.Breaker.Wrong(ctx)
	if raised != limit.Calm {
		s.Log.ErrorContext(ctx, "breaker: too many wrong codes on the whole site", "level", raised.String())
	}
	return err
}
