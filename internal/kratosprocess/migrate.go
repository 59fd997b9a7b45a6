package kratosprocess

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite"
)

// migrate gives the options a database that this binary's Kratos can use.
func migrate(ctx context.Context, o *Options) error {
	if o.DSN != "" && o.DSN == o.Migrated {
		return nil
	}
	if o.DSN != "" {
		return runMigrations(ctx, *o, o.DSN)
	}
	file := filepath.Join(o.Dir, "kratos.sqlite")
	o.DSN = sqliteDSN(file)
	if _, err := os.Stat(file); err == nil { // a folder that is used again: keep its accounts
		return runMigrations(ctx, *o, o.DSN)
	}
	cached, err := migratedFile(o.Binary)
	if errors.Is(err, errNoModule) { // the demo, outside a checkout
		return runMigrations(ctx, *o, o.DSN)
	}
	if err != nil {
		return err
	}
	err = copyFile(cached, file)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := runMigrations(ctx, *o, o.DSN); err != nil {
		return err
	}
	if err := foldLog(ctx, file); err != nil {
		return err
	}
	return copyFile(file, cached)
}

// foldLog moves what Kratos has left in the write-ahead log into the file itself: a copy of the file alone would lack it.
func foldLog(ctx context.Context, file string) error {
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return err
	}
	var busy, logged, moved int
	err = db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &logged, &moved)
	if err == nil && busy != 0 {
		err = errors.New("the migrated database is in use")
	}
	return errors.Join(err, db.Close())
}

// sqliteDSN lets Kratos's requests and its courier write at once. A write-ahead log, so that who reads waits for nobody. No locks of
// Kratos's own (lock, of its library pop): a write outside a transaction holds pop's lock while it waits five seconds for SQLite's,
// which a transaction holds that waits for pop's. SQLite's lock from the start of each transaction (_txlock), because one that has
// read before another's write could not write any more. Nothing waits for the disk: no account here has to outlive the machine.
func sqliteDSN(file string) string {
	return "sqlite://" + file + "?_fk=true&lock=false&_txlock=immediate&_journal_mode=WAL&_synchronous=OFF"
}

// migratedFile names the empty, migrated SQLite file kept for a binary: migrating takes longer than all the rest of a start.
func migratedFile(binary string) (string, error) {
	dir, err := buildDir()
	if err != nil {
		return "", err
	}
	id, err := BinaryID(binary)
	return filepath.Join(dir, "kratos-"+id+".sqlite"), err
}

// BinaryID tells one build of Kratos from another: a rebuilt one may bring other migrations.
func BinaryID(binary string) (string, error) {
	info, err := os.Stat(binary)
	if err != nil {
		return "", err
	}
	id := sha256.Sum256(fmt.Appendf(nil, "%s %d %d", binary, info.Size(), info.ModTime().UnixNano()))
	return hex.EncodeToString(id[:8]), nil
}

// Migrate brings the database of o.DSN to what o.Binary's Kratos wants.
func Migrate(ctx context.Context, o Options) error {
	if err := o.setDefaults(); err != nil {
		return err
	}
	return runMigrations(ctx, o, o.DSN)
}

func runMigrations(ctx context.Context, o Options, dsn string) error {
	// v26.2.0 wants "up"; v1.3.1 takes what comes after "sql" for a DSN, and with -e does not read it.
	cmd := command(ctx, o, "migrate", "sql", "up", "-e", "--yes")
	cmd.Env = append(cmd.Env, "DSN="+dsn)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("kratos migrate sql: %w", err)
	}
	return nil
}

// copyFile appears under its name only when it is whole: several test binaries start at once.
func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(to), ".copy-*")
	if err != nil {
		return err
	}
	_, writeErr := f.Write(content)
	if err := errors.Join(writeErr, f.Close()); err != nil {
		os.Remove(f.Name())
		return err
	}
	return os.Rename(f.Name(), to)
}
