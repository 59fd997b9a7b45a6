package remind

import (
	"context"
	"fmt"
	"time"

	"github.com/wneessen/go-mail"
)

// hand notes the intent, hands a mail to the relay, and notes what became of it.
func (s *sender) hand(ctx context.Context, one addressee, m *mail.Msg, messageID string) error {
	if out := s.connect(ctx); out != nil {
		s.queue.back(one.Domain, one.Number)
		return s.trouble(ctx, *out)
	}
	at := s.Now()
	if err := s.ledger.intend(ctx, one.mailRow, s.turn+1, messageID, at); err != nil {
		return err
	}
	s.turn++
	s.queue.sent(one.Domain, at)
	out := s.deliver(m)
	switch out.answer {
	case taken:
		s.calm(one.Domain)
		s.progress.Done++
		s.progress.Sent++
		return s.given(ctx, one, sent)
	case never:
		return s.refusal(ctx, one, out)
	case later:
		if one.Tries+1 >= maxTries {
			return s.refusal(ctx, one, out)
		}
		s.queue.delay(one.Domain, s.Now())
		s.queue.add(one.Domain, one.Number)
		return s.ledger.unsend(ctx, one.Number)
	case unclear:
		s.cuts++
		s.progress.Done++
		if err := s.given(ctx, one, uncertain); err != nil {
			return err
		}
		if s.cuts >= maxCuts {
			return ErrCut
		}
		return s.trouble(ctx, out)
	default:
		if err := s.ledger.unsend(ctx, one.Number); err != nil {
			return err
		}
		s.queue.back(one.Domain, one.Number)
		return s.trouble(ctx, out)
	}
}

// refusal notes a mail that the relay refuses for good. The rule hears of it with the other failures.
func (s *sender) refusal(ctx context.Context, one addressee, out outcome) error {
	s.calm(one.Domain)
	s.progress.Done++
	if _, err := s.ledger.fail(ctx, failure{Mail: one.Number, Code: out.code, Status: out.status, Unknown: out.unknown()}, s.Now()); err != nil {
		return err
	}
	if err := s.stop(ctx, s.watch.add(one.Number, one.Domain)); err != nil {
		return err
	}
	return s.news(ctx)
}

// given notes a mail that the relay has, or may have.
func (s *sender) given(ctx context.Context, one addressee, to state) error {
	if err := s.ledger.settle(ctx, one.Number, to); err != nil {
		return err
	}
	return s.stop(ctx, s.watch.add(one.Number, one.Domain))
}

// calm forgets troubles: the relay answers.
func (s *sender) calm(domain string) {
	s.troubles, s.cuts, s.since = 0, 0, time.Time{}
	s.queue.of(domain).delays = 0
}

// trouble waits for the relay, longer each time, and gives up in the end.
func (s *sender) trouble(ctx context.Context, out outcome) error {
	if out.answer == unwelcome {
		return fmt.Errorf("%w (code %d)", ErrUnwelcome, out.code)
	}
	if s.troubles == 0 {
		s.since = s.Now()
	}
	s.troubles++
	if s.Now().Sub(s.since) > s.GiveUp {
		return ErrRelay
	}
	pause := min(time.Second<<min(s.troubles-1, 6), nap)
	s.Wait(pause, errNoRelay)
	return s.Sleep(ctx, pause)
}

// errNoRelay does not quote the relay's text, which may hold an address.
var errNoRelay = fmt.Errorf("le relais de messagerie ne répond pas")
