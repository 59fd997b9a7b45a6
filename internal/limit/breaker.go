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

// BreakerRule holds the breaker's numbers.
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

// Wrong counts a wrong code of an unproven browser. When that raises the level,
// it answers the new one, once over all replicas: time for an alert. Else Calm.
func (b *Breaker) Wrong(ctx context.Context) (raised Level, err error) {
	today, err := b.Store.Count(ctx, b.day("wrong-day"), 2*day)
	if err != nil {
		return Calm, fmt.Errorf("limit: breaker: %w", err)
	}
	if today >= b.PerDay {
		if raised, err = b.raise(ctx, b.day("mail-only"), MailOnly, 2*day); raised != Calm || err != nil {
			return raised, err
		}
	}
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
	total := 0
	for _, ago := range []int64{0, 1} {
		text, found, err := b.Store.Get(ctx, b.window("mail", ago))
		if err != nil {
			return 0, fmt.Errorf("limit: breaker: %w", err)
		}
		if !found {
			continue
		}
		n, err := strconv.Atoi(string(text))
		if err != nil {
			return 0, fmt.Errorf("limit: breaker: %w", store.ErrNotCount)
		}
		total += n
	}
	return total, nil
}

func (b *Breaker) window(what string, ago int64) string {
	n := b.Now().UnixNano()/int64(b.Window) - ago
	return "breaker/" + what + "/" + strconv.FormatInt(n, 10)
}

func (b *Breaker) day(what string) string {
	return "breaker/" + what + "/" + b.Now().UTC().Format(time.DateOnly)
}
