package remind

import (
	"fmt"
	"testing"
	"time"

	"efpconnect.example/internal/importer/adoption"
	"efpconnect.example/internal/kratos"
)

// Who came after a wave's mail and before another's counts for that wave; who came before any mail for none.
func TestAdoptionByWave(t *testing.T) {
	c, o := imported(t, 8, func(n int) string { return fmt.Sprintf("p%d@d.example", n) })
	relay := startRelay(t)
	clock := &clock{time.Date(2026, 11, 10, 9, 0, 0, 0, time.UTC)}
	o.Campaign.Relay, o.Now, o.Sleep = relay.url, clock.Now, clock.Sleep
	came := func(n int, at time.Time) {
		c.choose(n)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.when[n] = at
	}
	came(7, clock.now.AddDate(0, 0, -1)) // by itself, before anything
	for range 2 {
		if err := Send(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if clock.now.Day() < 20 {
			came(0, clock.now.AddDate(0, 0, 2))
			came(1, clock.now.AddDate(0, 0, 3))
		} else {
			came(2, clock.now.AddDate(0, 0, 1))
		}
		clock.now = clock.now.AddDate(0, 0, 15)
	}
	tally, err := OpenTally(t.Context(), o.Journal)
	if err != nil {
		t.Fatal(err)
	}
	defer tally.Close()
	o.setDefaults()
	w, err := o.begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	all, err := w.journal.Accounts(t.Context(), "", kratos.MaxIDs)
	if err != nil {
		t.Fatal(err)
	}
	found, err := adoption.Read(t.Context(), o.Kratos, all, source, w.pace)
	if err != nil {
		t.Fatal(err)
	}
	if err := adoption.Judge(t.Context(), o.Kratos, found, w.pace); err != nil {
		t.Fatal(err)
	}
	if err := tally.Add(t.Context(), found); err != nil {
		t.Fatal(err)
	}
	for i, want := range []WaveAdoption{{Waiting: 7, Sent: 7, Chosen: 2}, {Waiting: 5, Sent: 5, Chosen: 1}} {
		got := tally.Waves[i]
		if got.Waiting != want.Waiting || got.Sent != want.Sent || got.Chosen != want.Chosen {
			t.Errorf("wave %d: %+v, want %+v", i+1, got, want)
		}
	}
	empty, err := OpenTally(t.Context(), t.TempDir()+"/journal.sqlite")
	if err != nil || empty.Add(t.Context(), found) != nil || empty.Close() != nil || empty.Waves != nil {
		t.Errorf("a folder without a campaign: %+v, %v", empty, err)
	}
}
