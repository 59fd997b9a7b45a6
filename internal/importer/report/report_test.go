package report

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/profile"
)

func written(t *testing.T, p Page) string {
	t.Helper()
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	if err := p.Write(w); err != nil {
		t.Fatal(err)
	}
	w.Flush()
	return b.String()
}

func TestPage(t *testing.T) {
	start := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	p := Page{
		Source: "mes-demarches", Made: start, Balance: journal.Balance{Read: 12345, Created: 12000, Rejected: 300, Conflict: 45},
		Runs:     []journal.Run{{Number: 1, Started: start, Finished: start.Add(90 * time.Second), Balance: journal.Balance{Read: 12345}}},
		Reasons:  []journal.Reason{{Outcome: journal.Rejected, Code: profile.CodeAddress, Column: "<MAIL>", Count: 300}},
		Rates:    []journal.Rate{{Second: 0, Done: 0}, {Second: 30, Done: 6000}, {Second: 60, Done: 12000}},
		Adoption: &Adoption{Adopted: 3000, Waiting: 9000},
	}
	page := written(t, p)
	for _, want := range []string{"12\u202f345", "La somme est juste.", "25,0\u00a0%", profile.Sentence(profile.CodeAddress), "&lt;MAIL&gt;", "<svg", "200 lignes par seconde", "1m30s"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, foreign := range []string{"src=", "href=", "url(", "<script"} {
		if strings.Contains(page, foreign) {
			t.Errorf("the page needs something else: %s", foreign)
		}
	}
	p.Todo, p.Adoption, p.Rates, p.Balance.Created = 100, nil, nil, 11900
	if page = written(t, p); !strings.Contains(page, "pas terminé") || strings.Contains(page, "<svg") || strings.Contains(page, "Adoption") {
		t.Error("an unfinished import without figures: wrong page")
	}
}

// The bars of the chart are means: together they make all the rows.
func TestSpeeds(t *testing.T) {
	for _, rates := range [][]journal.Rate{
		{{Second: 0, Done: 0}, {Second: 10, Done: 1000}},
		{{Second: 2, Done: 100}, {Second: 3, Done: 400}, {Second: 3, Done: 500}, {Second: 500, Done: 9000}},
	} {
		p := Page{Rates: rates}
		bars := p.speeds()
		total, span := 0.0, float64(rates[len(rates)-1].Second-rates[0].Second)
		for _, b := range bars {
			total += b * span / float64(len(bars))
		}
		if want := float64(rates[len(rates)-1].Done - rates[0].Done); total < want*0.95 || total > want*1.05 {
			t.Errorf("%v: bars make %.0f rows, want %.0f", rates, total, want)
		}
	}
	for _, none := range [][]journal.Rate{nil, {{Second: 1, Done: 1}}, {{Second: 1, Done: 1}, {Second: 1, Done: 5}}} {
		if (Page{Rates: none}).Chart() != "" {
			t.Errorf("%v makes a chart", none)
		}
	}
}
