package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func newJournal(t testing.TB) *Journal {
	t.Helper()
	j, err := Open(filepath.Join(t.TempDir(), "journal.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

// scan fills the table with rows; their numbers are set here.
func scan(t testing.TB, j *Journal, rows ...Row) { t.Helper(); scanPart(t, j, false, rows...) }

func scanPart(t testing.TB, j *Journal, partial bool, rows ...Row) {
	t.Helper()
	s, err := j.StartScan(t.Context(), partial)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		row.Number, row.Line = int64(i+1), int64(i+2)
		if err := s.Add(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Finish(); err != nil {
		t.Fatal(err)
	}
}

func row(id, address string, active bool) Row {
	return Row{LegacyID: id, Address: []byte(address), Digest: []byte("d" + id), Shape: []byte("d" + id), Active: active}
}

// outcomes are the rows' outcomes and reasons, in order.
func outcomes(t testing.TB, j *Journal) string {
	t.Helper()
	rows, err := j.db.Query("SELECT outcome, coalesce(reason,'') FROM scan ORDER BY row")
	if err != nil {
		t.Fatal(err)
	}
	type pair struct {
		o Outcome
		r string
	}
	all, err := collect(rows, func(p *pair) []any { return []any{&p.o, &p.r} })
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, p := range all {
		words = append(words, strings.TrimSuffix(p.o.String()+":"+p.r, ":"))
	}
	return strings.Join(words, " ")
}

func TestDuplicates(t *testing.T) {
	rows := []Row{row("1", "a", false), row("2", "b", true), row("3", "a", true), row("4", "a", false), row("2", "c", true), row("5", "d", true)}
	cases := map[string]string{
		"":            "conflict:address pending conflict:address conflict:address rejected:id pending",
		"first":       "pending pending conflict:other conflict:other rejected:id pending",
		"last-active": "conflict:other pending pending conflict:other rejected:id pending",
	}
	for keep, want := range cases {
		t.Run("keep "+keep, func(t *testing.T) {
			j := newJournal(t)
			scan(t, j, rows...)
			if err := j.Duplicates(t.Context(), keep, "id", "address", "other"); err != nil {
				t.Fatal(err)
			}
			if got := outcomes(t, j); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
	// A row whose account exists stays; who comes later with its address is the conflict.
	j := newJournal(t)
	run, err := j.Begin(t.Context(), "s", false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Save(t.Context(), run, []Result{{LegacyID: "4", Outcome: Created, Identity: []byte("i")}}); err != nil {
		t.Fatal(err)
	}
	scan(t, j, rows...)
	if err := j.Duplicates(t.Context(), "", "id", "address", "other"); err != nil {
		t.Fatal(err)
	}
	if got, want := outcomes(t, j), "conflict:address pending conflict:address pending rejected:id pending"; got != want {
		t.Errorf("with an account there:\ngot  %s\nwant %s", got, want)
	}
}

// Two people of one legacy id: the account stays that of the row that made it, in whatever order a later export has them.
func TestRepeatedID(t *testing.T) {
	j := newJournal(t)
	run, err := j.Begin(t.Context(), "s", false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	first, second := row("1", "a", true), row("1", "b", true)
	first.Digest, second.Digest = []byte("first"), []byte("second")
	if err := j.Save(t.Context(), run, []Result{{LegacyID: "1", Outcome: Created, Identity: []byte("i"), Digest: first.Digest}}); err != nil {
		t.Fatal(err)
	}
	scan(t, j, second, first)
	if err := j.Duplicates(t.Context(), "", "id", "address", "other"); err != nil {
		t.Fatal(err)
	}
	if got, want := outcomes(t, j), "rejected:id pending"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A row of a corrected file is not the account's whose legacy id it still has, when another row of the whole source made that
// account; of the rows that made none it may be any. The whole's reasons stay readable however many corrected files follow.
func TestReimported(t *testing.T) {
	j := newJournal(t)
	run, err := j.Begin(t.Context(), "s", false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	refused := row("1", "a", true)
	refused.Outcome, refused.Reason = Rejected, "address"
	kept := row("4", "d", true)
	scan(t, j, refused, row("1", "b", true), row("3", "c", true), kept)
	if err := j.Save(t.Context(), run, []Result{{Number: 2, LegacyID: "1", Outcome: Created, Identity: []byte("i")},
		{Number: 3, LegacyID: "3", Outcome: Conflict, Reason: "taken"}, {Number: 4, LegacyID: "4", Outcome: Already, Reason: "used", Identity: []byte("k")}}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		scanPart(t, j, true, row("1", "a", true), row("3", "cc", true), row("4", "dd", true), row("new", "e", true))
		if err := j.Reimported(t.Context(), "id"); err != nil {
			t.Fatal(err)
		}
		if got, want := outcomes(t, j), "rejected:id pending pending pending"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		reasons, err := j.WholeReasons(t.Context())
		if err != nil || len(reasons) != 3 || reasons[0].Code != "address" {
			t.Errorf("reasons of the whole: %v, %v", reasons, err)
		}
	}
	scan(t, j, row("1", "b", true))
	if reasons, err := j.WholeReasons(t.Context()); err != nil || len(reasons) != 0 {
		t.Errorf("a new whole: %v, %v", reasons, err)
	}
}

// What Kratos shows decides each row's sort, with a journal that knows and with one that was lost.
func TestJudge(t *testing.T) {
	verdicts := Verdicts{Taken: "taken", NewTaken: "new", Gone: "gone"}
	cases := []struct {
		why   string
		known *Result // what the journal has of row 1
		seen  []Seen
		want  string
	}{
		{"nothing there", nil, nil, "pending"},
		{"address of a stranger", nil, []Seen{{Identity: []byte("x"), Addresses: [][]byte{[]byte("a")}}}, "conflict:taken"},
		{"there before this journal", nil, []Seen{{Identity: []byte("i"), Addresses: [][]byte{[]byte("a")}, LegacyID: "1", StampRun: "older", Digest: []byte("d1")}}, "already_there"},
		{"made by this run, the answer was lost", nil, []Seen{{Identity: []byte("i"), Addresses: [][]byte{[]byte("a")}, LegacyID: "1", StampRun: "RUN", Digest: []byte("d1")}}, "created"},
		{"updated by this run, the answer was lost", nil,
			[]Seen{{Identity: []byte("i"), Addresses: [][]byte{[]byte("a")}, LegacyID: "1", StampRun: "older", StampUpdated: "RUN", Digest: []byte("d1")}}, "updated"},
		{"there and different", nil, []Seen{{Identity: []byte("i"), Addresses: [][]byte{[]byte("old")}, LegacyID: "1", StampRun: "older", Digest: []byte("dx")}}, "to_update"},
		{"there, cannot be compared, journal lost", nil, []Seen{{Identity: []byte("i"), Addresses: [][]byte{[]byte("a")}, LegacyID: "1", StampRun: "older"}}, "to_update"},
		{"there, the person changed it, the row is what it was", &Result{LegacyID: "1", Outcome: Created, Identity: []byte("i"), Digest: []byte("d1")},
			[]Seen{{Identity: []byte("i"), Addresses: [][]byte{[]byte("a")}, LegacyID: "1", StampRun: "older", Digest: []byte("dx")}}, "already_there"},
		{"new address is a stranger's", nil, []Seen{{Identity: []byte("i"), Addresses: [][]byte{[]byte("old")}, LegacyID: "1", Digest: []byte("dx")},
			{Identity: []byte("x"), Addresses: [][]byte{[]byte("a")}}}, "conflict:new"},
		{"somebody removed it", &Result{LegacyID: "1", Outcome: Created, Identity: []byte("i"), Digest: []byte("d1")}, nil, "conflict:gone"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			j := newJournal(t)
			run, err := j.Begin(t.Context(), "s", false, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if c.known != nil {
				if err := j.Save(t.Context(), run, []Result{*c.known}); err != nil {
					t.Fatal(err)
				}
			}
			scan(t, j, row("1", "a", true))
			for i := range c.seen {
				c.seen[i].StampRun = strings.Replace(c.seen[i].StampRun, "RUN", run.ID, 1)
				c.seen[i].StampUpdated = strings.Replace(c.seen[i].StampUpdated, "RUN", run.ID, 1)
			}
			if err := j.Mark(t.Context(), c.seen); err != nil {
				t.Fatal(err)
			}
			if err := j.Judge(t.Context(), run, verdicts, func(int, int) {}); err != nil {
				t.Fatal(err)
			}
			if got := outcomes(t, j); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			there, _, err := j.CountAccounts(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Contains("already_there created updated to_update conflict:gone", c.want); (there == 1) != want {
				t.Errorf("%d accounts in the journal after %s", there, c.want)
			}
		})
	}
}

// A run that did not finish is taken up; one that did is followed by the next.
func TestRuns(t *testing.T) {
	j := newJournal(t)
	now := time.Unix(1_700_000_000, 0)
	first, err := j.Begin(t.Context(), "s", false, now)
	if err != nil {
		t.Fatal(err)
	}
	again, err := j.Begin(t.Context(), "s", false, now.Add(time.Hour))
	if err != nil || again.ID != first.ID || !again.Started.Equal(first.Started) {
		t.Errorf("taken up: %+v, %v; want %+v", again, err, first)
	}
	if err := j.Finish(t.Context(), first, Balance{Read: 3, Created: 2}, now); err == nil {
		t.Error("a balance that is no sum was accepted")
	}
	if err := j.Finish(t.Context(), first, Balance{Read: 3, Created: 2, Rejected: 1}, now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	next, err := j.Begin(t.Context(), "s", false, now)
	if err != nil || next.Number != 2 || next.ID == first.ID {
		t.Errorf("after a finished run: %+v, %v", next, err)
	}
	if _, err := j.Begin(t.Context(), "other", false, now); err == nil {
		t.Error("one journal took two sources")
	}
}

// Files that are not a journal in good order are refused in words, and left as they are.
func TestRefused(t *testing.T) {
	whole := func() []byte {
		j := newJournal(t)
		rows := make([]Row, 3000)
		for i := range rows {
			rows[i] = row(fmt.Sprint("id", i), fmt.Sprint("a", i), true)
		}
		scan(t, j, rows...)
		if _, err := j.db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(fileOf(j))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}()
	broken := append([]byte(nil), whole...)
	for i := 20_000; i < 60_000; i++ {
		broken[i] = byte(i)
	}
	cases := map[string]struct {
		content []byte
		want    error
	}{
		"a CSV file":              {[]byte("id;nom\n1;a\n" + strings.Repeat("x", 5000)), ErrForeign},
		"pages written over":      {broken, ErrCorrupt},
		"cut in the middle":       {whole[:len(whole)/2], ErrCorrupt},
		"somebody else's SQLite":  {foreign(t), ErrForeign},
		"the header written over": {append([]byte("garbage garbage garbage"), whole[23:]...), ErrForeign},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal.sqlite")
			if err := os.WriteFile(path, c.content, 0o644); err != nil {
				t.Fatal(err)
			}
			if j, err := Open(path); !errors.Is(err, c.want) {
				if err == nil {
					j.Close()
				}
				t.Errorf("got %v, want %v", err, c.want)
			}
			after, err := os.ReadFile(path)
			if err != nil || string(after) != string(c.content) {
				t.Errorf("the file was touched (%v)", err)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
				t.Errorf("its mode was touched (%v)", err)
			}
		})
	}
}

func foreign(t *testing.T) []byte {
	path := filepath.Join(t.TempDir(), "other.sqlite")
	db, err := connect(path, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE precious (x)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// SQLite's own limit on the size of the file stands for a full disk: the same error on the same path.
func TestFull(t *testing.T) {
	j := newJournal(t)
	j.db.SetMaxOpenConns(1)
	if _, err := j.db.Exec("PRAGMA max_page_count=20"); err != nil {
		t.Fatal(err)
	}
	s, err := j.StartScan(t.Context(), false)
	for i := 0; err == nil && i < 100_000; i++ {
		r := row(fmt.Sprint("id", i), fmt.Sprint("address", i), true)
		r.Number = int64(i)
		err = s.Add(r)
	}
	if !errors.Is(err, ErrFull) {
		t.Fatalf("got %v, want ErrFull", err)
	}
	s.Abort()
}

// A file of any bytes gives a journal or a named error, never a panic.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("SQLite format 3\x00"), 100)
	f.Add([]byte{}, 0)
	base := func() []byte {
		path := filepath.Join(f.TempDir(), "journal.sqlite")
		j, err := Open(path)
		if err != nil {
			f.Fatal(err)
		}
		j.Close()
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		return text
	}()
	f.Fuzz(func(t *testing.T, patch []byte, at int) {
		content := append([]byte(nil), base...)
		if at < 0 {
			return
		}
		copy(content[at%len(content):], patch)
		path := filepath.Join(t.TempDir(), "journal.sqlite")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := OpenToRead(path)
		if err != nil {
			return
		}
		defer j.Close()
		j.Runs()
		j.Count(t.Context())
		j.Accounts(t.Context(), "", 10)
	})
}
