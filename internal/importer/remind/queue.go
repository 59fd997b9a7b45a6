package remind

import (
	"slices"
	"time"
)

// horizon is how far ahead a mail is taken. Its person is looked at alone, right before: looked at with others, who resets while
// their mails leave would still be written to.
const (
	horizon  = 2 * time.Second
	together = 1
)

// queue holds the mails of a wave that wait, by recipient domain, and knows when the next to each may leave. One goroutine uses it.
type queue struct {
	interval func(domain string) time.Duration
	total    time.Duration // between any two mails
	domains  map[string]*line
	last     time.Time
}

// line is the mails that wait for one domain.
type line struct {
	domain  string
	waiting []int64
	last    time.Time // of the last mail to it
	pause   time.Time // nothing before: the relay asked to wait
	delays  int       // in a row
}

func newQueue(c *Campaign) *queue {
	return &queue{interval: c.interval, total: time.Hour / time.Duration(c.TotalPerHour), domains: map[string]*line{}}
}

func (q *queue) of(domain string) *line {
	l := q.domains[domain]
	if l == nil {
		l = &line{domain: domain}
		q.domains[domain] = l
	}
	return l
}

func (q *queue) add(domain string, number int64) {
	l := q.of(domain)
	l.waiting = append(l.waiting, number)
}

// back puts a mail that did not leave first again.
func (q *queue) back(domain string, number int64) {
	l := q.of(domain)
	l.waiting = slices.Insert(l.waiting, 0, number)
}

// ready is when the next mail to a domain may leave.
func (q *queue) ready(l *line) time.Time {
	at := l.pause
	if !l.last.IsZero() && l.last.Add(q.interval(l.domain)).After(at) {
		at = l.last.Add(q.interval(l.domain))
	}
	if !q.last.IsZero() && q.last.Add(q.total).After(at) {
		at = q.last.Add(q.total)
	}
	return at
}

// sent notes that a mail leaves.
func (q *queue) sent(domain string, at time.Time) {
	q.of(domain).last, q.last = at, at
}

// delay makes a domain wait, longer each time in a row: 1, 2, 4 … minutes, an hour at most.
func (q *queue) delay(domain string, now time.Time) {
	l := q.of(domain)
	l.pause = now.Add(min(time.Minute<<min(l.delays, 6), time.Hour))
	l.delays++
}

// drop forgets the mails that wait for a domain.
func (q *queue) drop(domain string) { delete(q.domains, domain) }

// due takes the mails that may leave now or very soon, the first ready first. When there are none, wait is the time until there are;
// empty tells that nothing waits at all.
func (q *queue) due(now time.Time) (batch []int64, wait time.Duration, empty bool) {
	var lines []*line
	for _, l := range q.domains {
		if len(l.waiting) > 0 {
			lines = append(lines, l)
		}
	}
	if len(lines) == 0 {
		return nil, 0, true
	}
	slices.SortFunc(lines, func(a, b *line) int {
		if order := q.ready(a).Compare(q.ready(b)); order != 0 {
			return order
		}
		return len(b.waiting) - len(a.waiting)
	})
	room := min(together, 1+int(horizon/q.total))
	for _, l := range lines {
		ahead := now.Add(horizon).Sub(q.ready(l))
		if ahead < 0 || len(batch) >= room {
			break
		}
		n := min(len(l.waiting), room-len(batch), 1+int(min(ahead, horizon)/q.interval(l.domain)))
		batch = append(batch, l.waiting[:n]...)
		l.waiting = l.waiting[n:]
	}
	if len(batch) == 0 {
		wait = q.ready(lines[0]).Sub(now)
	}
	return batch, wait, false
}
