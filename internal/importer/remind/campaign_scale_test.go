package remind

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wneessen/go-mail"
)

// clock is the time of a test: it passes when somebody sleeps.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.now = c.now.Add(d)
	return ctx.Err()
}

// world is the mail beyond the relay, over a whole campaign.
type world struct {
	t       *testing.T
	clock   *clock
	crowd   *crowd
	domain  func(n int) string
	maildir string

	got      map[int]int // mails by person
	times    map[string][]time.Time
	byDomain map[string]int
	failed   map[string]int
	crossed  map[string]int // the mail at which a domain passed the rule, by the test's own count
	window   map[string][]bool
}

func number(address string) int {
	var n int
	local, _, _ := strings.Cut(address, "@")
	if _, err := fmt.Sscanf(local, "p%d", &n); err != nil {
		panic(err)
	}
	return n
}

// note counts a mail to a domain by the rule's own words: more than 2 % of the last 500, 50 at least.
func (w *world) note(domain string, failed bool) {
	w.byDomain[domain]++
	row := append(w.window[domain], failed)
	row = row[max(0, len(row)-500):]
	w.window[domain] = row
	bad := 0
	for _, f := range row {
		if f {
			bad++
		}
	}
	if w.crossed[domain] == 0 && len(row) >= 50 && bad*50 > len(row) {
		w.crossed[domain] = w.byDomain[domain]
	}
}

// deliver is the relay: it refuses 3 % of refused.example; of returned.example 3 % come back.
func (w *world) deliver(m *mail.Msg) outcome {
	w.clock.now = w.clock.now.Add(2 * time.Millisecond) // what a mail takes
	to, err := m.GetRecipients()
	if err != nil {
		w.t.Fatal(err)
	}
	address := strings.Trim(to[0], "<>")
	n := number(address)
	domain := w.domain(n)
	w.times[domain] = append(w.times[domain], w.clock.now)
	w.crowd.mu.Lock()
	if w.crowd.reset[n] {
		w.t.Errorf("person %d has reset and gets a mail", n)
	}
	w.crowd.mu.Unlock()
	if n%53 == 7 { // meanwhile people come by themselves
		w.crowd.choose((n*31 + 5) % people)
	}
	bad := n%33 == 0
	if domain == "refused.example" && bad {
		w.note(domain, true)
		return outcome{answer: never, code: 550, status: "5.7.1"}
	}
	w.got[n]++
	w.note(domain, domain == "returned.example" && bad)
	if domain == "returned.example" && bad {
		w.failed[domain]++
		name := filepath.Join(w.maildir, "new", fmt.Sprintf("%d.p.host", n))
		if err := os.WriteFile(name, []byte(report(address, strings.Trim(m.GetMessageID(), "<>"), "5.1.1")), 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	return outcome{answer: taken}
}

// people of the campaign: EFP_TEST_PEOPLE=100000 makes it a whole one, of two and a half minutes.
var people = 20_000

// A campaign with the time of a test: the paces hold, the two bad domains stop soon and alone, everybody else is written to once, and
// nobody who has reset.
func TestCampaign(t *testing.T) {
	if testing.Short() {
		t.Skip("half a minute")
	}
	if n, err := strconv.Atoi(os.Getenv("EFP_TEST_PEOPLE")); err == nil {
		people = n
	}
	synchronous = "off" // what a disk takes is no subject here; kills are another test's
	t.Cleanup(func() { synchronous = "full" })
	domain := func(n int) string {
		switch n % 20 {
		case 0, 1, 2:
			return "refused.example"
		case 3, 4, 5:
			return "returned.example"
		case 6:
			return fmt.Sprintf("small%d.example", n%2000)
		}
		return fmt.Sprintf("big%d.example", n%20)
	}
	c, o := imported(t, people, func(n int) string { return fmt.Sprintf("p%d@%s", n, domain(n)) })
	w := &world{t: t, clock: &clock{time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)}, crowd: c, domain: domain, maildir: t.TempDir(), got: map[int]int{},
		times: map[string][]time.Time{}, byDomain: map[string]int{}, failed: map[string]int{}, crossed: map[string]int{}, window: map[string][]bool{}}
	for _, name := range []string{"new", "cur", "tmp"} {
		if err := os.Mkdir(filepath.Join(w.maildir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	o.Campaign = campaign(t, func(c *Campaign) {
		c.PerHour, c.TotalPerHour, c.Wave, c.Reports, c.Paces = 600, 20_000, people, w.maildir, map[string]int{"big7.example": 200}
	})
	o.Now, o.Sleep = w.clock.Now, w.clock.Sleep
	if err := o.send(t.Context(), w.deliver); err != nil {
		t.Fatal(err)
	}
	w.judge(o)
}

func (w *world) judge(o Options) {
	t := w.t
	for n := range people {
		d := w.domain(n)
		if stops := d == "refused.example" || d == "returned.example"; w.got[n] > 1 || w.got[n] == 0 && !stops && !w.crowd.reset[n] {
			t.Errorf("person %d at %s got %d mails", n, d, w.got[n])
		}
	}
	for d, times := range w.times {
		want := o.Campaign.PerHour
		if n := o.Campaign.Paces[d]; n > 0 {
			want = n
		}
		first := 0
		for i, at := range times {
			for at.Sub(times[first]) >= time.Hour {
				first++
			}
			if i-first+1 > want {
				t.Fatalf("%s: more than %d in an hour", d, want)
			}
		}
	}
	stopped := map[string]bool{}
	for _, v := range status(t, o).Stops {
		stopped[v.Domain] = true
		if over := w.byDomain[v.Domain] - w.crossed[v.Domain]; w.crossed[v.Domain] == 0 || over > 200 {
			t.Errorf("%s stopped after %d mails, %d of them since it passed the rule", v.Domain, w.byDomain[v.Domain], over)
		} else {
			t.Logf("%s stopped after %d mails, %d of them since it passed the rule", v.Domain, w.byDomain[v.Domain], over)
		}
	}
	if len(stopped) != 2 || !stopped["refused.example"] || !stopped["returned.example"] {
		t.Errorf("stopped: %v", stopped)
	}
	t.Logf("%d mails over %s, %d reset meanwhile", len(w.got), w.clock.now.Sub(time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)), len(w.crowd.reset))
}
