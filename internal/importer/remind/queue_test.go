package remind

import (
	"testing"
	"time"
)

// The pace of a domain holds in any hour, whatever the others do, and across a restart.
func TestPace(t *testing.T) {
	c := &Campaign{PerHour: 600, TotalPerHour: 2400, Paces: map[string]int{"slow.example": 60}}
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	var times = map[string][]time.Time{}
	q := newQueue(c)
	fill := func() {
		for n := range int64(3000) {
			q.add([]string{"slow.example", "a.example", "b.example", "c.example", "d.example", "e.example"}[n%6], n)
		}
	}
	fill()
	domains := func(n int64) string {
		return []string{"slow.example", "a.example", "b.example", "c.example", "d.example", "e.example"}[n%6]
	}
	for step := range 20000 {
		if step == 3000 { // a restart that knows the last times alone
			last := q
			q = newQueue(c)
			for domain, l := range last.domains {
				q.of(domain).last = l.last
			}
			q.last = last.last
			fill()
		}
		batch, wait, empty := q.due(now)
		if empty {
			break
		}
		if len(batch) == 0 {
			now = now.Add(wait)
			continue
		}
		for _, n := range batch {
			if ready := q.ready(q.of(domains(n))); ready.After(now) {
				now = ready
			}
			q.sent(domains(n), now)
			times[domains(n)] = append(times[domains(n)], now)
			times["all"] = append(times["all"], now)
		}
	}
	for domain, want := range map[string]int{"slow.example": 60, "a.example": 600, "e.example": 600, "all": 2400} {
		most, first := 0, 0
		for i, at := range times[domain] {
			for at.Sub(times[domain][first]) >= time.Hour {
				first++
			}
			most = max(most, i-first+1)
		}
		if most > want || most < want/2 {
			t.Errorf("%s: %d in an hour, the pace is %d", domain, most, want)
		}
	}
}
