package remind

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/wneessen/go-mail"

	"efpconnect.example/internal/dsn"
	"efpconnect.example/internal/email"
	"efpconnect.example/internal/importer/adoption"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/remind/letter"
)

// Why Send ended early. Each text tells the operator what to do.
var (
	ErrStopped   = errors.New("la campagne s’est arrêtée d’elle-même : trop de messages refusés ou revenus. Cherchez la cause, puis remind resume")
	ErrRelay     = errors.New("le relais de messagerie reste indisponible : relancez la même commande pour reprendre")
	ErrUnwelcome = errors.New("le relais refuse l’expéditeur ou le mot de passe : corrigez la campagne, puis relancez")
	ErrCut       = errors.New("le relais coupe la connexion après chaque message, sans dire s’il l’a pris : voyez avec qui le tient, puis relancez")
	ErrNoConsent = errors.New("pas de confirmation : rien n’a été envoyé")
	ErrNobody    = errors.New("personne à qui écrire maintenant (remind plan dit pourquoi)")
)

const (
	// fresh is how long what Kratos said of a person holds; a mail that leaves later is looked at again.
	fresh = 5 * time.Second
	// nap is the longest pause between two looks into the mailbox.
	nap = time.Minute
	// maxTries is how often a mail that the relay refuses for now is offered; maxCuts how many answers in a row may fail to come.
	maxTries = 5
	maxCuts  = 3
)

// sender sends one wave.
type sender struct {
	*work
	wave    wave
	queue   *queue
	watch   *watch
	writer  *letter.Writer
	relay   *relay
	connect func(context.Context) *outcome // the relay's; tests give others
	deliver func(*mail.Msg) outcome
	inbox   *inbox
	box     *dsn.Mailbox // nil: none

	turn, lastFailure int64
	troubles, cuts    int
	since             time.Time // of the first trouble in a row
	progress          Progress
}

// Send sends the next wave, or goes on with the one that was interrupted. It returns nil when the wave has ended, or its time is over.
func Send(ctx context.Context, o Options) error { return o.send(ctx, nil) }

func (o Options) send(ctx context.Context, deliver func(*mail.Msg) outcome) error {
	o.setDefaults()
	w, err := o.begin(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.ledger.take(o.Journal); err != nil {
		return err
	}
	s, err := w.sender(ctx, deliver)
	if err != nil {
		return err
	}
	defer s.relay.close()
	if err := s.news(ctx); err != nil { // what came since the last wave, before the next is chosen
		return err
	}
	if err := s.open(ctx); err != nil {
		return err
	}
	return s.run(ctx)
}

func (w *work) sender(ctx context.Context, deliver func(*mail.Msg) outcome) (*sender, error) {
	s := &sender{work: w, queue: newQueue(&w.Campaign), watch: newWatch()}
	var err error
	if s.writer, err = letter.New(w.Campaign.texts()); err != nil {
		return nil, err
	}
	if s.relay, err = w.Campaign.relay(os.Getenv); err != nil {
		return nil, fmt.Errorf("relay : %w", err)
	}
	s.connect, s.deliver = s.relay.connect, s.relay.deliver
	if deliver != nil {
		s.connect, s.deliver = func(context.Context) *outcome { return nil }, deliver
	}
	address, _ := email.Parse(w.Campaign.Unsubscribe)
	s.inbox = &inbox{ledger: w.ledger, unsubscribe: address, now: w.Now}
	if w.Campaign.Reports != "" {
		if s.box, err = dsn.Open(w.Campaign.Reports); err != nil {
			return nil, fmt.Errorf("reports : %w", err)
		}
	}
	return s, s.remember(ctx)
}

// remember takes up what the ledger knows: what a kill left open, the pace, and what the stop rule counts.
func (s *sender) remember(ctx context.Context) error {
	if err := s.ledger.recover(ctx); err != nil {
		return err
	}
	times, err := s.ledger.lastTimes(ctx)
	if err != nil {
		return err
	}
	for domain, at := range times {
		s.queue.of(domain).last = at
		if at.After(s.queue.last) {
			s.queue.last = at
		}
	}
	if s.turn, err = s.ledger.lastTurn(ctx); err != nil {
		return err
	}
	stops, err := s.ledger.stops(ctx)
	if err != nil {
		return err
	}
	for _, v := range stops {
		s.watch.stopped[v.Domain] = true
	}
	history, err := s.ledger.history(ctx)
	for _, m := range history {
		s.watch.add(m.Number, m.Domain)
	}
	return err
}

// news reads the mailbox, and applies the stop rule to the failures that this process and others have noted.
func (s *sender) news(ctx context.Context) error {
	if s.box != nil {
		if err := s.box.Next(func(r io.Reader) error { return s.inbox.take(ctx, r) }); err != nil {
			return fmt.Errorf("reports : %w", err)
		}
	}
	failures, err := s.ledger.failuresAfter(ctx, s.lastFailure)
	if err != nil {
		return err
	}
	for _, f := range failures {
		s.lastFailure = f.ID
		if err := s.stop(ctx, s.watch.fail(f.Mail)); err != nil {
			return err
		}
	}
	if s.watch.stopped[whole] {
		return ErrStopped
	}
	return nil
}

// stop notes what the rule says.
func (s *sender) stop(ctx context.Context, verdicts []verdict) error {
	for _, v := range verdicts {
		if err := s.ledger.stop(ctx, v, s.Now()); err != nil {
			return err
		}
		s.queue.drop(v.Domain)
	}
	return nil
}

// open takes up a wave or fixes the next one, and asks.
func (s *sender) open(ctx context.Context) error {
	p, people, err := s.plan(ctx)
	if err != nil {
		return err
	}
	if p.People == 0 && !p.TakenUp {
		return ErrNobody
	}
	if p.People > 0 && s.Confirm != nil && !s.Confirm(p) {
		return ErrNoConsent
	}
	if p.TakenUp {
		s.wave, err = s.ledger.lastWave(ctx)
	} else {
		s.wave, err = s.fix(ctx, p, people)
	}
	if err != nil {
		return err
	}
	rows, err := s.ledger.waitingMails(ctx, s.wave)
	for _, row := range rows {
		s.queue.add(row.Domain, row.Number)
	}
	s.progress = Progress{Wave: s.wave.Number, Total: len(rows)}
	return err
}

// run sends until nothing waits.
func (s *sender) run(ctx context.Context) error {
	until := s.Now().Add(s.For)
	for {
		if err := s.news(ctx); err != nil {
			return err
		}
		if s.For > 0 && !s.Now().Before(until) {
			return nil
		}
		numbers, wait, empty := s.queue.due(s.Now())
		if empty {
			return s.ledger.finish(ctx, s.wave, s.Now())
		}
		if len(numbers) == 0 {
			if wait > fresh {
				s.relay.close() // no relay keeps a connection that says nothing
			}
			if err := s.Sleep(ctx, min(wait, nap)); err != nil {
				return err
			}
			continue
		}
		if err := s.batch(ctx, numbers); err != nil {
			return err
		}
		s.Progress(s.progress)
	}
}

// addressee is a mail with its person as Kratos has them now.
type addressee struct {
	mailRow
	account adoption.Account
}

// batch looks at the people of some mails together, and sends to each who still waits.
func (s *sender) batch(ctx context.Context, numbers []int64) error {
	all, err := s.look(ctx, numbers)
	if err != nil {
		return err
	}
	looked := s.Now()
	for i, one := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.watch.stopped[one.Domain] {
			continue // freed with the others of its domain
		}
		if wait := s.queue.ready(s.queue.of(one.Domain)).Sub(s.Now()); wait > 0 && wait <= fresh {
			if err := s.Sleep(ctx, wait); err != nil {
				return err
			}
		}
		ready := !s.queue.ready(s.queue.of(one.Domain)).After(s.Now())
		if !ready || s.Now().Sub(looked) > fresh {
			for _, rest := range slices.Backward(all[i:]) { // to be looked at again, at their time
				s.queue.back(rest.Domain, rest.Number)
			}
			return nil
		}
		if err := s.person(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

// look reads the people of mails from Kratos, in the order of the numbers.
func (s *sender) look(ctx context.Context, numbers []int64) ([]addressee, error) {
	rows, err := s.ledger.mailsOf(ctx, numbers)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b mailRow) int { return slices.Index(numbers, a.Number) - slices.Index(numbers, b.Number) })
	accounts := make([]journal.Account, len(rows))
	for i, row := range rows {
		accounts[i] = row.Account
	}
	found, err := adoption.Read(ctx, s.Kratos, accounts, s.source, s.pace)
	if err != nil {
		return nil, err
	}
	if err := adoption.Judge(ctx, s.Kratos, found, s.pace); err != nil {
		return nil, err
	}
	all := make([]addressee, len(rows))
	for i, row := range rows {
		all[i] = addressee{row, found[i]}
	}
	return all, nil
}

// person judges one person, and sends where there is still something to say.
func (s *sender) person(ctx context.Context, one addressee) error {
	drop := func(to state) error {
		s.progress.Done++
		return s.ledger.settle(ctx, one.Number, to)
	}
	switch one.account.Stage() {
	case adoption.Chosen:
		return drop(chosen)
	case adoption.Inactive:
		return drop(inactive)
	case adoption.Gone:
		return drop(gone)
	}
	to, ok := addressOf(one.account.Identity)
	if !ok {
		return drop(unwritable)
	}
	hash := s.ledger.hash(to)
	if to.Domain() != one.Domain || string(hash) != string(one.Address) { // changed since the wave was fixed: its turn comes there
		s.queue.add(to.Domain(), one.Number)
		return s.ledger.move(ctx, one.Number, to.Domain(), hash)
	}
	no, err := s.ledger.known(ctx, [][]byte{hash}, askedForNoMore)
	if err != nil {
		return err
	}
	if no[string(hash)] {
		return drop(unsubscribed)
	}
	text, err := s.writer.Write(personOf(one.account.Identity))
	if err != nil {
		return err
	}
	m, messageID, err := s.Campaign.message(to, text)
	if errors.Is(err, errUnwritable) {
		return drop(unwritable)
	}
	if err != nil {
		return err
	}
	return s.hand(ctx, one, m, messageID)
}
