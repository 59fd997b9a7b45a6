package journal

import (
	"strings"
	"testing"
	"time"
)

// No statement of the second day walks a table for each row of another: at a million rows that is a night. SQLite says what it would do.
func TestJudgeIsLinear(t *testing.T) {
	j := newJournal(t)
	run, err := j.Begin(t.Context(), "s", false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	scan(t, j, row("1", "a", true))
	for _, step := range judgeSteps(run, Verdicts{}) {
		rows, err := j.db.Query("EXPLAIN QUERY PLAN "+step.query, append(step.args, 1, 2)...)
		if err != nil {
			t.Fatalf("%s: %v", step.query, err)
		}
		walks := 0 // of one table each, by a range of rows or whole
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			switch {
			case detail == "SCAN r": // the runs: a handful
			case strings.HasPrefix(detail, "SCAN"):
				t.Errorf("walks a whole table (%s):\n%s", detail, step.query)
			case strings.Contains(detail, "(rowid>? AND rowid<?)"):
				walks++
			case strings.HasPrefix(detail, "SEARCH") && !strings.Contains(detail, "=?"):
				t.Errorf("searches without a key (%s):\n%s", detail, step.query)
			}
		}
		rows.Close()
		if walks != 1 {
			t.Errorf("%d walks over the rows, want one:\n%s", walks, step.query)
		}
	}
}
