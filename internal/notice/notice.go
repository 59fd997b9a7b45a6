// Package notice tells a person by mail that their password was changed: when, and what to do if it was not they. Step 3 of the
// reset calls Changed once it has succeeded. The person never waits for it, and a relay that is down delays it: it is tried
// again with longer and longer pauses, and handed over when the process stops.
//
// Kratos has no such mail for a recovery, and its courier would give it up within seconds.
package notice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/wneessen/go-mail"

	"efpconnect.example/internal/email"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/store"
)

const (
	// waiting bounds the notices in memory; one takes about a kilobyte.
	waiting = 1000
	// remembered is how long the same change is not told twice: longer than any form can be sent again.
	remembered = 48 * time.Hour
	// oneTry bounds one conversation with the relay.
	oneTry = 15 * time.Second
)

// pauses before the next tries. After the last the notice is given up, and the log says so.
var pauses = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour}

// Options are what an administrator decides. All but Count are required.
type Options struct {
	SMTP  string // smtp://[user:password@]host:port, smtps://, smtp+starttls://
	Texts Texts
	Store store.Store // remembers what was told, for all replicas
	Log   *slog.Logger
	Count func(outcome string)                   // the outcomes of package metrics; nil: not counted
	After func(time.Duration) <-chan time.Time   // time.After; tests give another
	send  func(context.Context, *mail.Msg) error // the relay; tests give another
}

// Notices sends in the background, one mail at a time, until Close. A nil *Notices sends none.
type Notices struct {
	o       Options
	render  *renderer
	queue   chan letter   // as long as slots: a letter that has one always fits
	slots   chan struct{} // one for each letter on its way, those between two tries included
	closing chan struct{}
	done    sync.WaitGroup
	once    sync.Once
}

// letter is one notice on its way. Account is the keyed hash, for the log.
type letter struct {
	change, account, when string
	to                    email.Address
}

// New checks the options, the texts included, and starts the sender.
func New(o Options) (*Notices, error) {
	n := &Notices{o: o, queue: make(chan letter, waiting), slots: make(chan struct{}, waiting), closing: make(chan struct{})}
	var err error
	if n.render, err = newRenderer(o.Texts); err != nil {
		return nil, err
	}
	if _, err := n.message(letter{to: email.MustParse("essai@example.test"), when: "24 novembre 2026 à 10 h 32"}); err != nil {
		return nil, err
	}
	if n.o.send == nil {
		client, err := newClient(o.SMTP)
		if err != nil {
			return nil, err
		}
		n.o.send = func(ctx context.Context, m *mail.Msg) error { return client.DialAndSendWithContext(ctx, m) }
	}
	if n.o.Count == nil {
		n.o.Count = func(string) {}
	}
	if n.o.After == nil {
		n.o.After = time.After
	}
	n.done.Go(n.work)
	return n, nil
}

// Changed tells the holder of an address that its password was changed. change names the change (Kratos's settings flow), so that
// a form sent twice, here or on another replica, makes one mail. when is the hour in French words, Paris time; account the keyed
// hash. It returns at once; what it cannot do it logs. Nobody calls it after Close.
func (n *Notices) Changed(ctx context.Context, change, account string, to email.Address, when string) {
	if n == nil {
		return
	}
	select {
	case n.slots <- struct{}{}:
		n.queue <- letter{change: change, account: account, to: to, when: when}
	default:
		n.o.Count(metrics.NoticeDropped)
		n.o.Log.ErrorContext(ctx, "notice: too many wait, this one is dropped", "account", account)
	}
}

// Close hands over what waits, one more try each, until ctx ends.
func (n *Notices) Close(ctx context.Context) error {
	if n == nil {
		return nil
	}
	n.once.Do(func() { close(n.closing) })
	ended := make(chan struct{})
	go func() { n.done.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("notices not handed over: %w", ctx.Err())
	}
}

// work sends. While one notice waits for its next try the others pass, so that a refused address delays nobody.
func (n *Notices) work() {
	for {
		select {
		case l := <-n.queue:
			n.first(l)
		case <-n.closing:
			for {
				select {
				case l := <-n.queue:
					n.first(l)
				default:
					return
				}
			}
		}
	}
}

// first tries once, and goes on in the background where that failed.
func (n *Notices) first(l letter) {
	if !n.claim(l) {
		<-n.slots
		return
	}
	err := n.try(l)
	if err == nil || n.hopeless(l, err) {
		<-n.slots
		return
	}
	n.done.Go(func() {
		n.again(l, err)
		<-n.slots
	})
}

// claim makes a change told once. It is noted at the last moment: a process that dies before leaves the notice to the one that
// takes the form when it is sent again.
func (n *Notices) claim(l letter) bool {
	ctx, cancel := context.WithTimeout(context.Background(), oneTry)
	defer cancel()
	first, err := n.o.Store.Add(ctx, "notice:"+l.change, []byte{1}, remembered)
	if err != nil {
		// Told twice is better than not told.
		n.o.Log.Warn("notice: not known whether it was sent before", "account", l.account, "cause", err.Error())
	}
	return first || err != nil
}

// again tries after each pause; a stop ends the pause and makes the try the last.
func (n *Notices) again(l letter, cause error) {
	for _, pause := range pauses {
		last := false
		select {
		case <-n.o.After(pause):
		case <-n.closing:
			last = true
		}
		n.o.Count(metrics.NoticeRetried)
		if cause = n.try(l); cause == nil || n.hopeless(l, cause) {
			return
		}
		if last {
			break
		}
	}
	n.o.Count(metrics.NoticeGivenUp)
	n.o.Log.Error("notice: given up", "account", l.account, "cause", reason(cause))
}

// hopeless gives up what no relay can take, and what ours refuses for good (5xx): an address nobody has.
func (n *Notices) hopeless(l letter, err error) bool {
	if errors.Is(err, errNoAddress) {
		n.o.Count(metrics.NoticeGivenUp)
		n.o.Log.Error("notice: what the account has is no address that a mail can go to", "account", l.account)
		return true
	}
	var refused *mail.SendError
	if !errors.As(err, &refused) || refused.IsTemp() || refused.ErrorCode() < 500 {
		return false
	}
	n.o.Count(metrics.NoticeGivenUp)
	n.o.Log.Error("notice: the relay refuses it", "account", l.account, "code", refused.ErrorCode())
	return true
}

func (n *Notices) try(l letter) error {
	m, err := n.message(l)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), oneTry)
	defer cancel()
	// A relay that hangs up after it has taken the mail is an error too: the person would get it again and again.
	if err := n.o.send(ctx, m); err != nil && !m.IsDelivered() {
		return err
	}
	n.o.Count(metrics.NoticeSent)
	n.o.Log.Info("notice: handed to the relay", "account", l.account)
	return nil
}

// reason is what of a failure may be logged: the relay's text can quote the address.
func reason(err error) string {
	var refused *mail.SendError
	if errors.As(err, &refused) {
		return fmt.Sprintf("the relay answered %d", refused.ErrorCode())
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "the relay did not answer in time"
	}
	return "the relay cannot be reached"
}
