package remind

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"efpconnect.example/internal/email"
	"efpconnect.example/internal/importer/adoption"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/remind/letter"
	"efpconnect.example/internal/importer/send"
	"efpconnect.example/internal/kratos"
)

// Plan is whom the next wave writes to. Waiting = Candidates + Recent + Unsubscribed + Unreachable + Stopped + Unwritable.
type Plan struct {
	Wave    int  `json:"wave"`
	TakenUp bool `json:"taken_up"` // the wave was interrupted: People are those whose turn has not come
	People  int  `json:"people"`   // of the wave

	Waiting      int `json:"waiting"`      // have not chosen a password
	Candidates   int `json:"candidates"`   // of those, may be written to
	Recent       int `json:"recent"`       // were, less than the campaign's days ago
	Unsubscribed int `json:"unsubscribed"` // asked for no more
	Unreachable  int `json:"unreachable"`  // their address does not exist, said a report
	Stopped      int `json:"stopped"`      // their domain stopped
	Unwritable   int `json:"unwritable"`   // no address that a mail can go to

	Domains []DomainPlan  `json:"domains"` // of the wave, the largest first
	Takes   time.Duration `json:"-"`       // the wave, at its pace
}

// DomainPlan is a wave's part for one recipient domain.
type DomainPlan struct {
	Domain  string        `json:"domain"`
	People  int           `json:"people"`
	PerHour int           `json:"per_hour"`
	Takes   time.Duration `json:"-"`
}

// candidate is somebody whom a wave may write to.
type candidate struct {
	journal.Account
	domain         string
	address, order []byte
}

// MakePlan says what Send would do, and changes nothing.
func MakePlan(ctx context.Context, o Options) (Plan, error) {
	o.setDefaults()
	w, err := o.begin(ctx)
	if err != nil {
		return Plan{}, err
	}
	defer w.close()
	p, _, err := w.plan(ctx)
	return p, err
}

// work is what Plan and Send have open.
type work struct {
	*Options
	ledger  *ledger
	journal *journal.Journal
	source  string
	pace    *send.Pace
}

func (o *Options) begin(ctx context.Context) (*work, error) {
	j, err := journal.OpenToRead(o.Journal)
	if err != nil {
		return nil, err
	}
	w := &work{Options: o, journal: j, pace: o.pace()}
	run, err := j.LastRun()
	if err == nil {
		var purged bool
		if purged, err = j.Purged(); purged {
			err = journal.ErrPurged
		}
	}
	if err == nil {
		w.source = run.Source
		w.ledger, err = openLedger(o.Journal, true)
	}
	if err == nil {
		err = o.Kratos.Ready(ctx)
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *work) close() {
	w.journal.Close()
	if w.ledger != nil {
		w.ledger.close()
	}
}

// plan takes up the wave that was interrupted, or chooses the people of the next.
func (w *work) plan(ctx context.Context) (Plan, []candidate, error) {
	last, err := w.ledger.lastWave(ctx)
	if err != nil {
		return Plan{}, nil, err
	}
	if last.Number > 0 && last.Finished == 0 {
		rows, err := w.ledger.waitingMails(ctx, last)
		p := Plan{Wave: last.Number, TakenUp: true, People: len(rows)}
		domains := map[string]int{}
		for _, row := range rows {
			domains[row.Domain]++
		}
		w.paced(&p, domains)
		return p, nil, err
	}
	p := Plan{Wave: last.Number + 1}
	people, err := w.choose(ctx, &p)
	if err != nil {
		return p, nil, err
	}
	p.People = len(people)
	domains := map[string]int{}
	for _, c := range people {
		domains[c.domain]++
	}
	w.paced(&p, domains)
	return p, people, nil
}

// paced tells how long a wave takes.
func (w *work) paced(p *Plan, domains map[string]int) {
	for domain, n := range domains {
		interval := w.Campaign.interval(domain)
		p.Domains = append(p.Domains, DomainPlan{domain, n, int(time.Hour / interval), time.Duration(n) * interval})
		p.Takes = max(p.Takes, time.Duration(n)*interval)
	}
	p.Takes = max(p.Takes, time.Duration(p.People)*time.Hour/time.Duration(w.Campaign.TotalPerHour))
	slices.SortFunc(p.Domains, func(a, b DomainPlan) int {
		if a.People != b.People {
			return b.People - a.People
		}
		return bytes.Compare([]byte(a.Domain), []byte(b.Domain))
	})
}

// choose reads who has not chosen a password, and picks the people of a wave among them in an order that says nothing about them:
// what stops a wave early then says something about all.
func (w *work) choose(ctx context.Context, p *Plan) ([]candidate, error) {
	stops, err := w.ledger.stops(ctx)
	if err != nil {
		return nil, err
	}
	stopped := map[string]bool{}
	for _, v := range stops {
		stopped[v.Domain] = true
	}
	var people []candidate
	keep := func() {
		slices.SortFunc(people, func(a, b candidate) int { return bytes.Compare(a.order, b.order) })
		people = people[:min(len(people), w.People)]
	}
	after := ""
	for {
		accounts, err := w.journal.Accounts(ctx, after, kratos.MaxIDs)
		if err != nil {
			return nil, err
		}
		if len(accounts) == 0 {
			keep()
			return people, nil
		}
		after = accounts[len(accounts)-1].LegacyID
		portion, err := w.portion(ctx, accounts, stopped, p)
		if err != nil {
			return nil, err
		}
		if people = append(people, portion...); len(people) > 2*w.People {
			keep()
		}
	}
}

// portion judges accounts, and counts why some are left out.
func (w *work) portion(ctx context.Context, accounts []journal.Account, stopped map[string]bool, p *Plan) ([]candidate, error) {
	all, err := adoption.Read(ctx, w.Kratos, accounts, w.source, w.pace)
	if err != nil {
		return nil, err
	}
	if err := adoption.Judge(ctx, w.Kratos, all, w.pace); err != nil {
		return nil, err
	}
	var found []candidate
	for _, account := range all {
		if account.Stage() != adoption.Waiting {
			continue
		}
		p.Waiting++
		a, ok := addressOf(account.Identity)
		if !ok {
			p.Unwritable++
			continue
		}
		found = append(found, candidate{account.Account, a.Domain(), w.ledger.hash(a), w.ledger.order(account.Account.Identity)})
	}
	why, err := w.reasons(ctx, found)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(c candidate) bool {
		switch {
		case why.unsubscribed[string(c.address)]:
			p.Unsubscribed++
		case why.unknown[string(c.address)]:
			p.Unreachable++
		case why.identities[string(c.Identity)], why.addresses[string(c.address)]:
			p.Recent++
		case stopped[c.domain]:
			p.Stopped++
		default:
			p.Candidates++
			return false
		}
		return true
	}), nil
}

// leftOut are the people of a portion that a wave leaves out.
type leftOut struct{ unsubscribed, unknown, identities, addresses map[string]bool }

func (w *work) reasons(ctx context.Context, all []candidate) (out leftOut, err error) {
	if len(all) == 0 {
		return out, nil
	}
	identities, addresses := make([][]byte, len(all)), make([][]byte, len(all))
	for i, c := range all {
		identities[i], addresses[i] = c.Identity, c.address
	}
	since := micro(w.Now().AddDate(0, 0, -w.Campaign.Days))
	var errs [4]error
	out.unsubscribed, errs[0] = w.ledger.known(ctx, addresses, askedForNoMore)
	out.unknown, errs[1] = w.ledger.known(ctx, addresses, noSuchAddress)
	out.identities, errs[2] = w.ledger.known(ctx, identities, recentIdentity, since)
	out.addresses, errs[3] = w.ledger.known(ctx, addresses, recentAddress, since)
	return out, firstError(errs[:]...)
}

// fix writes a wave down before its first mail.
func (w *work) fix(ctx context.Context, p Plan, people []candidate) (wave, error) {
	began := micro(w.Now())
	err := w.ledger.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("INSERT INTO waves (number, began, waiting) VALUES (?,?,?)", p.Wave, began, p.Waiting); err != nil {
			return err
		}
		insert, err := tx.Prepare("INSERT INTO mails (wave, legacy_id, identity, touched, domain, address) VALUES (?,?,?,?,?,?)")
		if err != nil {
			return err
		}
		defer insert.Close()
		for _, c := range people {
			if _, err := insert.Exec(p.Wave, c.LegacyID, c.Identity, c.Touched, c.domain, c.address); err != nil {
				return err
			}
		}
		return nil
	})
	return wave{Number: p.Wave, Began: began}, err
}

// addressOf is where Kratos keeps an account's address, whatever its schema calls it.
func addressOf(identity kratos.Identity) (email.Address, bool) {
	text := traits(identity)["email"]
	if len(identity.Addresses) > 0 {
		text = identity.Addresses[0].Value
	}
	a, fault := email.Parse(text)
	return a, fault == ""
}

// personOf is whom the letter greets: by the traits of our schema; another schema's people are greeted without a name.
func personOf(identity kratos.Identity) letter.Person {
	t := traits(identity)
	return letter.Person{Title: t["title"], GivenName: t["given_name"], FamilyName: t["family_name"]}
}

// traits are those that are texts.
func traits(identity kratos.Identity) map[string]string {
	var all map[string]any
	_ = json.Unmarshal(identity.Traits, &all) // unreadable ones are none
	texts := map[string]string{}
	for name := range maps.Keys(all) {
		if text, ok := all[name].(string); ok {
			texts[name] = text
		}
	}
	return texts
}
