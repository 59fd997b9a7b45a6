package report

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/remind"
	"efpconnect.example/internal/testkit/chromiumtest"
)

// everything is a report in which every part of the page is drawn, with the longest that stands in it.
func everything() Page {
	start := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	balance := journal.Balance{Read: 200_000, Created: 180_000, Updated: 4000, Already: 9000, Conflict: 1500, Rejected: 5400, Failed: 100}
	p := Page{
		Source:   "mes-demarches",
		Made:     start.AddDate(0, 0, 10),
		Of:       journal.Run{Number: 1, Started: start},
		Balance:  balance,
		Accounts: 190_000,
		Undone:   3000,
		Runs: []journal.Run{
			{Number: 1, Started: start, Finished: start.Add(10 * time.Hour), Balance: balance},
			{Number: 2, Started: start.AddDate(0, 0, 1), Partial: true},
		},
		Reasons: []journal.Reason{
			{Outcome: journal.Rejected, Code: profile.CodeAddress, Column: "ADRESSE_ELECTRONIQUE_PROFESSIONNELLE_DE_LA_PERSONNE", Count: 5400},
			{Outcome: journal.Conflict, Code: profile.CodeDuplicateAddress, Column: "MAIL", Count: 1500},
			{Outcome: journal.Failed, Code: profile.CodeFailed, Count: 1},
		},
		Dropped: map[string]int{"CIVILITE": 116, "TELEPHONE": 176},
		Files:   []string{"rejected.csv", "conflicts.csv"},
		Adoption: &Adoption{Adopted: 92_000, Waiting: 96_000, Inactive: 1900, Gone: 100, Waves: []remind.WaveAdoption{
			{Number: 1, Began: start.AddDate(0, 0, 5), Waiting: 150_000, Sent: 99_000, Refused: 300, Returned: 700, Uncertain: 3, Chosen: 30_000},
			{Number: 2, Began: start.AddDate(0, 0, 8)},
		}},
	}
	for second := range 600 {
		p.Rates = append(p.Rates, journal.Rate{Second: second, Done: second * 330})
	}
	return p
}

// The page as a director sees it: it fits a telephone, is read aloud in order, and stands in both themes.
func TestInABrowser(t *testing.T) {
	text := written(t, everything())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(server.Close)
	b := chromiumtest.Start(t)
	for theme, option := range map[string]chromiumtest.Option{"light": chromiumtest.Light(), "dark": chromiumtest.Dark()} {
		for _, width := range []int64{320, 1366} {
			b.Look(option, chromiumtest.Viewport(width, 900))
			b.Open(server.URL)
			for _, violation := range b.Axe() {
				t.Errorf("%s, %d px: %s", theme, width, violation)
			}
			if out := b.Overflowing(); out != nil {
				t.Errorf("%s, %d px: sticks out: %q", theme, width, out)
			}
			b.Screenshot(fmt.Sprintf("report-%s-%d", theme, width))
		}
	}
}
