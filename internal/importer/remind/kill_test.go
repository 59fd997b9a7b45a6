package remind

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"efpconnect.example/internal/kratos"
)

// TestMain lets the test binary be the campaign that gets killed.
func TestMain(m *testing.M) {
	if spec := os.Getenv("EFP_REMIND_CHILD"); spec != "" {
		if err := child(strings.Split(spec, "|")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child sends: spec is adminURL|journal|relay.
func child(spec []string) error {
	admin, err := kratos.NewAdmin(spec[0], kratos.AdminOptions{})
	if err != nil {
		return err
	}
	c, err := ParseCampaign([]byte(campaignText))
	if err != nil {
		return err
	}
	c.Relay = spec[2]
	return Send(context.Background(), Options{Kratos: admin, Journal: spec[1], Campaign: c})
}

// The windows in which a campaign can die, as the relay sees them.
const (
	beforeMail  = "the recipient is named, the mail not yet sent"
	unanswered  = "the relay has the mail, and has not answered"
	afterAnswer = "the relay has answered; at any instant after"
	anyInstant  = "any instant"
)

// Twenty-four kills, each taken up again by the same command: nobody gets two mails, what a kill leaves open is listed, and nobody else is.
func TestKilled(t *testing.T) {
	const people = 600
	crowd, o := imported(t, people, func(n int) string { return fmt.Sprintf("p%d@d%d.example", n, n%7) })
	relay := startRelay(t)
	admin := crowd.url
	kills := 0
	for round := 0; ; round++ {
		var process atomic.Pointer[os.Process]
		var at atomic.Int64
		at.Store(int64(3 + round*5%17)) // the mail of this life at which it ends
		window := []string{beforeMail, unanswered, afterAnswer, anyInstant}[round%4]
		die := func() {
			for process.Load() == nil {
				time.Sleep(time.Millisecond)
			}
			_ = process.Load().Kill()
		}
		var answer, end func(string) error
		if round < 24 {
			answer = func(string) error {
				if at.Add(-1) == 0 && window == beforeMail {
					die()
				}
				return nil
			}
			end = func(string) error {
				if at.Load() != 0 {
					return nil
				}
				switch window {
				case unanswered:
					die()
				case afterAnswer:
					time.AfterFunc(time.Duration(round)*100*time.Microsecond, die)
				case anyInstant:
					time.AfterFunc(time.Duration(round*3)*time.Millisecond, die)
				}
				return nil
			}
		}
		relay.does(answer, end)
		command := exec.Command(os.Args[0])
		command.Env = append(os.Environ(), "EFP_REMIND_CHILD="+admin+"|"+o.Journal+"|"+relay.url)
		var said strings.Builder
		command.Stderr = &said
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		process.Store(command.Process)
		err := command.Wait()
		var ended *exec.ExitError
		if err == nil {
			break
		}
		if !errors.As(err, &ended) || ended.Exited() {
			t.Fatalf("round %d: %v %s", round, err, said.String())
		}
		kills++
	}
	if kills < 20 {
		t.Errorf("only %d kills", kills)
	}
	survived(t, o, relay, people, kills)
}

// survived compares what the relay has with what the ledger says.
func survived(t *testing.T, o Options, relay *relayServer, people, kills int) {
	t.Helper()
	byID := map[string]string{}
	for _, of := range []string{"sent", "uncertain"} {
		all, err := List(t.Context(), o.Journal, of)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range all {
			byID[one.MessageID] = of
		}
	}
	got, taken := map[string]int{}, map[string]int{}
	for _, m := range relay.taken() {
		if got[m.to]++; got[m.to] > 1 {
			t.Errorf("%s got %d mails", m.to, got[m.to])
		}
		of, known := byID[header(m, "Message-ID")]
		if !known {
			t.Errorf("the relay has a mail to %s that the ledger neither has sent nor lists", m.to)
		}
		taken[of]++
	}
	states := status(t, o).Waves[0].States
	if states["sent"] != taken["sent"] {
		t.Errorf("%d sent, the relay has %d of them", states["sent"], taken["sent"])
	}
	if states["uncertain"] > kills || states["sent"]+states["uncertain"] != people || len(status(t, o).Waves) != 1 {
		t.Errorf("%v after %d kills", states, kills)
	}
	t.Logf("%d kills: %v; of the uncertain the relay has %d", kills, states, taken["uncertain"])
}
