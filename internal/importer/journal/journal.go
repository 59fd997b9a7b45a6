// Package journal remembers what became of each legacy account, in one SQLite file that only its owner may read. It holds legacy ids,
// identity ids and digests, and no address or name. Called by the importer.
//
// Two tables carry the import. `scan` has a line for each row of the source as the current run read it, with its outcome;
// `accounts` has a line for each account that any run made or found, and outlives runs. Everything that Kratos answered is
// written in one transaction a batch. What was answered but not written when the process died is found again in Kratos, by the
// mark on each account (package legacy): Kratos decides, the journal remembers.
package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/gofrs/flock"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Why a journal cannot be opened or written. Each text tells the operator what to do.
var (
	ErrBusy    = errors.New("un autre import travaille sur ce journal : attendez sa fin, ou arrêtez-le")
	ErrCorrupt = errors.New("le journal est abîmé : rien n’a été touché ; repartez d’une sauvegarde, ou d’un journal neuf (les comptes déjà créés seront reconnus dans Kratos)")
	ErrForeign = errors.New("ce fichier n’est pas un journal d’import-accounts")
	ErrLink    = errors.New("un lien ou autre chose qu’un fichier : retirez-le, rien n’est écrit à travers")
	ErrAbsent  = errors.New("ce journal n’existe pas")
	ErrFull    = errors.New("plus de place pour écrire le journal : libérez de l’espace et relancez, rien n’est perdu")
	ErrPurged  = errors.New("les données de ce journal ont été purgées : il ne peut plus servir qu’au bilan")
)

const (
	applicationID = 0x45465049 // "EFPI"
	version       = 2
)

// upgrade makes a journal of version 1 one of version 2.
const upgrade = "BEGIN; ALTER TABLE accounts ADD COLUMN updated INTEGER NOT NULL DEFAULT 0; PRAGMA user_version=2; COMMIT"

// Journal is an open journal. Writes come from one goroutine at a time; reads may run beside them.
type Journal struct {
	db   *sql.DB
	lock *flock.Flock
}

const schema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
	number INTEGER PRIMARY KEY, id TEXT NOT NULL, source TEXT NOT NULL, started INTEGER NOT NULL, finished INTEGER,
	partial INTEGER NOT NULL DEFAULT 0, balance TEXT NOT NULL DEFAULT '');
CREATE TABLE rates (run INTEGER NOT NULL, second INTEGER NOT NULL, done INTEGER NOT NULL, PRIMARY KEY (run, second)) WITHOUT ROWID;
CREATE TABLE accounts (
	legacy_id TEXT PRIMARY KEY, identity BLOB, digest BLOB, state INTEGER NOT NULL, run INTEGER NOT NULL,
	touched INTEGER NOT NULL DEFAULT 0, updated INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
`

// scanTable is made anew by each run: dropping it is faster than emptying it.
const scanTable = `
DROP TABLE IF EXISTS scan;
CREATE TABLE scan (
	row INTEGER PRIMARY KEY, line INTEGER NOT NULL, legacy_id TEXT, digest BLOB, shape BLOB, address BLOB, active INTEGER NOT NULL,
	outcome INTEGER NOT NULL, reason TEXT, column_name TEXT, attempts INTEGER NOT NULL DEFAULT 0,
	identity BLOB, holder BLOB, holder_registered INTEGER, stamp_run TEXT, stamp_updated TEXT, stamp_attached INTEGER, same INTEGER);
`

// keepWhole puts the scan of the whole source aside, for the scans of its corrected rows.
const keepWhole = `
DROP INDEX IF EXISTS scan_address;
DROP INDEX IF EXISTS scan_legacy;
ALTER TABLE scan RENAME TO whole;
CREATE INDEX whole_legacy ON whole (legacy_id) WHERE legacy_id IS NOT NULL;
`

const hasWhole = "SELECT count(*) FROM sqlite_schema WHERE name='whole'"

// Open opens a journal to work on it, and makes it when it is not there. Only one process may at a time.
func Open(path string) (*Journal, error) {
	lock, err := Lock(path)
	if err != nil {
		return nil, err
	}
	j, err := open(path, true)
	if err != nil {
		lock.Unlock()
		return nil, err
	}
	j.lock = lock
	return j, nil
}

// Lock takes the place of the one process that may work on a journal, which need not exist. The caller Unlocks it.
func Lock(path string) (*flock.Flock, error) {
	if err := NoLinks(path); err != nil {
		return nil, err
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("verrou du journal : %w", err)
	}
	if !locked {
		return nil, ErrBusy
	}
	return lock, nil
}

// NoLinks refuses a database of which a part is a link, or a device: what SQLite writes would go where it leads.
func NoLinks(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal", ".lock"} {
		info, err := os.Lstat(path + suffix)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s : %w", path+suffix, ErrLink)
		}
	}
	return nil
}

// Busy tells whether a process works on the journal.
func Busy(path string) bool {
	lock, err := Lock(path)
	if err != nil {
		return errors.Is(err, ErrBusy)
	}
	lock.Unlock()
	return false
}

// OpenToRead opens an existing journal beside a process that may be at work on it.
func OpenToRead(path string) (*Journal, error) {
	if err := NoLinks(path); err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s : %w", path, ErrAbsent)
	}
	return open(path, false)
}

func open(path string, write bool) (*Journal, error) {
	info, err := os.Stat(path)
	if write && errors.Is(err, os.ErrNotExist) {
		// Made here so that it is never, even briefly, readable by others.
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, err
		}
		f.Close()
	} else if err != nil {
		return nil, err
	}
	if write && info != nil && info.Size() > 0 {
		// Looked at before anything is changed: it may be somebody else's file.
		if err := inspect(path); err != nil {
			return nil, err
		}
	}
	db, err := connect(path, write)
	if err != nil {
		return nil, err
	}
	j := &Journal{db: db}
	if err := j.check(write); err != nil {
		db.Close()
		return nil, explain(err)
	}
	if write {
		return j, os.Chmod(path, 0o600)
	}
	return j, nil
}

// inspect opens a file as a journal to read, and closes it.
func inspect(path string) error {
	j, err := open(path, false)
	if err != nil {
		return err
	}
	return j.db.Close()
}

func connect(path string, write bool) (*sql.DB, error) {
	// temp_store(1): sorts go to files, memory stays flat. secure_delete: what is removed is overwritten.
	pragmas := []string{"busy_timeout(10000)", "cache_size(-2000)", "temp_store(1)"}
	if write {
		// NORMAL: an outage of the machine may lose the last batches of the journal. Kratos has them, with their mark.
		pragmas = append(pragmas, "journal_mode(wal)", "synchronous(normal)", "secure_delete(1)")
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+url.Values{"_pragma": pragmas}.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(2)
	return db, nil
}

// check makes an empty file a journal and refuses what is not one.
func (j *Journal) check(write bool) error {
	var application, found, tables int
	for pragma, into := range map[string]*int{"application_id": &application, "user_version": &found} {
		if err := j.db.QueryRow("PRAGMA " + pragma).Scan(into); err != nil {
			return err
		}
	}
	if err := j.db.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	if tables == 0 && application == 0 {
		if !write {
			return ErrForeign
		}
		_, err := j.db.Exec("BEGIN;" + schema + scanTable + fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT", applicationID, version))
		return err
	}
	if application != applicationID || found < 1 || found > version {
		return ErrForeign
	}
	var result string
	if err := j.db.QueryRow("PRAGMA quick_check(1)").Scan(&result); err != nil {
		return err
	}
	if result != "ok" {
		return ErrCorrupt
	}
	if write && found < version {
		_, err := j.db.Exec(upgrade)
		return err
	}
	return nil
}

// Close lets another process work on the journal.
func (j *Journal) Close() error {
	err := j.db.Close()
	if j.lock != nil {
		err = errors.Join(err, j.lock.Unlock())
	}
	return err
}

// explain gives SQLite's errors the journal's names.
func explain(err error) error {
	var inner *sqlite.Error
	if !errors.As(err, &inner) {
		return err
	}
	switch inner.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%w (%w)", ErrCorrupt, err)
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w (%w)", ErrForeign, err)
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR:
		return fmt.Errorf("%w (%w)", ErrFull, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w (%w)", ErrBusy, err)
	}
	return err
}

// write runs f in one transaction.
func (j *Journal) write(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := j.db.BeginTx(ctx, nil)
	if err != nil {
		return explain(err)
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return explain(err)
	}
	return explain(tx.Commit())
}

func (j *Journal) meta(key string) (string, error) {
	var value string
	err := j.db.QueryRow("SELECT value FROM meta WHERE key=?", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, explain(err)
}

// placeholders is "(?,?),(?,?)": rows of width columns.
func placeholders(rows, width int) string {
	one := "(" + strings.TrimSuffix(strings.Repeat("?,", width), ",") + ")"
	return strings.TrimSuffix(strings.Repeat(one+",", rows), ",")
}

// Copy writes a consistent copy of a journal that another process may be at work on. Without a journal there is no copy.
func Copy(ctx context.Context, from, to string) error {
	j, err := OpenToRead(from)
	if errors.Is(err, ErrAbsent) {
		return nil
	}
	if err != nil {
		return err
	}
	defer j.Close()
	// The file is made first, so that it is never readable by others; VACUUM INTO takes an empty one.
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	f.Close()
	_, err = j.db.ExecContext(ctx, "VACUUM INTO ?", to)
	return explain(err)
}
