package journal

import (
	"context"
	"database/sql"
)

// Seen is what Kratos shows of one account, compared with the scan.
type Seen struct {
	Identity  []byte   // 16 bytes
	Addresses [][]byte // profile.Key of each
	// LegacyID, StampRun and StampUpdated come from the account's mark; LegacyID is "" when it carries none of this source.
	LegacyID, StampRun, StampUpdated string
	Attached                         bool   // by its mark: its person had made it
	Registered                       bool   // its person made it, and it carries no mark
	Digest                           []byte // Row.Shape of a row that would make this very account; nil when it cannot be told
}

// Mark notes a page of Kratos's accounts on the rows of the scan that they concern.
func (j *Journal) Mark(ctx context.Context, page []Seen) error {
	return j.write(ctx, func(tx *sql.Tx) error {
		const mine = "UPDATE scan SET identity=?, stamp_run=?, stamp_updated=?, stamp_attached=?, same=(shape=?)"
		own, err := tx.PrepareContext(ctx, mine+", holder=? WHERE legacy_id=? AND address=? AND outcome=0")
		if err != nil {
			return err
		}
		marked, err := tx.PrepareContext(ctx, mine+" WHERE legacy_id=? AND outcome=0")
		if err != nil {
			return err
		}
		holder, err := tx.PrepareContext(ctx, "UPDATE scan SET holder=?, holder_registered=? WHERE address=? AND outcome=0")
		if err != nil {
			return err
		}
		for _, seen := range page {
			stamp := []any{seen.Identity, seen.StampRun, seen.StampUpdated, seen.Attached, seen.Digest}
			if seen.LegacyID != "" && len(seen.Addresses) == 1 {
				// Nearly always: the account has the address of its row, and no other row that waits has it.
				found, err := changed(own.ExecContext(ctx, append(stamp, seen.Identity, seen.LegacyID, seen.Addresses[0])...))
				if found || err != nil {
					if err != nil {
						return err
					}
					continue
				}
			}
			if seen.LegacyID != "" {
				if _, err := marked.ExecContext(ctx, append(stamp, seen.LegacyID)...); err != nil {
					return err
				}
			}
			for _, address := range seen.Addresses {
				if _, err := holder.ExecContext(ctx, seen.Identity, seen.Registered, address); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// changed tells whether a statement changed a row.
func changed(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	rows, err := result.RowsAffected()
	return rows > 0, err
}

// Verdicts are the reason codes that Judge writes.
type Verdicts struct {
	Taken, NewTaken, Gone, Registered string
	Attach                            bool // rows of Registered become ToAttach instead
}

// judgeRows is how many rows one transaction judges: it bounds the write-ahead log, and progress is told after each.
const judgeRows = 20_000

// Judge gives its outcome to each pending row that Mark has said enough about. What stays Pending is to be created, what becomes
// ToUpdate differs from its account. told hears how many rows of how many have been judged.
func (j *Journal) Judge(ctx context.Context, run Run, v Verdicts, told func(done, total int)) error {
	var rows int
	if err := j.db.QueryRowContext(ctx, "SELECT coalesce(max(row),0) FROM scan").Scan(&rows); err != nil {
		return explain(err)
	}
	steps := judgeSteps(run, v)
	for first := 1; first <= rows; first += judgeRows {
		last := min(first+judgeRows-1, rows)
		err := j.write(ctx, func(tx *sql.Tx) error {
			for _, step := range steps {
				if _, err := tx.ExecContext(ctx, step.query, append(step.args, first, last)...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		told(last, rows)
	}
	return nil
}

type judgeStep struct {
	query string
	args  []any
}

// judgeSteps are Judge's statements, in order. Each ends with the range of rows that it judges, and looks at each row once: what it needs
// of another table it finds by a key.
func judgeSteps(run Run, v Verdicts) []judgeStep {
	const rows = " AND scan.row BETWEEN ? AND ?"
	return []judgeStep{
		{
			`UPDATE scan SET outcome=?, reason=? WHERE outcome=0 AND identity IS NOT NULL AND holder IS NOT NULL AND holder<>identity` + rows,
			[]any{Conflict, v.NewTaken},
		},
		{
			`UPDATE scan SET outcome=?, reason=? WHERE outcome=0 AND identity IS NULL AND holder IS NOT NULL AND NOT holder_registered` + rows,
			[]any{Conflict, v.Taken},
		},
		// Made by this journal, and not in Kratos any more: somebody removed it.
		{
			`UPDATE scan SET outcome=?, reason=? WHERE outcome=0 AND identity IS NULL
				AND EXISTS (SELECT 1 FROM accounts a WHERE a.legacy_id=scan.legacy_id AND a.state<>?)` + rows,
			[]any{Conflict, v.Gone, StateUndone},
		},
		registered(v, rows),
		// Neither the row since its import, nor the account since.
		{
			`UPDATE scan SET outcome=CASE WHEN stamp_updated=? THEN ? WHEN stamp_run=? THEN ? ELSE ? END
				WHERE outcome=0 AND identity IS NOT NULL
				AND (same=1 OR digest=(SELECT a.digest FROM accounts a WHERE a.legacy_id=scan.legacy_id))` + rows,
			[]any{run.ID, Updated, run.ID, Created, Already},
		},
		{
			`UPDATE scan SET outcome=? WHERE outcome=0 AND identity IS NOT NULL` + rows,
			[]any{ToUpdate},
		},
		// A journal that was lost, or that missed Kratos's last answers, learns of the accounts here.
		{
			`INSERT INTO accounts (legacy_id, identity, digest, state, run, touched)
				SELECT scan.legacy_id, scan.identity, CASE WHEN scan.outcome=? THEN NULL ELSE scan.digest END,
					CASE WHEN scan.stamp_attached THEN ? WHEN r.number IS NULL THEN ? ELSE ? END, coalesce(r.number, ?),
					CASE WHEN scan.stamp_updated<>'' THEN ? ELSE 0 END
				FROM scan LEFT JOIN runs r ON r.id=scan.stamp_run
				WHERE scan.identity IS NOT NULL AND scan.outcome IN (?,?,?,?)
					AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.legacy_id=scan.legacy_id AND a.state<>? AND a.identity=scan.identity)` + rows + `
				ON CONFLICT (legacy_id) DO UPDATE SET identity=excluded.identity, digest=excluded.digest, state=excluded.state,
					run=excluded.run, touched=excluded.touched`,
			[]any{ToUpdate, StateAttached, StateFound, StateThere, run.Number, TouchedUnknown, Created, Updated, Already, ToUpdate, StateUndone},
		},
		// An update whose answer was lost: Kratos has it, the journal has it now.
		{
			`UPDATE accounts SET digest=scan.digest, touched=? FROM scan
				WHERE accounts.legacy_id=scan.legacy_id AND scan.outcome=? AND scan.digest IS NOT accounts.digest` + rows,
			[]any{TouchedUnknown, Updated},
		},
	}
}

// registered settles the rows whose address is that of an account that its person made. Their legacy ids are unused: a row whose account
// is in Kratos, or was, is settled before.
func registered(v Verdicts, rows string) judgeStep {
	const theirs = " WHERE outcome=0 AND identity IS NULL AND holder_registered"
	if v.Attach {
		return judgeStep{"UPDATE scan SET outcome=?, identity=holder" + theirs + rows, []any{ToAttach}}
	}
	return judgeStep{"UPDATE scan SET outcome=?, reason=?" + theirs + rows, []any{Conflict, v.Registered}}
}
