package ui

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"slices"
	"time"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/captcha/image"
	"efpconnect.example/internal/captcha/proof"
	"efpconnect.example/internal/email"
	"efpconnect.example/internal/instant"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/settings"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/formguard"
)

// longestQueue is how long a login may wait for its place in the queue.
const longestQueue = 10 * time.Second

// newFormGuard puts together what the forms pass.
func newFormGuard(set settings.Settings, parts Parts, box *seal.Box, base browser.SealedCookie) (*formguard.Guard, error) {
	limits, limitsErr := newLimiter(set, parts)
	var clips fs.FS // nil takes those delivered
	if set.CaptchaClips != "" {
		clips = os.DirFS(set.CaptchaClips)
	}
	pictures, picturesErr := image.New(clips)
	proofs, proofsErr := proof.New(set.Keys, int64(set.ProofDifficulty), parts.Store, parts.Now)
	if err := errors.Join(about("limits", limitsErr), about("captcha_clips", picturesErr), about("proof_difficulty", proofsErr)); err != nil {
		return nil, err
	}
	breaker := limit.DefaultBreaker()
	breaker.Floor, breaker.PerDay = set.BreakerFloor, set.BreakerPerDay
	shared := parts.Instant
	if shared == nil {
		shared = instant.New(set.AnswerAfter, parts.Metrics.Instant)
	}
	return &formguard.Guard{Proofs: proofs, Passes: formguard.PassCookie(base), Replies: formguard.ReplyCookie(base), Limits: limits, Breaker: &limit.Breaker{Store: parts.Store, Now: parts.Now, BreakerRule: breaker},
		Challenges: &captcha.Challenges{Store: parts.Store, Now: parts.Now}, Pictures: pictures,
		Logins: formguard.NewLoginQueue(set.KratosHashes, queue(shared)), Instant: shared,
		Honeypot: captcha.Honeypot{Box: box, Now: parts.Now}, HoneypotOff: parts.HoneypotOff, Now: parts.Now, Log: parts.Log, Metrics: parts.Metrics,
		Asks: map[string]formguard.Ask{captcha.FormRecovery: ask(set.ProtectReset), captcha.FormLogin: ask(set.ProtectLogin), captcha.FormRegister: ask(set.ProtectReset)}}, nil
}

// queue tells how many logins may wait for so many places: as many as have their turn within longestQueue, now.
func queue(shared *instant.Shared) func(places int) int {
	return func(places int) int {
		step, _ := shared.Now()
		return places * int(longestQueue/step+1)
	}
}

func newLimiter(set settings.Settings, parts Parts) (*limit.Limiter, error) {
	rules, err := limit.Rules(set.Limits)
	if err != nil {
		return nil, err
	}
	return limit.New(parts.Spend, rules)
}

// about names the setting that an error comes from.
func about(setting string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", setting, err)
}

func ask(protections []string) formguard.Ask {
	return formguard.Ask{Picture: slices.Contains(protections, "picture"), Proof: slices.Contains(protections, "proof")}
}

// networks reads prefixes that the settings have checked.
func networks(texts []string) []netip.Prefix {
	list := make([]netip.Prefix, 0, len(texts))
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

// canaryEvery is the pause between two canaries: a hash each, so one or two hundredths of a processor.
const canaryEvery = 5 * time.Second

// newCanary sends logins that measure Kratos, with a password that is nobody's.
func newCanary(set settings.Settings, client *kratos.Client, shared *instant.Shared, log *slog.Logger) *instant.Canary {
	return &instant.Canary{Shared: shared, Every: canaryEvery, Accounts: set.LoginCanaries, Log: log,
		Login: func(ctx context.Context, identifier string) error {
			who, fault := email.Parse(identifier)
			if fault != "" {
				return errors.New("login_canaries: " + string(fault)) // the settings have checked it
			}
			_, err := client.Login(ctx, who, rand.Text(), "")
			return err
		}}
}
