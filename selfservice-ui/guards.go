package ui

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"time"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/captcha/image"
	"efpconnect.example/internal/captcha/proof"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/settings"
	"efpconnect.example/selfservice-ui/formguard"
)

// longestQueue is how long a login may wait for its place in the queue.
const longestQueue = 10 * time.Second

// newFormGuard puts together what the forms pass.
func newFormGuard(set settings.Settings, parts Parts, box *seal.Box) (*formguard.Guard, error) {
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
	return &formguard.Guard{Proofs: proofs, Limits: limits, Breaker: &limit.Breaker{Store: parts.Store, Now: parts.Now, BreakerRule: breaker},
		Challenges: &captcha.Challenges{Store: parts.Store, Now: parts.Now}, Pictures: pictures,
		Logins:   formguard.NewLoginQueue(set.KratosHashes, set.KratosHashes*int(longestQueue/set.AnswerAfter+1)),
		Honeypot: captcha.Honeypot{Box: box, Now: parts.Now}, HoneypotOff: parts.HoneypotOff, Now: parts.Now, Log: parts.Log, Metrics: parts.Metrics,
		Asks: map[string]formguard.Ask{captcha.FormRecovery: ask(set.ProtectReset), captcha.FormLogin: ask(set.ProtectLogin)}}, nil
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
