package remind

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"efpconnect.example/internal/dsn"
	"efpconnect.example/internal/email"
	"efpconnect.example/internal/importer/journal"
)

// Status is what the ledger says, also while a wave is being sent. It names nobody.
type Status struct {
	AtWork       bool           `json:"at_work"`
	Waves        []WaveStatus   `json:"waves"`
	Domains      []DomainStatus `json:"domains"` // those with failures, the most first
	Stops        []verdict      `json:"stops"`   // domain "": all of them
	Unsubscribed int            `json:"unsubscribed"`
}

// WaveStatus is one wave.
type WaveStatus struct {
	Number   int            `json:"wave"`
	Began    time.Time      `json:"began"`
	Finished time.Time      `json:"finished,omitzero"`
	Waiting  int            `json:"waiting_then"` // had not chosen a password when the wave was fixed
	States   map[string]int `json:"states"`       // people by what became of their mail
	Returned int            `json:"returned"`     // of the mails sent, by delivery reports
}

// DomainStatus is what became of the mails to one domain.
type DomainStatus struct {
	Domain   string `json:"domain"`
	Given    int    `json:"given"` // to the relay
	Refused  int    `json:"refused"`
	Returned int    `json:"returned"`
}

// ReadStatus reads the ledger beside a journal.
func ReadStatus(ctx context.Context, journalPath string) (s Status, err error) {
	l, err := openLedger(journalPath, false)
	if err != nil {
		return s, err
	}
	defer l.close()
	s.AtWork = journal.Busy(filepath.Join(filepath.Dir(journalPath), LedgerFile))
	if s.Waves, err = l.waves(ctx); err != nil {
		return s, err
	}
	if s.Stops, err = l.stops(ctx); err != nil {
		return s, err
	}
	s.Domains, err = each(ctx, l, func(d *DomainStatus) []any { return []any{&d.Domain, &d.Given, &d.Refused, &d.Returned} },
		`SELECT m.domain, count(*), sum(f.returned=0), sum(f.returned=1) FROM mails m LEFT JOIN failures f ON f.mail=m.number
		WHERE m.turn>0 GROUP BY m.domain HAVING count(f.mail)>0 ORDER BY count(f.mail) DESC, m.domain`)
	if err != nil {
		return s, err
	}
	return s, l.db.QueryRowContext(ctx, "SELECT count(*) FROM unsubscribed").Scan(&s.Unsubscribed)
}

func (l *ledger) waves(ctx context.Context) ([]WaveStatus, error) {
	type row struct {
		WaveStatus
		began, finished int64
	}
	rows, err := each(ctx, l, func(r *row) []any { return []any{&r.Number, &r.began, &r.finished, &r.Waiting, &r.Returned} },
		`SELECT w.number, w.began, w.finished, w.waiting, (SELECT count(*) FROM failures f JOIN mails m ON m.number=f.mail WHERE m.wave=w.number AND f.returned)
		FROM waves w ORDER BY w.number`)
	if err != nil {
		return nil, err
	}
	all := make([]WaveStatus, len(rows))
	for i, r := range rows {
		all[i] = r.WaveStatus
		all[i].Began, all[i].States = time.UnixMicro(r.began), map[string]int{}
		if r.finished > 0 {
			all[i].Finished = time.UnixMicro(r.finished)
		}
	}
	type count struct {
		wave, n int
		state   string
	}
	counts, err := each(ctx, l, func(c *count) []any { return []any{&c.wave, &c.state, &c.n} }, "SELECT wave, state, count(*) FROM mails GROUP BY wave, state")
	for _, c := range counts {
		at := slices.IndexFunc(all, func(w WaveStatus) bool { return w.Number == c.wave })
		all[at].States[c.state] = c.n
	}
	return all, err
}

// Listed is a mail as an operator follows it up: by the ids that the legacy store, Kratos and the relay's log know.
type Listed struct {
	Wave      int    `json:"wave"`
	LegacyID  string `json:"legacy_id"`
	Identity  string `json:"kratos_id"`
	Domain    string `json:"domain"`
	At        string `json:"at,omitempty"`
	MessageID string `json:"message_id,omitempty"`
	Code      int    `json:"code,omitempty"`
	Status    string `json:"status,omitempty"`
}

// States are what List can be asked for.
var States = []string{"uncertain", "refused", "returned", "sent", "waiting", "released", "chosen", "inactive", "gone", "unsubscribed", "unwritable"}

// List returns the mails of one state.
func List(ctx context.Context, journalPath, of string) ([]Listed, error) {
	l, err := openLedger(journalPath, false)
	if err != nil {
		return nil, err
	}
	defer l.close()
	type row struct {
		Listed
		identity []byte
		at       int64
	}
	where := "m.state=?"
	if of == "returned" {
		where = "f.returned AND ?<>''"
	}
	rows, err := each(ctx, l, func(r *row) []any {
		return []any{&r.Wave, &r.LegacyID, &r.identity, &r.Domain, &r.at, &r.MessageID, &r.Code, &r.Status}
	}, `SELECT m.wave, m.legacy_id, m.identity, m.domain, m.at, coalesce(m.message_id,''), coalesce(f.code,0), coalesce(f.status,'')
		FROM mails m LEFT JOIN failures f ON f.mail=m.number WHERE `+where+` ORDER BY m.number`, of)
	if err != nil {
		return nil, err
	}
	all := make([]Listed, len(rows))
	for i, r := range rows {
		all[i] = r.Listed
		if id, err := uuid.FromBytes(r.identity); err == nil {
			all[i].Identity = id.String()
		}
		if r.at > 0 {
			all[i].At = time.UnixMicro(r.at).UTC().Format(time.RFC3339)
		}
	}
	return all, nil
}

// Resume lets a domain, or with "" all of them, be written to again.
func Resume(ctx context.Context, journalPath, domain string) error {
	l, err := openLedger(journalPath, false)
	if err != nil {
		return err
	}
	defer l.close()
	found, err := l.resume(ctx, domain)
	if err == nil && !found {
		if domain == whole {
			return errors.New("la campagne ne s’est pas arrêtée : --domain reprend un seul domaine")
		}
		return fmt.Errorf("le domaine %s ne s’est pas arrêté", domain)
	}
	return err
}

// ReadReports reads delivery reports and answers to List-Unsubscribe: of a mailbox, or with "-" of a stream, as a mail server writes it
// into a pipe. It may run beside Send.
func ReadReports(ctx context.Context, journalPath, unsubscribe, from string, stream io.Reader) (Inbox, error) {
	l, err := openLedger(journalPath, false)
	if err != nil {
		return Inbox{}, err
	}
	defer l.close()
	address, _ := email.Parse(unsubscribe)
	i := &inbox{ledger: l, unsubscribe: address, now: time.Now}
	take := func(r io.Reader) error { return i.take(ctx, r) }
	if from == "-" {
		err := dsn.Split(stream, take)
		return i.read, err
	}
	box, err := dsn.Open(from)
	if err != nil {
		return Inbox{}, err
	}
	err = box.Next(take)
	return i.read, err
}
