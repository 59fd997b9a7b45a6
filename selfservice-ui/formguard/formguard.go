// Package formguard is what a form passes before a step hears it: the limits, the trap for careless robots, the security code.
// Captchas raise an attacker's cost; the limits protect, and hold with every captcha switched off.
//
// The steps (recovery, login) ask it; it knows none of them. What it refuses it says as a page.Problem of the form, or
// as a page.Message that tells how long to wait.
package formguard

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/captcha/image"
	"efpconnect.example/internal/captcha/proof"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/page"
)

// Gate guards the forms. All fields but TrapOff and Metrics are required; a form that Asks does not name asks nothing.
type Gate struct {
	Limits     *limit.Limiter
	Breaker    *limit.Breaker
	Challenges *captcha.Challenges
	Pictures   *image.Generator
	Proofs     *proof.Proofs
	Logins     *Turns // at Kratos at once
	Trap       captcha.Trap
	Asks       map[string]Ask // by form
	TrapOff    bool           // for tests that cannot wait
	Now        func() time.Time
	Log        *slog.Logger
	Metrics    *metrics.Metrics // nil counts nothing
}

// Ask is what one form asks of a visitor.
type Ask struct {
	Picture bool // the security code, as a picture and as a sound
	Proof   bool // « Je ne suis pas un robot »; a browser that cannot do it is shown the security code
}

// Client counts a request against the limits of its network address.
func (g *Gate) Client(r *http.Request, rule limit.Name) error {
	d, err := g.Limits.AllowClient(r.Context(), rule, browser.Client(r.Context()))
	return g.judge(r.Context(), rule, d, err, "limit.client")
}

// Key counts a request against the limit of a key: a hashed address, or "" for the whole site.
func (g *Gate) Key(ctx context.Context, rule limit.Name, key, sentence string) error {
	d, err := g.Limits.Allow(ctx, rule, key)
	return g.judge(ctx, rule, d, err, sentence)
}

func (g *Gate) judge(ctx context.Context, rule limit.Name, d limit.Decision, err error, sentence string) error {
	if err != nil || d.Allowed {
		return err
	}
	g.Metrics.Refused(string(rule))
	g.Log.WarnContext(ctx, "limit", "rule", string(rule), "retry_after", d.RetryAfter.Round(time.Second).String(), "full", d.Full)
	return tooMany(sentence, page.HourFrom(g.Now().Add(d.RetryAfter)), d.RetryAfter)
}

func tooMany(sentence, hour string, wait time.Duration) *page.Message {
	ways := []page.Way{{Label: "way.login", URL: "/connexion"}, {Label: "way.first", URL: "/reinitialisation"}}
	if sentence == "limit.login" { // who cannot log in has what helps first
		ways = []page.Way{{Label: "login.reset", URL: "/reinitialisation"}, {Label: "way.login", URL: "/connexion"}}
	}
	return &page.Message{Status: http.StatusTooManyRequests, Heading: "limit.heading", Text: sentence, Args: []any{"hour", hour}, RetryAfter: wait, Ways: ways}
}

// Hurry tells what the trap has against a form: the word key of a problem, "" when it is free.
func (g *Gate) Hurry(r *http.Request, form string) (string, error) {
	if g.TrapOff {
		return "", nil
	}
	caught, err := g.Trap.Check(form, r.PostForm.Get(captcha.TrapField), r.PostForm.Get(captcha.StampField))
	if err != nil || caught == captcha.Free {
		return "", err
	}
	g.Metrics.Captcha(form, "trap", caught.String())
	g.Log.InfoContext(r.Context(), "trap", "form", form, "caught", caught.String())
	return map[captcha.Caught]string{captcha.Filled: "trap.filled", captcha.TooFast: "trap.too_fast", captcha.Stale: "trap.stale"}[caught], nil
}
