package captcha

import (
	"errors"
	"time"

	"efpconnect.example/internal/seal"
)

// HoneypotField is the name of the field that people leave empty. The page takes
// it away from everybody: hidden by a style sheet, tabindex -1, autocomplete
// off, and a label that says to leave it empty to those who meet it all the
// same (no style sheet, a screen reader). The name promises something to a
// robot and nothing to a browser's autofill.
const HoneypotField = "commentaire"

// StampField is the name of the hidden field with the time the form was made.
const StampField = "formulaire"

const (
	// minFill is faster than a person with a password manager, who needs to
	// see the page and press one key.
	minFill = 800 * time.Millisecond
	// maxFill is a form left open for the day.
	maxFill = 24 * time.Hour
)

// Caught says what the honeypot saw.
type Caught int

const (
	// Free: nothing against this form.
	Free Caught = iota + 1
	// Filled: the field that people leave empty was filled in.
	Filled
	// TooFast: sent before anybody could have read it.
	TooFast
	// Stale: the stamp is missing, altered, another form's, or a day old. The
	// page shows the form again, with what was typed.
	Stale
)

// String is for logs and test messages, never for pages.
func (c Caught) String() string {
	return [...]string{"?", "free", "filled", "too fast", "stale"}[max(0, min(int(c), int(Stale)))]
}

// Honeypot is the hidden field and the minimum time to fill in a form: the first
// defence that the ministry's doctrine names (DNUM, anti-bots), and free for
// people. A stamp is no single use and proves nothing about its bearer: a
// robot that waits a second is through, and meets the limits.
type Honeypot struct {
	Box *seal.Box
	Now func() time.Time
}

// Stamp returns the text for the hidden StampField of a form made now.
func (h Honeypot) Stamp(form string) (string, error) {
	return h.Box.Seal(purpose(form), maxFill, h.Now().UnixMilli())
}

// Check judges a form sent now, by its HoneypotField and its StampField.
func (h Honeypot) Check(form, trapped, stamp string) (Caught, error) {
	if trapped != "" {
		return Filled, nil
	}
	var made int64
	err := h.Box.Open(purpose(form), stamp, &made)
	switch {
	case errors.Is(err, seal.ErrExpired), errors.Is(err, seal.ErrForged):
		return Stale, nil
	case err != nil:
		return 0, err
	}
	if h.Now().Sub(time.UnixMilli(made)) < minFill {
		return TooFast, nil
	}
	return Free, nil
}

func purpose(form string) string { return "trap " + form }
