package remind

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	_ "modernc.org/sqlite" // the driver

	"efpconnect.example/internal/email"
	"efpconnect.example/internal/importer/journal"
)

// LedgerFile is the ledger's name, beside the journal.
const LedgerFile = "remind.sqlite"

// synchronous full puts an intent on the disk before the relay hears of the mail, also when the machine goes down. A test of the
// campaign's arithmetic alone changes it.
var synchronous = "full"

// ErrNoLedger is returned where nothing was ever planned.
var ErrNoLedger = errors.New("aucune campagne n’a commencé dans ce dossier")

var (
	errBusy    = errors.New("un autre remind send travaille dans ce dossier : attendez sa fin, ou arrêtez-le")
	errForeign = errors.New(LedgerFile + " n’est pas un registre de rappels de cette version")
)

const (
	applicationID = 0x45465052 // "EFPR"
	version       = 1
)

// state is what became of a mail.
type state string

const (
	waiting      state = "waiting"
	sending      state = "sending"      // the intent is noted
	sent         state = "sent"         // the relay has it
	refused      state = "refused"      // by the relay, for good
	uncertain    state = "uncertain"    // the relay may have it: counts as sent
	released     state = "released"     // its domain stopped: free for a later wave
	chosen       state = "chosen"       // the person has chosen a password since the wave was fixed
	inactive     state = "inactive"     // the account was switched off since
	gone         state = "gone"         // removed since
	unsubscribed state = "unsubscribed" // asked for no more since
	unwritable   state = "unwritable"   // the account has no address that a mail can go to, any more
)

const schema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE waves (number INTEGER PRIMARY KEY, began INTEGER NOT NULL, finished INTEGER NOT NULL DEFAULT 0, waiting INTEGER NOT NULL);
CREATE TABLE mails (
	number INTEGER PRIMARY KEY, wave INTEGER NOT NULL, legacy_id TEXT NOT NULL, identity BLOB NOT NULL, touched INTEGER NOT NULL,
	domain TEXT NOT NULL, address BLOB NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', turn INTEGER NOT NULL DEFAULT 0,
	at INTEGER NOT NULL DEFAULT 0, message_id TEXT, tries INTEGER NOT NULL DEFAULT 0);
CREATE INDEX mails_wave ON mails (wave, state);
CREATE INDEX mails_identity ON mails (identity);
CREATE INDEX mails_address ON mails (address);
CREATE INDEX mails_message ON mails (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX mails_turn ON mails (turn) WHERE turn > 0;
CREATE TABLE failures (
	id INTEGER PRIMARY KEY AUTOINCREMENT, mail INTEGER NOT NULL UNIQUE, at INTEGER NOT NULL, returned INTEGER NOT NULL,
	code INTEGER NOT NULL, status TEXT NOT NULL, unknown INTEGER NOT NULL);
CREATE TABLE unsubscribed (address BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE stops (domain TEXT PRIMARY KEY, at INTEGER NOT NULL, failed INTEGER NOT NULL, of INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE resumed (domain TEXT PRIMARY KEY, turn INTEGER NOT NULL) WITHOUT ROWID;
`

// ledger remembers. One process sends at a time; others may read it, and note reports.
type ledger struct {
	db   *sql.DB
	key  []byte // of the addresses' hashes
	lock *flock.Flock
}

// openLedger opens the ledger beside a journal. create makes it when it is not there.
func openLedger(journalPath string, create bool) (*ledger, error) {
	path := filepath.Join(filepath.Dir(journalPath), LedgerFile)
	if err := journal.NoLinks(path); err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if !create {
			return nil, ErrNoLedger
		}
		// Made here so that it is never, even briefly, readable by others.
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, err
		}
		f.Close()
	} else if err != nil {
		return nil, err
	}
	pragmas := []string{"busy_timeout(10000)", "journal_mode(wal)", "synchronous(" + synchronous + ")", "secure_delete(1)", "temp_store(1)"}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	l := &ledger{db: db}
	if err := l.check(); err != nil {
		db.Close()
		return nil, fmt.Errorf("%s : %w", LedgerFile, err)
	}
	return l, nil
}

func (l *ledger) check() error {
	tx, err := l.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var application, found, tables int
	for query, into := range map[string]*int{"PRAGMA application_id": &application, "PRAGMA user_version": &found, "SELECT count(*) FROM sqlite_schema": &tables} {
		if err := tx.QueryRow(query).Scan(into); err != nil {
			return err
		}
	}
	if tables == 0 && application == 0 {
		if _, err := tx.Exec(schema + fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d;", applicationID, version)); err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO meta (key, value) VALUES ('key', ?)", []byte(rand.Text())); err != nil {
			return err
		}
	} else if application != applicationID || found != version {
		return errForeign
	}
	if err := tx.QueryRow("SELECT value FROM meta WHERE key='key'").Scan(&l.key); err != nil {
		return err
	}
	return tx.Commit()
}

// take makes this process the one that sends.
func (l *ledger) take(journalPath string) error {
	lock, err := journal.Lock(filepath.Join(filepath.Dir(journalPath), LedgerFile))
	if errors.Is(err, journal.ErrBusy) {
		return errBusy
	}
	l.lock = lock
	return err
}

func (l *ledger) close() error {
	err := l.db.Close()
	if l.lock != nil {
		err = errors.Join(err, l.lock.Unlock())
	}
	return err
}

// hash is an address as the ledger holds it.
func (l *ledger) hash(a email.Address) []byte {
	mac := hmac.New(sha256.New, l.key)
	mac.Write([]byte(a.Fold()))
	return mac.Sum(nil)[:16]
}

// order puts people in an order that says nothing about them, the same in every wave.
func (l *ledger) order(identity []byte) []byte {
	mac := hmac.New(sha256.New, l.key)
	mac.Write([]byte("order"))
	mac.Write(identity)
	return mac.Sum(nil)[:8]
}

// write runs f in one transaction. What the relay did is noted also while the program is being stopped.
func (l *ledger) write(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := l.db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func (l *ledger) exec(ctx context.Context, query string, args ...any) error {
	return l.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
}

// each gives f the rows of a query, read to their end first: there is one connection.
func each[T any](ctx context.Context, l *ledger, targets func(*T) []any, query string, args ...any) ([]T, error) {
	rows, err := l.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		var one T
		if err := rows.Scan(targets(&one)...); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

func micro(at time.Time) int64 { return at.UnixMicro() }
