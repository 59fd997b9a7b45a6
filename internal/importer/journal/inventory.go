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
	Digest                           []byte // of a row that would make this very account; nil when it cannot be told
}

// Mark notes a page of Kratos's accounts on the rows of the scan that they concern.
func (j *Journal) Mark(ctx context.Context, page []Seen) error {
	return j.write(ctx, func(tx *sql.Tx) error {
		mine, err := tx.PrepareContext(ctx, `UPDATE scan SET identity=?, stamp_run=?, stamp_updated=?, same=(digest=?) WHERE legacy_id=? AND outcome=0`)
		if err != nil {
			return err
		}
		holder, err := tx.PrepareContext(ctx, `UPDATE scan SET holder=? WHERE address=? AND outcome=0`)
		if err != nil {
			return err
		}
		for _, seen := range page {
			if seen.LegacyID != "" {
				if _, err := mine.ExecContext(ctx, seen.Identity, seen.StampRun, seen.StampUpdated, seen.Digest, seen.LegacyID); err != nil {
					return err
				}
			}
			for _, address := range seen.Addresses {
				if _, err := holder.ExecContext(ctx, seen.Identity, address); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Verdicts are the reason codes that Judge writes.
type Verdicts struct{ Taken, NewTaken, Gone string }

// Judge gives its outcome to each pending row that Mark has said enough about. What stays Pending is to be created, what becomes
// ToUpdate differs from its account.
func (j *Journal) Judge(ctx context.Context, run Run, v Verdicts) error {
	steps := []struct {
		query string
		args  []any
	}{
		{`UPDATE scan SET outcome=?, reason=? WHERE outcome=0 AND identity IS NOT NULL AND holder IS NOT NULL AND holder<>identity`,
			[]any{Conflict, v.NewTaken}},
		{`UPDATE scan SET outcome=?, reason=? WHERE outcome=0 AND identity IS NULL AND holder IS NOT NULL`,
			[]any{Conflict, v.Taken}},
		// Made by this journal, and not in Kratos any more: somebody removed it.
		{`UPDATE scan SET outcome=?, reason=? WHERE outcome=0 AND identity IS NULL
			AND EXISTS (SELECT 1 FROM accounts a WHERE a.legacy_id=scan.legacy_id AND a.state<>?)`,
			[]any{Conflict, v.Gone, StateUndone}},
		// Neither the row since its import, nor the account since.
		{`UPDATE scan SET outcome=CASE WHEN stamp_updated=? THEN ? WHEN stamp_run=? THEN ? ELSE ? END
			WHERE outcome=0 AND identity IS NOT NULL AND (same=1 OR digest=(SELECT a.digest FROM accounts a WHERE a.legacy_id=scan.legacy_id))`,
			[]any{run.ID, Updated, run.ID, Created, Already}},
		{`UPDATE scan SET outcome=? WHERE outcome=0 AND identity IS NOT NULL`, []any{ToUpdate}},
		// A journal that was lost, or that missed Kratos's last answers, learns of the accounts here.
		{`INSERT INTO accounts (legacy_id, identity, digest, state, run, touched)
			SELECT s.legacy_id, s.identity, CASE WHEN s.outcome=? THEN NULL ELSE s.digest END,
				CASE WHEN r.number IS NULL THEN ? ELSE ? END, coalesce(r.number, ?),
				CASE WHEN s.stamp_updated<>'' THEN ? ELSE 0 END
			FROM scan s LEFT JOIN runs r ON r.id=s.stamp_run
			WHERE s.identity IS NOT NULL AND s.outcome IN (?,?,?,?)
				AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.legacy_id=s.legacy_id AND a.state<>? AND a.identity=s.identity)
			ON CONFLICT (legacy_id) DO UPDATE SET identity=excluded.identity, digest=excluded.digest, state=excluded.state, run=excluded.run, touched=excluded.touched`,
			[]any{ToUpdate, StateFound, StateThere, run.Number, TouchedUnknown, Created, Updated, Already, ToUpdate, StateUndone}},
		// An update whose answer was lost: Kratos has it, the journal has it now.
		{`UPDATE accounts SET digest=(SELECT s.digest FROM scan s WHERE s.legacy_id=accounts.legacy_id AND s.outcome=?), touched=?
			WHERE legacy_id IN (SELECT s.legacy_id FROM scan s WHERE s.outcome=? AND s.digest IS NOT accounts.digest)`,
			[]any{Updated, TouchedUnknown, Updated}},
	}
	return j.write(ctx, func(tx *sql.Tx) error {
		for _, step := range steps {
			if _, err := tx.ExecContext(ctx, step.query, step.args...); err != nil {
				return err
			}
		}
		return nil
	})
}
