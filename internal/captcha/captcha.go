// Package captcha asks a visitor for something that costs a robot: the notion
// of a challenge with one answer, used once, and a trap for careless robots.
//
// The pages that have a form (recovery, login) call it, and nothing else does.
// Package image draws and speaks the answer of a Challenge, package proof does
// without an answer to read. All of them raise the cost of an attack and none
// of them stops one: package limit does, with the captcha switched off too.
package captcha

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"efpconnect.example/internal/store"
)

// Lifetime is how long an answer is waited for: time to read a page, to listen twice and to mend a typing error,
// not to sell it.
const Lifetime = 10 * time.Minute

// The forms that a challenge may be bound to; step 3 has the trap alone.
const (
	FormRecovery = "reinitialisation"
	FormCode     = "code"
	FormPassword = "mot-de-passe"
	FormLogin    = "connexion"
	FormRegister = "creation"
)

// Outcome is what an answer was worth. The zero value is not an outcome.
type Outcome int

const (
	// Right: the answer holds, for this form, for the first time.
	Right Outcome = iota + 1
	// Wrong: mistyped. The challenge is used up all the same.
	Wrong
	// Unknown: expired, used before, or never made by us. The page says
	// "expiré", as nobody can tell these apart.
	Unknown
	// WrongForm: made for another form, and used up.
	WrongForm
)

// String is for logs and test messages, never for pages.
func (o Outcome) String() string {
	switch o {
	case Right:
		return "right"
	case Wrong:
		return "wrong"
	case Unknown:
		return "unknown"
	case WrongForm:
		return "wrong form"
	}
	return fmt.Sprintf("Outcome(%d)", int(o))
}

const (
	idBytes   = 16
	keyPrefix = "captcha:"
)

// Challenge is one question. The form carries the ID in a hidden field; the
// rest never leaves the server but as a picture or a sound.
type Challenge struct {
	ID     string
	Form   string
	Answer string
	// Seed fixes the one picture and the one sound of this challenge. A second
	// picture of the same answer would help a robot more than a person: where
	// the noise differs, what stays is the answer.
	Seed [32]byte
	// Expires is kept beside the store's own clock, so that a form and its
	// test read the same time.
	Expires time.Time
}

// kept is a challenge in the store. Every view of a page makes one: short, since there may be hundreds of thousands.
type kept struct {
	Form    string `json:"f"`
	Answer  string `json:"a"`
	Seed    []byte `json:"s"` // in base64: half as long as the numbers of an array
	Expires int64  `json:"e"` // Unix time in milliseconds
}

// Challenges makes challenges and takes their answers. Replicas of the site
// share them through the store.
type Challenges struct {
	Store store.Store
	Now   func() time.Time
}

// New makes a challenge for a form. The answer comes from the package that
// shows it. An error is the store's, ErrFull included: no challenge can be
// verified then, and the page must say so.
func (c *Challenges) New(ctx context.Context, form, answer string) (Challenge, error) {
	if form == "" || answer == "" {
		return Challenge{}, errors.New("captcha: a challenge needs a form and an answer")
	}
	ch := Challenge{ID: newID(), Form: form, Answer: answer, Expires: c.Now().Add(Lifetime)}
	rand.Read(ch.Seed[:]) // never fails: crypto/rand ends the program instead
	value, err := json.Marshal(kept{Form: form, Answer: answer, Seed: ch.Seed[:], Expires: ch.Expires.UnixMilli()})
	if err != nil {
		return Challenge{}, fmt.Errorf("captcha: %w", err)
	}
	if err := c.Store.Put(ctx, keyPrefix+ch.ID, value, Lifetime); err != nil {
		return Challenge{}, fmt.Errorf("captcha: keeping a challenge: %w", err)
	}
	return ch, nil
}

// Find returns a live challenge, for its picture and its sound only. It uses
// nothing up.
func (c *Challenges) Find(ctx context.Context, id string) (ch Challenge, found bool, err error) {
	if !isID(id) {
		return Challenge{}, false, nil
	}
	value, found, err := c.Store.Get(ctx, keyPrefix+id)
	if err != nil {
		return Challenge{}, false, fmt.Errorf("captcha: reading a challenge: %w", err)
	}
	if !found {
		return Challenge{}, false, nil
	}
	return c.read(id, value)
}

// Verify takes the answer typed in a form. Whatever the outcome the challenge
// is gone: a second guess needs a second challenge. An error is the store's;
// nothing was proved then and the request must be refused.
func (c *Challenges) Verify(ctx context.Context, id, form, typed string) (Outcome, error) {
	if !isID(id) {
		return Unknown, nil
	}
	value, found, err := c.Store.Take(ctx, keyPrefix+id)
	if err != nil {
		return 0, fmt.Errorf("captcha: taking a challenge: %w", err)
	}
	if !found {
		return Unknown, nil
	}
	ch, live, err := c.read(id, value)
	switch {
	case err != nil:
		return 0, err
	case !live:
		return Unknown, nil
	case ch.Form != form:
		return WrongForm, nil
	case subtle.ConstantTimeCompare([]byte(fold(ch.Answer)), []byte(fold(typed))) != 1:
		return Wrong, nil
	}
	return Right, nil
}

func (c *Challenges) read(id string, value []byte) (ch Challenge, live bool, err error) {
	var was kept
	if err := json.Unmarshal(value, &was); err != nil || len(was.Seed) != len(ch.Seed) {
		// The decoder's reason could quote the answer.
		return Challenge{}, false, errors.New("captcha: a challenge of another release")
	}
	ch = Challenge{ID: id, Form: was.Form, Answer: was.Answer, Seed: [32]byte(was.Seed), Expires: time.UnixMilli(was.Expires)}
	if !c.Now().Before(ch.Expires) {
		return Challenge{}, false, nil
	}
	return ch, true, nil
}

func newID() string {
	var b [idBytes]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// isID keeps what a visitor made up out of the store's keys.
func isID(s string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(b) == idBytes
}

// fold lets people type small letters and leave gaps between the signs; a
// screen reader's habit and a phone keyboard's.
func fold(typed string) string {
	const longest = 64
	out := make([]byte, 0, longest)
	for _, r := range typed {
		switch {
		case r >= 'a' && r <= 'z':
			out = append(out, byte(r-'a'+'A'))
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			out = append(out, byte(r))
		case r == ' ', r == '\u00a0', r == '\u202f', r == '-':
			// between signs
		default:
			out = append(out, '?') // part of no answer
		}
		if len(out) == longest {
			break
		}
	}
	return string(out)
}
