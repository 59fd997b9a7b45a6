package journal

import (
	"context"
	"database/sql"
)

// TouchedUnknown is Account.Touched when the import brought an account up to date and the answer was lost.
const TouchedUnknown = -1

// Account is what the journal knows of a legacy account that is in Kratos.
type Account struct {
	LegacyID string
	Identity []byte
	Run      int
	State    int
	// Touched is when Kratos last wrote the account's credential for us, in microseconds since 1970. 0 when we made it and do not know
	// when: the credential is then as old as itself and about as old as the account. A later time means that somebody used the account.
	Touched int64
}

// Todo is a row of the scan that is to be sent.
type Todo struct {
	Number   int64
	Digest   []byte
	Outcome  Outcome // Pending: create; ToUpdate; ToAttach
	Identity []byte  // of ToUpdate and ToAttach
	Touched  int64
	// Saved is set when this run has brought the account up to date already, and the journal knows it: the run was interrupted, and
	// taken up with a newer export.
	Saved bool
}

// Todos returns the next rows of a run to send after a position, at most limit of them.
func (j *Journal) Todos(ctx context.Context, run Run, after int64, limit int) ([]Todo, error) {
	rows, err := j.db.QueryContext(ctx, `SELECT s.row, s.digest, s.outcome, s.identity,
			CASE WHEN s.outcome=? THEN coalesce(a.touched,0) ELSE 0 END, coalesce(a.updated=?,0)
		FROM scan s LEFT JOIN accounts a ON a.legacy_id=s.legacy_id
		WHERE s.row>? AND s.outcome IN (0,?,?) ORDER BY s.row LIMIT ?`, ToUpdate, run.Number, after, ToUpdate, ToAttach, limit)
	if err != nil {
		return nil, explain(err)
	}
	return collect(rows, func(t *Todo) []any { return []any{&t.Number, &t.Digest, &t.Outcome, &t.Identity, &t.Touched, &t.Saved} })
}

// Result is what became of a row that was sent.
type Result struct {
	Number   int64
	LegacyID string
	Digest   []byte
	Outcome  Outcome
	Reason   string
	Identity []byte
	Touched  int64
	Attempts int
	// Found is set when the account was there before this journal.
	Found bool
	// Attached is set when the account is its person's own, and carries our mark.
	Attached bool
}

// Save writes the results of a batch in one transaction.
func (j *Journal) Save(ctx context.Context, run Run, results []Result) error {
	return j.write(ctx, func(tx *sql.Tx) error {
		scan, err := tx.PrepareContext(ctx, "UPDATE scan SET outcome=?, reason=?, attempts=attempts+? WHERE row=?")
		if err != nil {
			return err
		}
		account, err := tx.PrepareContext(ctx, `INSERT INTO accounts (legacy_id, identity, digest, state, run, touched, updated) VALUES (?,?,?,?,?,?,?)
			ON CONFLICT (legacy_id) DO UPDATE SET identity=excluded.identity, digest=excluded.digest, touched=excluded.touched, updated=excluded.updated,
				state=CASE WHEN accounts.state=? THEN excluded.state ELSE accounts.state END,
				run=CASE WHEN accounts.state=? THEN excluded.run ELSE accounts.run END`)
		if err != nil {
			return err
		}
		for _, r := range results {
			if _, err := scan.ExecContext(ctx, int(r.Outcome), orNull(r.Reason), r.Attempts, r.Number); err != nil {
				return err
			}
			if r.Identity == nil || (r.Outcome != Created && r.Outcome != Updated && r.Outcome != Already) || r.Reason != "" {
				continue
			}
			state := StateThere
			switch {
			case r.Attached:
				state = StateAttached
			case r.Found:
				state = StateFound
			}
			updated := 0
			if r.Outcome == Updated {
				updated = run.Number
			}
			if _, err := account.ExecContext(ctx, r.LegacyID, r.Identity, r.Digest, state, run.Number, r.Touched, updated, StateUndone, StateUndone); err != nil {
				return err
			}
		}
		return nil
	})
}

// Accounts returns accounts by legacy id after a given one, at most limit.
func (j *Journal) Accounts(ctx context.Context, after string, limit int) ([]Account, error) {
	rows, err := j.db.QueryContext(ctx, `SELECT legacy_id, identity, run, state, touched FROM accounts
		WHERE legacy_id>? AND state<>? ORDER BY legacy_id LIMIT ?`, after, StateUndone, limit)
	if err != nil {
		return nil, explain(err)
	}
	return collect(rows, func(a *Account) []any { return []any{&a.LegacyID, &a.Identity, &a.Run, &a.State, &a.Touched} })
}

// TakeIn adds accounts that a run made or attached, and that the journal does not know.
func (j *Journal) TakeIn(ctx context.Context, accounts []Account) error {
	return j.write(ctx, func(tx *sql.Tx) error {
		for _, a := range accounts {
			_, err := tx.ExecContext(ctx, `INSERT INTO accounts (legacy_id, identity, state, run, touched) VALUES (?,?,?,?,?)
				ON CONFLICT (legacy_id) DO UPDATE SET identity=excluded.identity, digest=NULL, state=excluded.state, run=excluded.run, touched=excluded.touched
				WHERE accounts.state=? OR accounts.identity<>excluded.identity`, a.LegacyID, a.Identity, a.State, a.Run, a.Touched, StateUndone)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Undone notes that accounts were removed from Kratos, or that their mark was.
func (j *Journal) Undone(ctx context.Context, legacyIDs []string) error {
	return j.write(ctx, func(tx *sql.Tx) error {
		for _, id := range legacyIDs {
			if _, err := tx.ExecContext(ctx, "UPDATE accounts SET state=? WHERE legacy_id=?", StateUndone, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// Disappeared returns accounts of earlier runs that the current scan does not hold, by legacy id after a given one.
func (j *Journal) Disappeared(ctx context.Context, after string, limit int) ([]Account, error) {
	rows, err := j.db.QueryContext(ctx, `SELECT legacy_id, identity, run, state, touched FROM accounts a
		WHERE legacy_id>? AND state<>? AND NOT EXISTS (SELECT 1 FROM scan s WHERE s.legacy_id=a.legacy_id) ORDER BY legacy_id LIMIT ?`,
		after, StateUndone, limit)
	if err != nil {
		return nil, explain(err)
	}
	return collect(rows, func(a *Account) []any { return []any{&a.LegacyID, &a.Identity, &a.Run, &a.State, &a.Touched} })
}

// Remark is a row that somebody has to look at.
type Remark struct {
	Number  int64
	Line    int64
	Outcome Outcome
	Reason  string
	Column  string
}

// Remarks returns the rows with a reason after a position, at most limit.
func (j *Journal) Remarks(ctx context.Context, after int64, limit int) ([]Remark, error) {
	rows, err := j.db.QueryContext(ctx, `SELECT row, line, outcome, reason, coalesce(column_name,'') FROM scan
		WHERE row>? AND reason IS NOT NULL ORDER BY row LIMIT ?`, after, limit)
	if err != nil {
		return nil, explain(err)
	}
	return collect(rows, func(r *Remark) []any { return []any{&r.Number, &r.Line, &r.Outcome, &r.Reason, &r.Column} })
}

// CountAccounts is how many accounts the journal knows to be in Kratos, and how many were undone.
func (j *Journal) CountAccounts(ctx context.Context) (there, undone int, err error) {
	err = j.db.QueryRowContext(ctx, "SELECT count(*) FILTER (WHERE state<>?), count(*) FILTER (WHERE state=?) FROM accounts",
		StateUndone, StateUndone).Scan(&there, &undone)
	return there, undone, explain(err)
}

// Purge removes every legacy id, identity id and digest, and leaves the balances. It cannot be undone.
func (j *Journal) Purge(ctx context.Context) error {
	// VACUUM writes the file anew: nothing of the old pages stays in it.
	for _, statement := range []string{
		"DROP TABLE IF EXISTS whole", scanTable, "DELETE FROM accounts", "INSERT OR REPLACE INTO meta VALUES ('purged','1')", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)",
	} {
		if _, err := j.db.ExecContext(ctx, statement); err != nil {
			return explain(err)
		}
	}
	return nil
}

// Purged tells whether Purge was done.
func (j *Journal) Purged() (bool, error) {
	value, err := j.meta("purged")
	return value != "", err
}
