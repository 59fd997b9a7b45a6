package remind

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// wave sends one wave to a few people over a real relay, with the time of a test.
func sendTo(t *testing.T, people int, change func(*relayServer, *Options)) (Options, *relayServer, error) {
	t.Helper()
	_, o := imported(t, people, func(n int) string { return fmt.Sprintf("p%d@d%d.example", n, n%3) })
	relay := startRelay(t)
	c := &clock{time.Now()}
	o.Now, o.Sleep, o.GiveUp = c.Now, c.Sleep, time.Minute
	o.Campaign.Relay = relay.url
	if change != nil {
		change(relay, &o)
	}
	return o, relay, Send(t.Context(), o)
}

// What each answer of a relay means for the person, the wave and the operator.
func TestAnswers(t *testing.T) {
	const bad = "p1@d1.example"
	only := func(err error) func(string) error {
		return func(to string) error {
			if to == bad {
				return err
			}
			return nil
		}
	}
	for _, c := range []struct {
		why    string
		change func(*relayServer)
		states map[string]int
		err    error
	}{
		{"all is well", func(*relayServer) {}, map[string]int{"sent": 6}, nil},
		{"no such mailbox", func(r *relayServer) { r.answer = only(smtpError(550, [3]int{5, 1, 1}, "no")) }, map[string]int{"sent": 5, "refused": 1}, nil},
		{"refused after the text", func(r *relayServer) { r.end = only(smtpError(554, [3]int{5, 7, 1}, "no")) }, map[string]int{"sent": 5, "refused": 1}, nil},
		{"for now, at every try", func(r *relayServer) { r.answer = only(smtpError(450, [3]int{4, 2, 0}, "later")) }, map[string]int{"sent": 5, "refused": 1}, nil},
		{"for now, twice", func(r *relayServer) {
			tries := 0
			r.answer = func(to string) error {
				if tries++; to == bad && tries < 8 {
					return smtpError(451, [3]int{4, 3, 0}, "later")
				}
				return nil
			}
		}, map[string]int{"sent": 6}, nil},
		{"it hangs up where its answer should come", func(r *relayServer) { r.end = only(errCut) }, map[string]int{"sent": 5, "uncertain": 1}, nil},
		{"it always does", func(r *relayServer) { r.end = func(string) error { return errCut } }, map[string]int{"uncertain": 3, "waiting": 3}, ErrCut},
		{"it goes away for a while", func(r *relayServer) {
			tries := 0
			r.sender = func(string) error {
				if tries++; tries == 2 || tries == 3 {
					return smtpError(421, [3]int{4, 3, 2}, "bye")
				}
				return nil
			}
		}, map[string]int{"sent": 6}, nil},
		{"it refuses the sender", func(r *relayServer) {
			r.sender = func(string) error { return smtpError(550, [3]int{5, 7, 1}, "who are you") }
		},
			map[string]int{"waiting": 6}, ErrUnwelcome},
	} {
		o, relay, err := sendTo(t, 6, func(r *relayServer, _ *Options) { c.change(r) })
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v", c.why, err)
		}
		if got := status(t, o).Waves[0].States; fmt.Sprint(got) != fmt.Sprint(c.states) {
			t.Errorf("%s: %v, want %v", c.why, got, c.states)
		}
		twice := map[string]bool{}
		for _, m := range relay.taken() {
			if twice[m.to] && c.states["refused"] == 0 {
				t.Errorf("%s: %s got two", c.why, m.to)
			}
			twice[m.to] = true
		}
	}
}

// Nobody listens: the program waits, gives up, and the next call goes on.
func TestRelayIsAway(t *testing.T) {
	o, relay, err := sendTo(t, 3, func(_ *relayServer, o *Options) { o.Campaign.Relay = "smtp://127.0.0.1:1" })
	if !errors.Is(err, ErrRelay) || status(t, o).Waves[0].States["waiting"] != 3 {
		t.Fatalf("%v, %v", err, status(t, o).Waves[0].States)
	}
	o.Campaign.Relay = relay.url
	if err := Send(t.Context(), o); err != nil || len(relay.taken()) != 3 {
		t.Errorf("%v, %d mails", err, len(relay.taken()))
	}
	if s := status(t, o); len(s.Waves) != 1 || s.Waves[0].Finished.IsZero() {
		t.Errorf("%+v", s.Waves)
	}
}

// What a mail says of itself to programs.
func TestHeaders(t *testing.T) {
	o, relay, err := sendTo(t, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	mails := relay.taken()
	for name, want := range map[string]string{
		"List-Unsubscribe":         "mailto:desinscription@example.test?subject=desinscription",
		"Auto-Submitted":           "auto-generated",
		"X-Auto-Response-Suppress": "All",
		"To":                       mails[0].to,
	} {
		if got := header(mails[0], name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if a, b := header(mails[0], "Message-ID"), header(mails[1], "Message-ID"); a == b || !strings.HasSuffix(a, "@example.test") {
		t.Errorf("Message-IDs %q and %q", a, b)
	}
	// What differs from one person's mail to another's: the address, the Message-ID, boundaries. No link, nothing that tells who reads.
	plain := func(m received) string {
		text := strings.ReplaceAll(strings.ReplaceAll(m.text, m.to, "TO"), header(m, "Message-ID"), "ID")
		_, boundary, _ := strings.Cut(text, "boundary=")
		boundary, _, _ = strings.Cut(strings.TrimSpace(boundary), "\r\n")
		text = strings.ReplaceAll(text, strings.Trim(boundary, `"`), "BOUNDARY")
		from, to := strings.Index(text, "Date:"), 0
		if from >= 0 {
			to = from + strings.Index(text[from:], "\r\n")
			text = text[:from] + text[to:]
		}
		return text
	}
	if plain(mails[0]) != plain(mails[1]) {
		t.Errorf("two people's mails differ:\n%s\n%s", plain(mails[0]), plain(mails[1]))
	}
	if err := Send(t.Context(), o); !errors.Is(err, ErrNobody) {
		t.Errorf("the next wave writes again at once: %v", err)
	}
	o.Now = func() time.Time { return time.Now().AddDate(0, 0, 15) }
	if err := Send(t.Context(), o); err != nil || len(relay.taken()) != 4 {
		t.Errorf("after the campaign's days: %v, %d mails", err, len(relay.taken()))
	}
}

// An interruption ends after the mail under way; two programs do not send at once; a question that is not answered sends nothing.
func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	_, o := imported(t, 10, func(n int) string { return fmt.Sprintf("p%d@d.example", n) })
	relay := startRelay(t)
	o.Campaign.Relay = relay.url
	o.Confirm = func(p Plan) bool { return p.People != 10 }
	if err := Send(ctx, o); !errors.Is(err, ErrNoConsent) || len(relay.taken()) != 0 || len(status(t, o).Waves) != 0 {
		t.Fatalf("%v, %d mails", err, len(relay.taken()))
	}
	o.Confirm = nil
	relay.does(nil, func(string) error {
		if len(relay.taken()) == 4 {
			if err := Send(t.Context(), o); !errors.Is(err, errBusy) {
				t.Errorf("a second program: %v", err)
			}
			stop()
		}
		return nil
	})
	if err := Send(ctx, o); !errors.Is(err, context.Canceled) || status(t, o).Waves[0].States["sent"] != 4 {
		t.Errorf("%v, %v", err, status(t, o).Waves[0].States)
	}
	relay.does(nil, nil)
	p, err := MakePlan(t.Context(), o)
	if err != nil || !p.TakenUp || p.People != 6 || p.Wave != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	if err := Send(t.Context(), o); err != nil || len(relay.taken()) != 10 {
		t.Errorf("%v, %d mails", err, len(relay.taken()))
	}
}
