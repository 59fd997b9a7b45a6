package limit

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"efpconnect.example/internal/store"
)

// Level is what the breaker asks of browsers that submit a code unproven.
// Proven ones (see CodeProven) are never concerned: they can only guess codes
// that they were sent.
type Level int

// The levels, from mild to strict.
const (
	// Calm: nothing more than the other limits.
	Calm Level = iota
	// Captcha: each code needs a captcha.
	Captcha
	// MailOnly: codes are taken only from a browser that came by the mail.
	MailOnly
)

func (l Level) String() string {
	return [...]string{"calm", "captcha", "mail only"}[l]
}

// Breaker watches wrong codes over the whole site. One guess in a million is
// right, whatever account it is for, so an attacker who spreads guesses over
// many addresses stays below every other limit but not below this one.
type Breaker struct {
	Store store.Store
	Now   func() time.Time
	BreakerRule
}

// BreakerRule holds the breaker's numbers. Floor and PerDay are settings: the first depends on how many people mistype, the
// second is what docs/decisions/2026-11-24-guessing-a-code.md draws its sum from.
type BreakerRule struct {
	// Window is the time over which wrong codes and mails are compared.
	Window time.Duration
	// Floor is how many wrong codes in a window never count as an attack.
	Floor int
	// PerMail is how many wrong codes for each mail sent do: people mistype
	// one code in twenty.
	PerMail float64
	// Hold is how long captchas stay required.
	Hold time.Duration
	// PerDay is how many wrong codes of unproven browsers a day (UTC) can hold.
	// Two days touch any 24 hours, so the expected takeovers of an attacker
	// with any number of machines stay below 2 * PerDay / 1 000 000.
	PerDay int
}

// DefaultBreaker keeps the expected takeovers below 0.01 a day.
func DefaultBreaker() BreakerRule {
	return BreakerRule{Window: time.Hour, Floor: 100, PerMail: 0.5, Hold: time.Hour, PerDay: 4500}
}

// MailSent counts a mail with a code, asked for, whether or not the address is
// known: the count must tell nothing.
func (b *Breaker) MailSent(ctx context.Context) error {
	if _, err := b.Store.Count(ctx, b.window("mail", 0), 2*b.Window); err != nil {
		return fmt.Errorf("limit: breaker: %w", err)
	}
	return nil
}

// Try is an unproven browser's code that was let through to Kratos.
type Try struct {
	// Refused: the day's wrong codes are used up.
	Refused bool
	// Alert: this very call found that out, the first over all replicas.
	Alert bool

	spared string // key of the day's count of tries that were not wrong
}

// Try takes one from the day's wrong codes before Kratos hears the code: who
// sends a thousand at once finds no more there than who sends one by one. Spare
// gives it back when the code was not wrong; without an answer of Kratos it
// stays taken.
func (b *Breaker) Try(ctx context.Context) (Try, error) {
	t := Try{spared: b.day("spared")}
	spared, err := b.total(ctx, t.spared) // before the tries: at worst too few
	if err != nil {
		return Try{Refused: true}, err
	}
	tries, err := b.Store.Count(ctx, b.day("tries"), 2*day)
	if err != nil {
		return Try{Refused: true}, fmt.Errorf("limit: breaker: %w", err)
	}
	if tries-spared <= b.PerDay {
		return t, nil
	}
	raised, err := b.raise(ctx, b.day("mail-only"), MailOnly, 2*day)
	return Try{Refused: true, Alert: raised == MailOnly}, err
}

// Spare gives a try back.
func (b *Breaker) Spare(ctx context.Context, t Try) error {
	if _, err := b.Store.Count(ctx, t.spared, 2*day); err != nil {
		return fmt.Errorf("limit: breaker: %w", err)
	}
	return nil
}

// Wrong counts a wrong code of an unproven browser. When that raises the level,
// it answers the new one, once over all replicas: time for an alert. Else Calm.
func (b *Breaker) Wrong(ctx context.Context) (raised Level, err error) {
	wrong, err := b.Store.Count(ctx, b.window("wrong", 0), 2*b.Window)
	if err != nil {
		return Calm, fmt.Errorf("limit: breaker: %w", err)
	}
	if wrong <= b.Floor {
		return Calm, nil
	}
	mails, err := b.mails(ctx)
	if err != nil || float64(wrong) <= b.PerMail*float64(mails) {
		return Calm, err
	}
	return b.raise(ctx, "breaker/captcha", Captcha, b.Hold)
}

// Level is what to ask of an unproven browser now.
func (b *Breaker) Level(ctx context.Context) (Level, error) {
	for _, c := range []struct {
		key   string
		level Level
	}{{b.day("mail-only"), MailOnly}, {"breaker/captcha", Captcha}} {
		_, found, err := b.Store.Get(ctx, c.key)
		if err != nil {
			return MailOnly, fmt.Errorf("limit: breaker: %w", err)
		}
		if found {
			return c.level, nil
		}
	}
	return Calm, nil
}

func (b *Breaker) raise(ctx context.Context, key string, to Level, hold time.Duration) (Level, error) {
	added, err := b.Store.Add(ctx, key, []byte{1}, hold)
	if err != nil {
		return Calm, fmt.Errorf("limit: breaker: %w", err)
	}
	if !added {
		return Calm, nil // somebody else's wrong code raised it
	}
	return to, nil
}

// mails counts those of this window and the one before: a mail takes a while.
func (b *Breaker) mails(ctx context.Context) (int, error) {
	now, err := b.total(ctx, b.window("mail", 0))
	if err != nil {
		return 0, err
	}
	before, err := b.total(ctx, b.window("mail", 1))
	return now + before, err
}

// total reads a count.
func (b *Breaker) total(ctx context.Context, key string) (int, error) {
	text, found, err := b.Store.Get(ctx, key)
	if err != nil {
		return 0, fmt.Errorf("limit: breaker: %w", err)
	}
	if !found {
		return 0, nil
	}
	n, err := strconv.Atoi(string(text))
	if err != nil {
		return 0, fmt.Errorf("limit: breaker: %w", store.ErrNotCount)
	}
	return n, nil
}

func (b *Breaker) window(what string, ago int64) string {
	n := b.Now().UnixNano()/int64(b.Window) - ago
	return "breaker/" + what + "/" + strconv.FormatInt(n, 10)
}

func (b *Breaker) day(what string) string {
	return "breaker/" + what + "/" + b.Now().UTC().Format(time.DateOnly)
}
