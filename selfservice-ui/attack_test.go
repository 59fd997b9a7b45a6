package ui_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/settings"
)

// What gets through when somebody means harm: docs/decisions/2026-11-24-guessing-a-code.md draws the sum.

var challengeInPage = regexp.MustCompile(`name="defi" value="([^"]+)"`)

func budget(name limit.Name) limit.Budget {
	for _, rule := range limit.Defaults() {
		if rule.Name == name {
			return rule.Budget
		}
	}
	panic(name)
}

// For 24 hours, from hundreds of client addresses, flows are opened, codes sent again and guessed, and logins tried for one
// address, as fast as the limits let it. Its owner, whose limits are all spent, finishes by the mail's button and logs in.
func TestADayAgainstOneAddress(t *testing.T) {
	const victim = "victime@example.test"
	a := attack(t, nil)
	a.account(victim)
	var holds []*hold
	mails, guesses, n := 0, 0, 0
	from := func() string { n++; return machine(n % 512) }
	for range 24 {
		for h := a.open(from(), victim); h != nil; h = a.open(from(), victim) {
			holds, mails = append(holds, h), mails+1
			a.mailed(victim, mails)
		}
		for _, h := range holds {
			a.site.Clock.Advance(time.Minute) // the pause between two mails of a flow
			if a.resend(from(), h) {
				mails++
				a.mailed(victim, mails)
			}
			for range limit.TriesPerFlow {
				if a.guess(from(), h, n) {
					guesses++
				}
			}
		}
		a.site.Clock.Advance(time.Hour - time.Duration(len(holds))*time.Minute - time.Second)
	}
	mailed, tried := budget(limit.MailEmail), budget(limit.CodeEmail)
	t.Logf("%d mails, %d codes judged by Kratos, %d flows, %d client addresses", mails, guesses, len(holds), min(n, 512))
	if most := mailed.Burst + mailed.Refill; mails > most || mails < mailed.Burst {
		t.Errorf("%d mails in 24 hours, want at most %d", mails, most)
	}
	if most := tried.Burst + tried.Refill; guesses > most || guesses < tried.Burst {
		t.Errorf("%d codes judged in 24 hours, want at most %d", guesses, most)
	}
	if got := len(a.site.Mailbox.To(victim)); got != mails {
		t.Errorf("%d mails came, %d were counted", got, mails)
	}
	for i := 0; a.login(from(), victim) != http.StatusTooManyRequests; i++ {
		if i > 100 {
			t.Fatal("logins have no end")
		}
	}
	ownerFinishes(t, a, victim, mails)
}

// ownerFinishes opens the last mail's button, goes the way to its end and logs in.
func ownerFinishes(t *testing.T, a *attacker, address string, mail int) {
	t.Helper()
	code, link, err := a.site.Code(address, mail)
	if err != nil {
		t.Fatal(err)
	}
	owner := a.site.NewBrowser()
	for _, step := range []func() error{
		func() error { return owner.Open(link) },
		func() error { return owner.Fill("code", code) }, func() error { return owner.Submit("Suivant") },
		func() error { return owner.Fill("mot-de-passe", "Nouveau-Platane-2026") }, func() error { return owner.Fill("confirmation", "Nouveau-Platane-2026") },
		func() error { return owner.Submit("Suivant") }, func() error { return owner.Submit("Terminer") },
		func() error { return owner.Fill("mot-de-passe", "Nouveau-Platane-2026") }, func() error { return owner.Submit("Je m’identifie avec") },
	} {
		if err := step(); err != nil {
			t.Fatalf("%v\n%d %s", err, owner.Status, owner.Text())
		}
	}
	if owner.URL.Path != "/services" {
		t.Errorf("the owner ended on %d %s:\n%s", owner.Status, owner.URL.Path, owner.Text())
	}
}

// A client address that the visitor writes himself is no new one; one machine gets what one machine may.
func TestForgedClientAddresses(t *testing.T) {
	a := attack(t, nil)
	accepted := 0
	for n := range 60 {
		forged := fmt.Sprintf("203.0.113.%d, %s, 198.51.100.9", n, machine(n))
		if a.send(forged, newJar(), "/reinitialisation", url.Values{"identifiant": {fmt.Sprintf("a%d@example.test", n)}}).status == http.StatusSeeOther {
			accepted++
		}
	}
	// A few more when the machine is slow: the budget is refilled meanwhile.
	if most := budget(limit.AskClient).Burst; accepted < most || accepted > most+5 {
		t.Errorf("%d requests of one client were accepted, want %d", accepted, most)
	}
}

// Three guesses at each of many addresses stay below every limit per address; the breaker sees them all together.
func TestSprayedCodes(t *testing.T) {
	for name, c := range map[string]struct{ floor, addresses int }{
		"as delivered": {limit.DefaultBreaker().Floor, 50}, "narrower by setting": {9, 5},
	} {
		t.Run(name, func(t *testing.T) { spray(t, c.floor, c.addresses) })
	}
}

func spray(t *testing.T, floor, addresses int) {
	a := attack(t, func(set *settings.Settings) { set.BreakerFloor = floor })
	unasked := 0
	for n := range addresses {
		address := fmt.Sprintf("cible%d@example.test", n)
		a.account(address)
		h := a.open(machine(n), address)
		if h == nil {
			t.Fatalf("flow %d was refused", n)
		}
		a.mailed(address, 1)
		for i := range limit.TriesPerFlow {
			if a.guess(machine(100+n), h, 3*n+i) {
				unasked++
			}
		}
	}
	if want := floor + 1; unasked != want {
		t.Errorf("%d codes were judged before a security code was asked for, want %d", unasked, want)
	}
	t.Logf("%d of %d codes judged without a security code", unasked, addresses*limit.TriesPerFlow)
}

// One answer, many senders: it opens one flow. The same for the answer of another form.
func TestReplayedSecurityCode(t *testing.T) {
	a := attack(t, func(set *settings.Settings) {
		set.ProtectReset, set.ProtectLogin = []string{"picture"}, []string{"picture"}
	})
	for form, want := range map[string]int{"/reinitialisation": 1, "/connexion": 0} {
		answer := a.solved(a.send(machine(0), newJar(), form, nil).page, url.Values{})
		opened := 0
		for n := range 50 {
			answer.Set("identifiant", fmt.Sprintf("r%d@example.test", n))
			if a.send(machine(n), newJar(), "/reinitialisation", answer).status == http.StatusSeeOther {
				opened++
			}
		}
		if opened != want {
			t.Errorf("an answer of %s opened %d flows, want %d", form, opened, want)
		}
	}
}

// Ten times as many keys as the memory takes: a spent limit stays spent, an open flow goes on to its end.
func TestFloodedMemory(t *testing.T) {
	const bound, victim = 100, "victime@example.test"
	a := attack(t, func(set *settings.Settings) { set.StoreMax, set.ProtectReset = bound, []string{"picture"} })
	a.account(victim)
	opened := a.solved(a.send(machine(0), newJar(), "/reinitialisation", nil).page, url.Values{"identifiant": {victim}})
	if got := a.send(machine(0), newJar(), "/reinitialisation", opened).status; got != http.StatusSeeOther {
		t.Fatalf("step 1: %d", got)
	}
	a.mailed(victim, 1)
	const question = "/securite/preuve/connexion" // costs the site nothing but a key
	spend := func() int {
		for range budget(limit.ProofClient).Burst {
			a.send("203.0.113.1", newJar(), question, nil)
		}
		return a.send("203.0.113.1", newJar(), question, nil).status
	}
	if got := spend(); got != http.StatusTooManyRequests {
		t.Fatalf("the limit is not spent: %d", got)
	}
	full := 0
	for n := range 10 * bound {
		// Twenty machines, or their own limits would end the flood of pages before the memory is full.
		if strings.Contains(a.send(machine(n%20), newJar(), "/reinitialisation", nil).page, "indisponible") {
			full++
		}
		a.send(machine(n), newJar(), question, nil)
	}
	if full < 8*bound {
		t.Errorf("%d of %d pages found the memory full: this was no flood", full, 10*bound)
	}
	if got := a.send("203.0.113.1", newJar(), question, nil).status; got != http.StatusTooManyRequests {
		t.Errorf("a spent limit after the flood: %d", got)
	}
	ownerFinishes(t, a, victim, 1)
}
