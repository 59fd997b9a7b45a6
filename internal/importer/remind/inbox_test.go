package remind

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// read gives mails to the inbox as a mail server's pipe would, each by itself.
func read(t *testing.T, o Options, mails ...string) (sum Inbox) {
	t.Helper()
	for _, m := range mails {
		one, err := ReadReports(t.Context(), o.Journal, o.Campaign.Unsubscribe, "-", strings.NewReader(m))
		if err != nil {
			t.Fatal(err)
		}
		sum.Returned += one.Returned
		sum.Unsubscribed += one.Unsubscribed
		sum.Others += one.Others
	}
	return sum
}

func TestReports(t *testing.T) {
	o, relay, err := sendTo(t, 6, nil)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, m := range relay.taken() {
		ids[m.to] = header(m, "Message-ID")
	}
	const one, two, three = "p0@d0.example", "p1@d1.example", "p2@d2.example"
	if got := read(t, o, report(one, ids[one], "5.1.1"), report(one, ids[one], "5.1.1")); got != (Inbox{Returned: 1, Others: 1}) {
		t.Errorf("told twice: %+v", got)
	}
	if got := read(t, o, report(two, "forged@elsewhere.example", "5.1.1")); got != (Inbox{Others: 1}) {
		t.Errorf("of a mail that is not ours: %+v", got)
	}
	nameless := strings.Replace(report("P1@D1.example", "", "5.2.2"), "Message-ID: <>", "Subject: x", 1)
	if got := read(t, o, nameless); got != (Inbox{Returned: 1}) {
		t.Errorf("without the mail's headers: %+v", got)
	}
	if got := read(t, o, strings.Replace(report(three, ids[three], "4.4.1"), "Action: failed", "Action: delayed", 1)); got != (Inbox{Others: 1}) {
		t.Errorf("only late: %+v", got)
	}
	if w := status(t, o).Waves[0]; w.Returned != 2 || w.States["sent"] != 6 {
		t.Errorf("%+v", w)
	}
	// The next wave leaves out the address that does not exist, and writes to the box that was full.
	o.Now = func() time.Time { return time.Now().AddDate(0, 0, 20) }
	p, err := MakePlan(t.Context(), o)
	if err != nil || p.Unreachable != 1 || p.People != 5 {
		t.Errorf("%+v, %v", p, err)
	}
}

// Who writes to the address of List-Unsubscribe gets no more. A program that answers by itself wishes nothing.
func TestUnsubscribe(t *testing.T) {
	o, relay, err := sendTo(t, 6, nil)
	if err != nil {
		t.Fatal(err)
	}
	const to = "\nTo: <Desinscription@example.test>\n"
	for _, c := range []struct {
		why, mail string
		counts    bool
	}{
		{"a person's program", "From: Camille <P0@d0.example>" + to + "Subject: desinscription\n\n", true},
		{"a person's own words", "From: p1@d1.example" + to + "Subject: =?utf-8?q?Re:_Arr=C3=AAtez?=\n\nBonjour", true},
		{"an absence (RFC 3834)", "From: p2@d2.example" + to + "Auto-Submitted: auto-replied\nSubject: desinscription\n\n", false},
		{"an absence of old", "From: p2@d2.example" + to + "Precedence: auto_reply\nSubject: Absence\n\n", false},
		{"an absence that says so only to people", "From: p2@d2.example" + to + "Subject: =?utf-8?q?R=C3=A9ponse_automatique?=\n\n", false},
		{"not to that address", "From: p2@d2.example\nTo: no-reply@example.test\nSubject: desinscription\n\n", false},
		{"a stranger", "From: somebody@else.example" + to + "\n", false},
		{"two senders", "From: p2@d2.example, p3@d0.example" + to + "\n", false},
		{"no sender", to[1:] + "\n", false},
		{"no mail", "\x00\xff", false},
		{"through an alias", "From: p3@d0.example\nTo: liste@example.test\nDelivered-To: desinscription@example.test\nSubject: x\n\n", true},
	} {
		if got := read(t, o, c.mail); (got.Unsubscribed == 1) != c.counts {
			t.Errorf("%s: %+v", c.why, got)
		}
	}
	o.Now = func() time.Time { return time.Now().AddDate(0, 0, 20) }
	if p, err := MakePlan(t.Context(), o); err != nil || p.Unsubscribed != 3 || p.People != 3 {
		t.Errorf("%+v, %v", p, err)
	}
	if err := Send(t.Context(), o); err != nil || len(relay.taken()) != 9 {
		t.Errorf("%v: %d mails, want 6 and 3", err, len(relay.taken()))
	}
}

// A campaign that stopped says so, stays so, and goes on when the operator has said so; what failed before counts no more.
func TestStopAndResume(t *testing.T) {
	all := func(string) error { return smtpError(554, [3]int{5, 7, 1}, "no") }
	_, o := imported(t, 300, func(n int) string { return fmt.Sprintf("p%d@d%d.example", n, n) })
	relay := startRelay(t)
	relay.answer, o.Campaign.Relay = all, relay.url
	if err := Send(t.Context(), o); !errors.Is(err, ErrStopped) {
		t.Fatalf("%v", err)
	}
	s := status(t, o)
	if n := s.Waves[0].States["refused"]; n < 50 || n > 60 || len(s.Stops) != 1 || s.Stops[0].Domain != "" {
		t.Errorf("%d refused, stops %+v", n, s.Stops)
	}
	relay.does(nil, nil)
	if err := Send(t.Context(), o); !errors.Is(err, ErrStopped) || len(relay.taken()) != 0 {
		t.Errorf("it goes on by itself: %v", err)
	}
	if err := Resume(t.Context(), o.Journal, "d1.example"); err == nil {
		t.Error("a domain that did not stop is resumed")
	}
	if err := Resume(t.Context(), o.Journal, ""); err != nil {
		t.Fatal(err)
	}
	if err := Send(t.Context(), o); err != nil || len(relay.taken())+s.Waves[0].States["refused"] != 300 {
		t.Errorf("%v, %d mails", err, len(relay.taken()))
	}
}
