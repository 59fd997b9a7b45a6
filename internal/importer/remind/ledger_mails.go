package remind

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"efpconnect.example/internal/importer/journal"
)

// mailRow is a mail of the ledger.
type mailRow struct {
	journal.Account // LegacyID, Identity, Touched
	Number          int64
	Domain          string
	Address         []byte // hash
	Tries           int
}

// wave is a part of the people, fixed before its first mail.
type wave struct {
	Number          int
	Began, Finished int64
}

// lastWave returns the newest wave, of Number 0 where there is none.
func (l *ledger) lastWave(ctx context.Context) (wave, error) {
	all, err := each(ctx, l, func(w *wave) []any { return []any{&w.Number, &w.Began, &w.Finished} },
		"SELECT number, began, finished FROM waves ORDER BY number DESC LIMIT 1")
	if err != nil || len(all) == 0 {
		return wave{}, err
	}
	return all[0], nil
}

// recover notes what a kill left open: an intent without an outcome is uncertain.
func (l *ledger) recover(ctx context.Context) error {
	return l.exec(ctx, "UPDATE mails SET state=? WHERE state=?", uncertain, sending)
}

// waitingMails are those of a wave whose turn has not come, in their order.
func (l *ledger) waitingMails(ctx context.Context, w wave) ([]mailRow, error) {
	return each(ctx, l, func(m *mailRow) []any { return []any{&m.Number, &m.Domain} },
		"SELECT number, domain FROM mails WHERE wave=? AND state=? ORDER BY number", w.Number, waiting)
}

// mailsOf returns mails by their numbers.
func (l *ledger) mailsOf(ctx context.Context, numbers []int64) ([]mailRow, error) {
	args := make([]any, len(numbers))
	for i, n := range numbers {
		args[i] = n
	}
	return each(ctx, l, func(m *mailRow) []any {
		return []any{&m.Number, &m.LegacyID, &m.Identity, &m.Touched, &m.Domain, &m.Address, &m.Tries}
	}, "SELECT number, legacy_id, identity, touched, domain, address, tries FROM mails WHERE number IN ("+marks(len(numbers))+")", args...)
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

// intend notes that a mail is about to be handed to the relay.
func (l *ledger) intend(ctx context.Context, m mailRow, turn int64, messageID string, at time.Time) error {
	return l.exec(ctx, "UPDATE mails SET state=?, turn=?, message_id=?, at=?, tries=tries+1 WHERE number=?", sending, turn, messageID, micro(at), m.Number)
}

// settle notes what became of a mail.
func (l *ledger) settle(ctx context.Context, number int64, s state) error {
	return l.exec(ctx, "UPDATE mails SET state=? WHERE number=?", s, number)
}

// unsend takes an intent back: the relay has certainly not taken the mail.
func (l *ledger) unsend(ctx context.Context, number int64) error {
	return l.exec(ctx, "UPDATE mails SET state=?, turn=0, at=0, message_id=NULL WHERE number=?", waiting, number)
}

// move notes that an account has another address than when the wave was fixed.
func (l *ledger) move(ctx context.Context, number int64, domain string, address []byte) error {
	return l.exec(ctx, "UPDATE mails SET domain=?, address=? WHERE number=?", domain, address, number)
}

// failure is a mail that failed.
type failure struct {
	ID, Mail int64
	Returned bool // by a delivery report; else refused by the relay
	Code     int
	Status   string
	Unknown  bool // there is no such address
}

// fail notes the failure of a mail once. It tells whether it was new.
func (l *ledger) fail(ctx context.Context, f failure, at time.Time) (fresh bool, err error) {
	err = l.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.Exec("INSERT INTO failures (mail, at, returned, code, status, unknown) VALUES (?,?,?,?,?,?) ON CONFLICT (mail) DO NOTHING",
			f.Mail, micro(at), f.Returned, f.Code, f.Status, f.Unknown)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		fresh = n > 0
		if !f.Returned {
			_, err2 := tx.Exec("UPDATE mails SET state=? WHERE number=?", refused, f.Mail)
			err = firstError(err, err2)
		}
		return err
	})
	return fresh, err
}

func firstError(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// failuresAfter are the failures that were noted after one, by this process or by another.
func (l *ledger) failuresAfter(ctx context.Context, id int64) ([]failure, error) {
	return each(ctx, l, func(f *failure) []any { return []any{&f.ID, &f.Mail} }, "SELECT id, mail FROM failures WHERE id>? ORDER BY id", id)
}

// history are the mails that the relay was given, in their order, since the operator last resumed their domain and the whole.
func (l *ledger) history(ctx context.Context) ([]mailRow, error) {
	return each(ctx, l, func(m *mailRow) []any { return []any{&m.Number, &m.Domain} },
		`SELECT m.number, m.domain FROM mails m LEFT JOIN resumed d ON d.domain=m.domain LEFT JOIN resumed w ON w.domain=''
		WHERE m.turn>max(coalesce(d.turn,0), coalesce(w.turn,0)) ORDER BY m.turn`)
}

func (l *ledger) lastTurn(ctx context.Context) (turn int64, err error) {
	err = l.db.QueryRowContext(ctx, "SELECT coalesce(max(turn),0) FROM mails").Scan(&turn)
	return turn, err
}

// lastTimes are when the last mail to each domain left.
func (l *ledger) lastTimes(ctx context.Context) (map[string]time.Time, error) {
	type last struct {
		domain string
		at     int64
	}
	all, err := each(ctx, l, func(t *last) []any { return []any{&t.domain, &t.at} }, "SELECT domain, max(at) FROM mails WHERE at>0 GROUP BY domain")
	times := make(map[string]time.Time, len(all))
	for _, one := range all {
		times[one.domain] = time.UnixMicro(one.at)
	}
	return times, err
}

// stop notes a stop, and frees the people of a domain for a later wave.
func (l *ledger) stop(ctx context.Context, v verdict, at time.Time) error {
	return l.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("INSERT OR REPLACE INTO stops (domain, at, failed, of) VALUES (?,?,?,?)", v.Domain, micro(at), v.Failed, v.Of); err != nil {
			return err
		}
		if v.Domain == whole {
			return nil
		}
		_, err := tx.Exec("UPDATE mails SET state=? WHERE domain=? AND state=?", released, v.Domain, waiting)
		return err
	})
}

// stops are the domains that have stopped, and "" when all have.
func (l *ledger) stops(ctx context.Context) ([]verdict, error) {
	return each(ctx, l, func(v *verdict) []any { return []any{&v.Domain, &v.Failed, &v.Of} }, "SELECT domain, failed, of FROM stops ORDER BY domain")
}

// resume ends a stop. The mails before it no longer count for the rule.
func (l *ledger) resume(ctx context.Context, domain string) (found bool, err error) {
	err = l.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.Exec("DELETE FROM stops WHERE domain=?", domain)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if found = n > 0; err != nil || !found {
			return err
		}
		_, err = tx.Exec("INSERT OR REPLACE INTO resumed (domain, turn) SELECT ?, coalesce(max(turn),0) FROM mails", domain)
		return err
	})
	return found, err
}

// finish ends a wave. Who still waits, at a domain that stopped, is free for a later one.
func (l *ledger) finish(ctx context.Context, w wave, at time.Time) error {
	return l.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("UPDATE mails SET state=? WHERE wave=? AND state=?", released, w.Number, waiting); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE waves SET finished=? WHERE number=?", micro(at), w.Number)
		return err
	})
}

// known tells which of some hashes a query of one column finds.
func (l *ledger) known(ctx context.Context, hashes [][]byte, query string, more ...any) (map[string]bool, error) {
	args := make([]any, 0, len(hashes)+len(more))
	for _, h := range hashes {
		args = append(args, h)
	}
	found, err := each(ctx, l, func(b *[]byte) []any { return []any{b} }, strings.Replace(query, "(?)", "("+marks(len(hashes))+")", 1), append(args, more...)...)
	set := make(map[string]bool, len(found))
	for _, one := range found {
		set[string(one)] = true
	}
	return set, err
}

const (
	recentIdentity = "SELECT identity FROM mails WHERE identity IN (?) AND state IN ('sending','sent','uncertain') AND at>=?"
	recentAddress  = "SELECT address FROM mails WHERE address IN (?) AND state IN ('sending','sent','uncertain') AND at>=?"
	noSuchAddress  = "SELECT m.address FROM mails m JOIN failures f ON f.mail=m.number WHERE m.address IN (?) AND f.unknown"
	askedForNoMore = "SELECT address FROM unsubscribed WHERE address IN (?)"
)

// mailByMessage finds a mail by its Message-ID, 0 when there is none.
func (l *ledger) mailByMessage(ctx context.Context, messageID string) (int64, error) {
	return l.one(ctx, "SELECT number FROM mails WHERE message_id=?", messageID)
}

// mailByAddress finds the last mail to an address that left after a time, 0 when there is none.
func (l *ledger) mailByAddress(ctx context.Context, address []byte, after time.Time) (int64, error) {
	return l.one(ctx, "SELECT number FROM mails WHERE address=? AND at>? AND state IN ('sent','uncertain') ORDER BY turn DESC LIMIT 1", address, micro(after))
}

func (l *ledger) one(ctx context.Context, query string, args ...any) (number int64, err error) {
	err = l.db.QueryRowContext(ctx, query, args...).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return number, err
}

// unsubscribe notes a wish for no more reminders, of an address that had one: strangers fill no table.
func (l *ledger) unsubscribe(ctx context.Context, address []byte, at time.Time) (fresh bool, err error) {
	err = l.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.Exec(`INSERT INTO unsubscribed (address, at) SELECT ?, ? WHERE EXISTS (SELECT 1 FROM mails WHERE address=?)
			ON CONFLICT (address) DO NOTHING`, address, micro(at), address)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		fresh = n > 0
		return err
	})
	return fresh, err
}
