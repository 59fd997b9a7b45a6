package remind

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-message/textproto"

	"github.com/emersion/go-message"

	"efpconnect.example/internal/dsn"
	"efpconnect.example/internal/email"
)

// believable is how long after a mail a report that names its address alone, and not its Message-ID, is believed: relays try for
// five days.
const believable = 10 * 24 * time.Hour

// Inbox counts what was read of a mailbox.
type Inbox struct {
	Returned     int `json:"returned"`     // delivery reports of mails of ours, new ones
	Unsubscribed int `json:"unsubscribed"` // people who want no more reminders, new ones
	Others       int `json:"others"`       // anything else, and what was known
}

// inbox reads delivery reports and answers to List-Unsubscribe into the ledger. What comes twice counts once.
type inbox struct {
	ledger      *ledger
	unsubscribe email.Address
	now         func() time.Time
	read        Inbox
}

// take reads one mail.
func (i *inbox) take(ctx context.Context, r io.Reader) error {
	raw, err := io.ReadAll(io.LimitReader(r, dsn.MaxBytes))
	if err != nil {
		return err
	}
	counted := &i.read.Others
	switch report, err := dsn.Read(bytes.NewReader(raw)); {
	case err == nil:
		fresh, err := i.report(ctx, report)
		if err != nil {
			return err
		}
		if fresh {
			counted = &i.read.Returned
		}
	case errors.Is(err, dsn.ErrNoReport):
		fresh, err := i.answer(ctx, raw)
		if err != nil {
			return err
		}
		if fresh {
			counted = &i.read.Unsubscribed
		}
	default:
		return err
	}
	*counted++
	return nil
}

// report notes the mails that a report says have failed.
func (i *inbox) report(ctx context.Context, report dsn.Report) (fresh bool, err error) {
	for _, recipient := range report.Recipients {
		if recipient.Action != dsn.Failed {
			continue
		}
		number, err := i.mailOf(ctx, report, recipient)
		if err != nil {
			return fresh, err
		}
		if number == 0 {
			continue
		}
		one, err := i.ledger.fail(ctx, failure{Mail: number, Returned: true, Code: recipient.Code, Status: recipient.Status, Unknown: recipient.Unknown()}, i.now())
		if err != nil {
			return fresh, err
		}
		fresh = fresh || one
	}
	return fresh, nil
}

// mailOf finds the mail that a report is about, 0 when it is none of ours.
func (i *inbox) mailOf(ctx context.Context, report dsn.Report, recipient dsn.Recipient) (int64, error) {
	if report.MessageID != "" {
		return i.ledger.mailByMessage(ctx, report.MessageID)
	}
	for _, text := range []string{recipient.Original, recipient.Address} {
		a, fault := email.Parse(text)
		if fault != "" {
			continue
		}
		number, err := i.ledger.mailByAddress(ctx, i.ledger.hash(a), i.now().Add(-believable))
		if err != nil || number != 0 {
			return number, err
		}
	}
	return 0, nil
}

// answer notes who asks for no more reminders: whoever writes to the address of List-Unsubscribe, by hand.
func (i *inbox) answer(ctx context.Context, raw []byte) (fresh bool, err error) {
	read, err := textproto.ReadHeader(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		return false, nil // no mail
	}
	header := mail.Header{Header: message.Header{Header: read}}
	if automatic(header) || !i.isToUs(header) {
		return false, nil
	}
	from, err := header.AddressList("From")
	if err != nil || len(from) != 1 {
		return false, nil
	}
	a, fault := email.Parse(from[0].Address)
	if fault != "" {
		return false, nil
	}
	return i.ledger.unsubscribe(ctx, i.ledger.hash(a), i.now())
}

func (i *inbox) isToUs(header mail.Header) bool {
	for _, field := range []string{"To", "Cc", "Delivered-To", "X-Original-To", "Resent-To"} {
		list, err := header.AddressList(field)
		if err != nil {
			continue
		}
		for _, one := range list {
			if a, fault := email.Parse(one.Address); fault == "" && a.Fold() == i.unsubscribe.Fold() {
				return true
			}
		}
	}
	return false
}

// absences are how programs begin the subject of an answer that nobody wrote.
var absences = []string{"réponse automatique", "automatic reply", "absence", "out of office", "auto:", "autoreply", "auto-reply", "je suis absent"}

// automatic tells that no person wrote a mail: an absence is no wish.
func automatic(header mail.Header) bool {
	if kind := strings.ToLower(strings.TrimSpace(header.Get("Auto-Submitted"))); kind != "" && !strings.HasPrefix(kind, "no") {
		return true
	}
	if slices.Contains([]string{"auto_reply", "bulk", "junk", "list"}, strings.ToLower(strings.TrimSpace(header.Get("Precedence")))) {
		return true
	}
	if header.Has("X-Autoreply") || header.Has("X-Autorespond") || strings.TrimSpace(header.Get("Return-Path")) == "<>" {
		return true
	}
	subject, _ := header.Subject()
	subject = strings.ToLower(subject)
	return slices.ContainsFunc(absences, func(begin string) bool { return strings.HasPrefix(subject, begin) })
}
