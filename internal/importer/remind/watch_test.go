package remind

import (
	"fmt"
	"testing"
)

// fed gives a watch mails in order, each failing or not, and returns the stops with the mail at which each came.
func fed(w *watch, n int, domain func(int) string, fails func(int) bool) map[string]int {
	stops := map[string]int{}
	for i := range n {
		if w.stopped[domain(i)] || w.stopped[whole] {
			continue
		}
		now := w.add(int64(i), domain(i))
		if fails(i) {
			now = append(now, w.fail(int64(i))...)
		}
		for _, v := range now {
			stops[v.Domain] = i
		}
	}
	return stops
}

func every(n int) func(int) bool { return func(i int) bool { return i%n == n-1 } }

func TestStopRule(t *testing.T) {
	alone := func(int) string { return "a.example" }
	tenth := func(i int) string { return fmt.Sprintf("d%d.example", i%10) }
	for _, c := range []struct {
		why    string
		n      int
		domain func(int) string
		fails  func(int) bool
		want   map[string]int
	}{
		{"2 % exactly, for ever", 5000, alone, every(50), map[string]int{}},
		{"all fail: nobody is judged by fewer than 50", 200, alone, every(1), map[string]int{"a.example": 49}},
		{"two of the first fifty", 200, alone, func(i int) bool { return i < 2 }, map[string]int{"a.example": 49}},
		{"one of the first fifty", 200, alone, func(i int) bool { return i < 1 }, map[string]int{}},
		{"two of fifty, the second as the fiftieth", 200, alone, func(i int) bool { return i == 3 || i == 49 }, map[string]int{"a.example": 49}},
		{"sound for long, then 4 %: the past is no credit", 5000, alone, func(i int) bool { return i >= 3000 && i%25 == 0 }, map[string]int{"a.example": 3250}},
		{"one domain of ten fails: it stops alone", 3000, tenth, func(i int) bool { return i%10 == 3 && i%100 == 3 }, map[string]int{"d3.example": 493}},
		{"each of ten fails a little: all stop, though no domain has fifty", 400, func(i int) string { return fmt.Sprintf("d%d.example", i) },
			func(i int) bool { return i%25 == 24 }, map[string]int{whole: 74}},
	} {
		w := newWatch()
		if got := fed(w, c.n, c.domain, c.fails); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: stops at %v, want %v", c.why, got, c.want)
		}
	}
}

// A report that comes days after its mail weighs what a prompt one does: it is the mails in a row around it that count.
func TestLateReports(t *testing.T) {
	w := newWatch()
	for i := range 5000 {
		w.add(int64(i), "a.example")
	}
	failed := 0
	for i := 1000; i < 1500; i += 40 {
		failed++
		if stops := w.fail(int64(i)); len(stops) > 0 {
			if failed != 11 {
				t.Errorf("stops at the %dth failure of 500 in a row: %v", failed, stops)
			}
			return
		}
	}
	t.Error("13 failures of 500 mails in a row, reported late, stop nothing")
}

// The same failures spread over all mails are within the rule.
func TestLateReportsSpread(t *testing.T) {
	w := newWatch()
	for i := range 5000 {
		w.add(int64(i), "a.example")
	}
	for i := 0; i < 5000; i += 60 {
		if stops := w.fail(int64(i)); len(stops) > 0 {
			t.Fatalf("1.7 %% stops at mail %d: %v", i, stops)
		}
	}
	if w.fail(0) != nil || w.fail(99999) != nil {
		t.Error("a failure told twice, or of no mail of ours, counts")
	}
}
