package recovery

import (
	"context"
	"net/http"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/limit"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/page"
)

// codeAsk is what step 2 asks besides the code: nothing, until the breaker sees too many wrong codes on the whole site,
// then the same as step 1, and the picture where step 1 asks nothing. Who came by the mail can only guess at codes he was
// sent, and is never asked.
func (h *Handler) codeAsk(ctx context.Context, f flow) (formguard.Ask, error) {
	if f.ByMail {
		return formguard.Ask{}, nil
	}
	level, err := h.Guard.Breaker.Level(ctx)
	if err != nil || level < limit.Captcha {
		return formguard.Ask{}, err
	}
	if ask := h.Guard.Asks[captcha.FormRecovery]; ask != (formguard.Ask{}) {
		return ask, nil
	}
	return formguard.Ask{Picture: true}, nil
}

// admit lets a code be tried, under the flow's lock, or says what the security code has against it.
func (h *Handler) admit(ctx context.Context, f flow, answer formguard.Answer) (*page.Problem, error) {
	rule := limit.CodeEmail
	if f.ByMail {
		rule = limit.CodeProven
	} else if level, err := h.Guard.Breaker.Level(ctx); err != nil {
		return nil, err
	} else if level == limit.MailOnly {
		return nil, errMailOnly
	}
	ask, err := h.codeAsk(ctx, f)
	if err != nil {
		return nil, err
	}
	if problem, err := h.Guard.Check(ctx, captcha.FormCode, ask, answer); err != nil || problem != nil {
		return problem, err
	}
	return nil, h.Guard.Key(ctx, rule, h.account(f.Email), "limit.code")
}

// tryWithin tries a code within the wrong codes that the site bears in a day. Who came by the mail uses none of them up.
func (h *Handler) tryWithin(ctx context.Context, f flow, code string) (outcome[codeVerdict], error) {
	if f.ByMail {
		return h.tryCode(ctx, f, code)
	}
	try, err := h.Guard.Breaker.Try(ctx)
	if err != nil {
		return outcome[codeVerdict]{}, err
	}
	if try.Alert {
		h.Log.ErrorContext(ctx, "breaker: too many wrong codes on the whole site", "level", limit.MailOnly.String())
	}
	if try.Refused {
		return outcome[codeVerdict]{}, errMailOnly
	}
	o, err := h.tryCode(ctx, f, code)
	if err != nil || o.Verdict == codeWrong {
		return o, err
	}
	if err := h.Guard.Breaker.Spare(ctx, try); err != nil {
		h.Log.WarnContext(ctx, "breaker: a try could not be given back", "cause", err.Error()) // no reason to lose a right code
	}
	return o, nil
}

// errMailOnly: wrong codes of the whole site have reached their bound of the day.
var errMailOnly = &page.Message{Status: http.StatusTooManyRequests, Heading: "limit.heading", Text: "limit.mail_only", Actions: []page.Action{actionRestart, actionLogin}}

// noteWrong tells the breaker of a wrong code typed by who may know the address only.
func (h *Handler) noteWrong(ctx context.Context, f flow) error {
	if f.ByMail {
		return nil
	}
	raised, err := h.Guard.Breaker.Wrong(ctx)
	if raised != limit.Calm {
		h.Log.ErrorContext(ctx, "breaker: too many wrong codes on the whole site", "level", raised.String())
	}
	return err
}
