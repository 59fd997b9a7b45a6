// Package formguard is what a form passes before a step hears it: the limits, the honeypot for careless robots, the security code.
// Captchas raise an attacker's cost; the limits protect, and hold with every captcha switched off.
//
// The steps (recovery, login) ask it; it knows none of them. What it refuses it says as a page.Problem of the form, or
// as a page.Message that tells how long to wait.
package formguard

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/captcha/image"
	"efpconnect.example/internal/captcha/proof"
	"efpconnect.example/internal/instant"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

// Guard guards the forms. All fields but HoneypotOff and Metrics are required; a form that Asks does not name asks nothing.
type Guard struct {
	Limits      *limit.Limiter
	Breaker     *limit.Breaker
	Challenges  *captcha.Challenges
	Pictures    *image.Generator
	Proofs      *proof.Proofs
	Passes      *browser.SealedCookie // who answered rightly in the last minutes
	Replies     *browser.SealedCookie // what a form's answer says on the page that follows
	Logins      *LoginQueue           // at Kratos at once
	Instant     *instant.Shared       // at which what could tell something is answered
	Honeypot    captcha.Honeypot
	Asks        map[string]Ask // by form
	HoneypotOff bool           // for tests that cannot wait
	Now         func() time.Time
	Log         *slog.Logger
	Metrics     *metrics.Metrics // nil counts nothing

	drawn drawings
}

// Ask is what one form asks of a visitor.
type Ask struct {
	Picture bool // the security code, as a picture and as a sound
	Proof   bool // « Je ne suis pas un robot »; a browser that cannot do it is shown the security code
}

// Client counts a request against the limits of its network address.
func (g *Guard) Client(r *http.Request, rule limit.Name) error {
	d, err := g.Limits.AllowClient(r.Context(), rule, browser.Client(r.Context()))
	return g.interpret(r.Context(), rule, d, err, "limit.client")
}

// Key counts a request against the limit of a key: a hashed address, or "" for the whole site.
func (g *Guard) Key(ctx context.Context, rule limit.Name, key, sentence string) error {
	d, err := g.Limits.Allow(ctx, rule, key)
	return g.interpret(ctx, rule, d, err, sentence)
}

// Site counts a request against a limit of the whole site. A browser that has proved itself has a share of its own beyond
// it, so that no crowd of strangers keeps everybody out.
func (g *Guard) Site(ctx context.Context, rule, kept limit.Name, proved bool) error {
	if proved {
		d, err := g.Limits.Allow(ctx, kept, "")
		if err == nil && d.Allowed {
			return nil
		}
	}
	return g.Key(ctx, rule, "", "limit.site")
}

// Within counts a request as Client does, for what can be left out past the limit.
func (g *Guard) Within(r *http.Request, rule limit.Name) (bool, error) {
	var refused *page.Message
	switch err := g.Client(r, rule); {
	case errors.As(err, &refused):
		return false, nil
	default:
		return err == nil, err
	}
}

// GiveBack undoes a Key of what turned out to be nobody's attempt. It is no reason to lose a right password.
func (g *Guard) GiveBack(ctx context.Context, rule limit.Name, key string) {
	if err := g.Limits.GiveBack(ctx, rule, key); err != nil {
		g.Log.WarnContext(ctx, "limit: a call could not be given back", "rule", string(rule), "cause", err.Error())
	}
}

func (g *Guard) interpret(ctx context.Context, rule limit.Name, d limit.Decision, err error, sentence string) error {
	if err != nil || d.Allowed {
		return err
	}
	g.Metrics.Refused(string(rule))
	g.Log.WarnContext(ctx, "limit", "rule", string(rule), "retry_after", d.RetryAfter.Round(time.Second).String(), "full", d.Full)
	return tooMany(sentence, g.Limits.Burst(rule), page.NextMinute(g.Now().Add(d.RetryAfter)), d.RetryAfter)
}

func tooMany(sentence string, burst int, hour string, wait time.Duration) *page.Message {
	actions := []page.Action{{Label: "way.login", URL: sitepath.Login}, {Label: "way.first", URL: sitepath.Reset}}
	if sentence == "limit.login" { // who cannot log in has what helps first
		actions = []page.Action{{Label: "login.reset", URL: sitepath.Reset}, {Label: "way.login", URL: sitepath.Login}}
	}
	return &page.Message{Status: http.StatusTooManyRequests, Heading: "limit.heading", Text: sentence, Args: []any{"hour", hour, "n", burst}, RetryAfter: wait, Actions: actions}
}

// CheckHoneypot tells what the honeypot has against a form: the word key of a problem, "" when it is free.
func (g *Guard) CheckHoneypot(r *http.Request, form string) (string, error) {
	if g.HoneypotOff {
		return "", nil
	}
	caught, err := g.Honeypot.Check(form, r.PostForm.Get(captcha.HoneypotField), r.PostForm.Get(captcha.StampField))
	if err != nil || caught == captcha.Free {
		return "", err
	}
	g.Metrics.Captcha(form, "trap", caught.String())
	g.Log.InfoContext(r.Context(), "trap", "form", form, "caught", caught.String())
	return map[captcha.Caught]string{captcha.Filled: "trap.filled", captcha.TooFast: "trap.too_fast", captcha.Stale: "trap.stale"}[caught], nil
}
