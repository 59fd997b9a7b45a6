package importer

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"efpconnect.example/internal/importer/journal"
)

// The operator hears of what moves at once, of what does not now and then, and of the end of a phase once. Rows that an earlier attempt
// settled make no speed.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all []Progress
		var mu sync.Mutex // the ticker's goroutine tells
		o := Options{Every: 2 * time.Second, Now: time.Now, Progress: func(s Progress) {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, s)
		}}
		heard := func() []Progress {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(all)
		}
		p := newProgress(&o)
		defer p.end()
		created := func(n int) []journal.Result {
			return slices.Repeat([]journal.Result{{Outcome: journal.Created}}, n)
		}
		p.begin(PhaseSend, 1000, journal.Balance{Read: 1000, Rejected: 400})
		time.Sleep(time.Second)
		p.settle(created(100))
		time.Sleep(2 * time.Second)
		told := heard()
		if len(told) != 1 || told[0].Done != 500 || told[0].Rate != 50 || told[0].Left != 10*time.Second || told[0].Balance.Created != 100 {
			t.Fatalf("after 100 of 600 rows in 2 s: %+v", told)
		}
		time.Sleep(7 * time.Second)
		if told = heard(); len(told) != 1 {
			t.Errorf("told %d times while nothing moved", len(told))
		}
		time.Sleep(4 * time.Second)
		if told = heard(); len(told) != 2 {
			t.Errorf("%d words in ten seconds of silence, want one", len(told)-1)
		}
		p.settle(created(500))
		p.begin(PhaseFiles, 0, journal.Balance{})
		told = heard()
		if last := told[len(told)-1]; len(told) != 3 || last.Phase != PhaseSend || last.Done != 1000 || last.Left != 0 {
			t.Errorf("the end of a phase: %+v", told)
		}
		p.end()
		before := len(heard())
		time.Sleep(time.Minute)
		if p.end(); len(heard()) != before {
			t.Error("told after the end")
		}
	})
}
