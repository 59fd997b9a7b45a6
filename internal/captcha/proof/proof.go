// Package proof is the way without a puzzle (WCAG 2.2, 3.3.8): « Je ne suis pas
// un robot » has the browser find a number, which costs a person a second and a
// robot a second of processor for each try.
//
// It speaks ALTCHA's protocol of version 1, with altcha-lib-go v1.0.0 here and
// npm altcha 3.2.2 in the browser. The pages with a form call it. The library
// accepts a solution as often as it is sent, at any form, until it expires:
// single use and the form are this package's.
package proof

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	altcha "github.com/altcha-org/altcha-lib-go"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/store"
)

// Difficulty is the greatest number that a browser may have to try; half of it
// is the mean. Settings choose it (proof_difficulty) between the two bounds.
const (
	LeastDifficulty = 1_000
	MostDifficulty  = 5_000_000
)

// FieldName is the form field that the widget fills in.
const FieldName = "altcha"

const (
	algorithm = altcha.SHA256
	saltBytes = 16
	// maxPayload is several times what the widget sends, in bytes.
	maxPayload = 2048
	// minKey is the length of 32 random bytes in base64 without padding.
	minKey    = 43
	keyPrefix = "proof:"
	formParam = "form"
)

// Proofs makes and verifies proofs of work. It is safe for concurrent use, and
// nothing is stored for a challenge that nobody solves.
type Proofs struct {
	keys       []string
	difficulty int64
	store      store.Store
	now        func() time.Time
}

// New returns Proofs under keys of at least 32 random bytes each, as text: the
// first signs, all verify. The store takes a mark for each solution.
func New(keys []string, difficulty int64, st store.Store, now func() time.Time) (*Proofs, error) {
	if difficulty < LeastDifficulty || difficulty > MostDifficulty {
		return nil, fmt.Errorf("proof: difficulty %d, want %d to %d", difficulty, LeastDifficulty, MostDifficulty)
	}
	if len(keys) == 0 {
		return nil, errors.New("proof: no key")
	}
	p := &Proofs{difficulty: difficulty, store: st, now: now}
	for i, key := range keys {
		if len(key) < minKey {
			return nil, fmt.Errorf("proof: key %d is shorter than %d characters", i+1, minKey)
		}
		derived, err := hkdf.Key(sha256.New, []byte(key), nil, "efp-connect captcha proof", sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("proof: deriving the key: %w", err)
		}
		p.keys = append(p.keys, string(derived))
	}
	return p, nil
}

// Challenge returns the JSON document that the widget asks for, bound to a form
// and valid for captcha.Lifetime. It is so many times as hard as the settings
// say, up to MostDifficulty.
func (p *Proofs) Challenge(form string, times int64) ([]byte, error) {
	expires := p.now().Add(captcha.Lifetime)
	ch, err := altcha.CreateChallenge(altcha.ChallengeOptions{
		Algorithm:  algorithm,
		MaxNumber:  min(p.difficulty*times, MostDifficulty),
		SaltLength: saltBytes,
		HMACKey:    p.keys[0],
		Expires:    &expires,
		Params:     url.Values{formParam: {form}},
	})
	if err != nil {
		return nil, fmt.Errorf("proof: making a challenge: %w", err)
	}
	return json.Marshal(ch)
}

// Verify takes what the widget put in the form. Any answer to a challenge of
// ours that solves it uses it up, the wrong form's too. An error is the store's:
// nothing was proved then and the request must be refused.
func (p *Proofs) Verify(ctx context.Context, form, payload string) (captcha.Outcome, error) {
	solution, ok := parse(payload)
	if !ok || !p.solved(solution) {
		return captcha.Wrong, nil
	}
	params := altcha.ExtractParams(solution) // signed: part of what was hashed
	seconds, err := strconv.ParseInt(params.Get("expires"), 10, 64)
	if err != nil {
		return captcha.Wrong, nil
	}
	left := time.Unix(seconds, 0).Sub(p.now())
	if left <= 0 {
		return captcha.Unknown, nil
	}
	// The mark goes on the hash and not on the salt, which the library accepts in
	// two spellings: with and without its last "&".
	first, err := p.store.Add(ctx, keyPrefix+solution.Challenge, []byte{1}, left+time.Second)
	switch {
	case err != nil:
		return 0, fmt.Errorf("proof: marking a solution: %w", err)
	case !first:
		return captcha.Unknown, nil
	case params.Get(formParam) != form:
		return captcha.WrongForm, nil
	}
	return captcha.Right, nil
}

// solved is whether we signed the challenge and the number solves it. The
// library's own look at the date is off: it reads another clock.
func (p *Proofs) solved(solution altcha.Payload) bool {
	for _, key := range p.keys {
		if ok, err := altcha.VerifySolutionSafe(solution, key, false); err == nil && ok {
			return true
		}
	}
	return false
}

func parse(payload string) (altcha.Payload, bool) {
	if len(payload) > maxPayload {
		return altcha.Payload{}, false
	}
	data, err := base64.StdEncoding.DecodeString(payload)
	if err != nil {
		return altcha.Payload{}, false
	}
	var solution altcha.Payload
	if err := json.Unmarshal(data, &solution); err != nil {
		return altcha.Payload{}, false
	}
	// The sender must not choose the hash.
	return solution, solution.Algorithm == string(algorithm)
}
