package journal

import (
	"context"
	"database/sql"
	"fmt"
)

const (
	scanRows   = 50     // rows of one INSERT
	scanCommit = 50_000 // rows of one transaction: bounds the write-ahead log
	scanWidth  = 10
)

// Row is what the scan keeps of one row of the source. A row that was rejected has Outcome Rejected, a Reason and no Digest.
type Row struct {
	Number   int64 // position in the source, from 1
	Line     int64
	LegacyID string
	Digest   []byte // profile.Person.Digest
	Shape    []byte // profile.Person.Shape
	Address  []byte // profile.Key
	Active   bool
	Outcome  Outcome
	Reason   string
	Column   string
}

// Scanner fills the table scan.
type Scanner struct {
	j       *Journal
	ctx     context.Context
	tx      *sql.Tx
	insert  *sql.Stmt
	pending []any
	inTx    int
}

// StartScan forgets the last scan and begins a new one. The caller Adds rows in order and then calls Finish, or Abort. The scan of the
// whole source is kept beside those of its corrected rows, which are partial.
func (j *Journal) StartScan(ctx context.Context, partial bool) (*Scanner, error) {
	err := j.write(ctx, func(tx *sql.Tx) error {
		var kept bool
		if err := tx.QueryRowContext(ctx, hasWhole).Scan(&kept); err != nil {
			return err
		}
		statements := scanTable
		switch {
		case !partial:
			statements = "DROP TABLE IF EXISTS whole;" + scanTable
		case !kept:
			statements = keepWhole + scanTable
		}
		_, err := tx.ExecContext(ctx, statements+"DELETE FROM meta WHERE key='"+scannedKey+"';")
		return err
	})
	if err != nil {
		return nil, err
	}
	return &Scanner{j: j, ctx: ctx}, nil
}

// scannedKey is the run whose source was read to its end.
const scannedKey = "scanned"

// SetScanned notes that the source of a run was read to its end and its duplicates are settled.
func (j *Journal) SetScanned(ctx context.Context, run Run) error {
	_, err := j.db.ExecContext(ctx, "INSERT OR REPLACE INTO meta VALUES (?,?)", scannedKey, run.ID)
	return explain(err)
}

// Scanned tells whether the table scan is the whole source of a run: before that it holds an earlier run's rows, or a part.
func (j *Journal) Scanned(run Run) (bool, error) {
	id, err := j.meta(scannedKey)
	return id == run.ID, err
}

const scanInsert = "INSERT INTO scan (row,line,legacy_id,digest,shape,address,active,outcome,reason,column_name) VALUES "

// Add writes a row.
func (s *Scanner) Add(r Row) error {
	s.pending = append(s.pending, r.Number, r.Line, orNull(r.LegacyID), r.Digest, r.Shape, r.Address, r.Active, int(r.Outcome), orNull(r.Reason), orNull(r.Column))
	if len(s.pending) < scanRows*scanWidth {
		return nil
	}
	if s.tx == nil {
		if err := s.begin(); err != nil {
			return err
		}
	}
	if _, err := s.insert.ExecContext(s.ctx, s.pending...); err != nil {
		return explain(err)
	}
	s.pending = s.pending[:0]
	if s.inTx += scanRows; s.inTx >= scanCommit {
		return s.commit()
	}
	return nil
}

func (s *Scanner) begin() (err error) {
	if s.tx, err = s.j.db.BeginTx(s.ctx, nil); err != nil {
		return explain(err)
	}
	s.insert, err = s.tx.PrepareContext(s.ctx, scanInsert+placeholders(scanRows, scanWidth))
	s.inTx = 0
	return explain(err)
}

func (s *Scanner) commit() error {
	tx := s.tx
	s.tx = nil
	return explain(tx.Commit())
}

// Abort ends a scan that failed. The table is left as it is: the next scan drops it.
func (s *Scanner) Abort() {
	if s.tx != nil {
		s.tx.Rollback()
	}
}

// Finish writes what is left and the indexes. They come last: sorting once is faster than inserting in the middle.
func (s *Scanner) Finish() error {
	if s.tx != nil {
		if err := s.commit(); err != nil {
			return err
		}
	}
	return s.j.write(s.ctx, func(tx *sql.Tx) error {
		if rows := len(s.pending) / scanWidth; rows > 0 {
			if _, err := tx.ExecContext(s.ctx, scanInsert+placeholders(rows, scanWidth), s.pending...); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(s.ctx, `
			CREATE INDEX scan_address ON scan (address) WHERE address IS NOT NULL;
			CREATE INDEX scan_legacy ON scan (legacy_id) WHERE legacy_id IS NOT NULL;`)
		return err
	})
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Duplicates rejects rows that repeat a legacy id, and settles rows that share an address. keep is "" to set them all apart,
// "first", or "last-active". A row whose account exists already is the one that stays; of a repeated id, the row that the account
// was made of, or an export in another order would give the account to somebody else.
func (j *Journal) Duplicates(ctx context.Context, keep, codeID, codeAddress, codeSuperseded string) error {
	order, code := "s.row", codeSuperseded
	switch keep {
	case "last-active":
		order = "s.active DESC, s.row DESC"
	case "":
		code = codeAddress
	}
	return j.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `WITH repeated AS (
				SELECT s.row, row_number() OVER (PARTITION BY s.legacy_id ORDER BY a.digest IS s.digest DESC, s.row) AS rank
				FROM scan s LEFT JOIN accounts a ON a.legacy_id=s.legacy_id AND a.state<>?
				WHERE s.outcome=? AND s.legacy_id IN (SELECT legacy_id FROM scan WHERE legacy_id IS NOT NULL GROUP BY legacy_id HAVING count(*)>1))
			UPDATE scan SET outcome=?, reason=? WHERE row IN (SELECT row FROM repeated WHERE rank>1)`,
			StateUndone, Pending, Rejected, codeID)
		if err != nil {
			return err
		}
		// rank 1 stays, unless all are set apart and none exists yet.
		_, err = tx.ExecContext(ctx, fmt.Sprintf(`WITH shared AS (
				SELECT s.row, a.legacy_id IS NOT NULL AS there, count(*) OVER (PARTITION BY s.address) AS many,
					row_number() OVER (PARTITION BY s.address ORDER BY a.legacy_id IS NOT NULL DESC, %s) AS rank
				FROM scan s LEFT JOIN accounts a ON a.legacy_id=s.legacy_id AND a.state<>?
				WHERE s.outcome=? AND s.address IN (SELECT address FROM scan WHERE address IS NOT NULL GROUP BY address HAVING count(*)>1))
			UPDATE scan SET outcome=?, reason=? WHERE row IN
				(SELECT row FROM shared WHERE many>1 AND (rank>1 OR (?='' AND NOT there)))`, order),
			StateUndone, Pending, Conflict, code, keep)
		return err
	})
}

// Reimported rejects rows of a corrected file whose legacy id is that of another row of the whole source: that row made the account, and this
// one would turn it into somebody else's.
func (j *Journal) Reimported(ctx context.Context, codeID string) error {
	return j.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE scan SET outcome=?, reason=? WHERE outcome=? AND legacy_id IN
			(SELECT legacy_id FROM whole WHERE legacy_id IS NOT NULL AND reason IS NULL AND outcome IN (?,?,?))`,
			Rejected, codeID, Pending, Created, Updated, Already)
		return err
	})
}

// Count is the balance of the current scan as the table has it, and how many rows are still to do.
func (j *Journal) Count(ctx context.Context) (b Balance, todo int, err error) {
	rows, err := j.db.QueryContext(ctx, "SELECT outcome, count(*) FROM scan GROUP BY outcome")
	if err != nil {
		return b, 0, explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var outcome Outcome
		var n int
		if err := rows.Scan(&outcome, &n); err != nil {
			return b, 0, explain(err)
		}
		b.Read += n
		if part := b.part(outcome); part != nil {
			*part += n
		} else {
			todo += n
		}
	}
	return b, todo, explain(rows.Err())
}

// part is the addend of an outcome; nil for pending ones.
func (b *Balance) part(o Outcome) *int {
	switch o {
	case Created:
		return &b.Created
	case Updated:
		return &b.Updated
	case Already:
		return &b.Already
	case Conflict:
		return &b.Conflict
	case Rejected:
		return &b.Rejected
	case Failed:
		return &b.Failed
	}
	return nil
}

// Reason is how many rows have an outcome for a reason.
type Reason struct {
	Outcome Outcome `json:"outcome"`
	Code    string  `json:"code"`
	Column  string  `json:"column"`
	Count   int     `json:"count"`
}

// Reasons counts the rows that have a reason, the most frequent first.
func (j *Journal) Reasons(ctx context.Context) ([]Reason, error) { return j.reasons(ctx, "scan") }

// WholeReasons are the Reasons of the last scan of the whole source, when corrected rows have been scanned since.
func (j *Journal) WholeReasons(ctx context.Context) ([]Reason, error) {
	var kept bool
	if err := j.db.QueryRowContext(ctx, hasWhole).Scan(&kept); err != nil {
		return nil, explain(err)
	}
	if !kept {
		return j.reasons(ctx, "scan")
	}
	return j.reasons(ctx, "whole")
}

func (j *Journal) reasons(ctx context.Context, table string) ([]Reason, error) {
	rows, err := j.db.QueryContext(ctx, `SELECT outcome, reason, coalesce(column_name,''), count(*) FROM `+table+`
		WHERE reason IS NOT NULL GROUP BY 1,2,3 ORDER BY 4 DESC, 2, 3`)
	if err != nil {
		return nil, explain(err)
	}
	all, err := collect(rows, func(r *Reason) []any { return []any{&r.Outcome, &r.Code, &r.Column, &r.Count} })
	if all == nil {
		all = []Reason{} // a list in JSON too
	}
	return all, err
}

// CountToUpdate is how many rows of the scan differ from their account.
func (j *Journal) CountToUpdate(ctx context.Context) (n int, err error) {
	err = j.db.QueryRowContext(ctx, "SELECT count(*) FROM scan WHERE outcome=?", ToUpdate).Scan(&n)
	return n, explain(err)
}

// CountDisappeared is how many accounts of earlier runs the scan does not hold.
func (j *Journal) CountDisappeared(ctx context.Context) (n int, err error) {
	err = j.db.QueryRowContext(ctx, `SELECT count(*) FROM accounts a
		WHERE state<>? AND NOT EXISTS (SELECT 1 FROM scan s WHERE s.legacy_id=a.legacy_id)`, StateUndone).Scan(&n)
	return n, explain(err)
}
