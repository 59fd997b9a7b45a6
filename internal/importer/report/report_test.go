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
		Source: "mes-demarches", Made: start, Of: journal.Run{Number: 1, Started: start}, Accounts: 12000, Balance: journal.Balance{Read: 12345, Created: 12000, Rejected: 300, Conflict: 45},
		Runs:     []journal.Run{{Number: 1, Started: start, Finished: start.Add(90 * time.Second), Balance: journal.Balance{Read: 12345}}},
		Reasons:  []journal.Reason{{Outcome: journal.Rejected, Code: profile.CodeAddress, Column: "<MAIL>", Count: 300}},
		Rates:    []journal.Rate{{Second: 0, Done: 0}, {Second: 30, Done: 6000}, {Second: 60, Done: 12000}},
		Adoption: &Adoption{Adopted: 3000, Waiting: 9000},
	}
	page := written(t, p)
	for _, want := range []string{"12\u202f345", "La somme est juste.", "25,0\u00a0%", profile.Sentence(profile.CodeAddress), "&lt;MAIL&gt;", "<svg", "200 lignes par seconde", "1\u00a0min 30\u00a0s", "Bilan du passage 1,", "12\u202f000 comptes",
		"Page faite le 24/11/2026 10:00 (heure de Paris)"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, foreign := range []string{"src=", "href=\"http", "href=\"/", "url(", "<script"} {
		if strings.Contains(page, foreign) {
			t.Errorf("the page needs something else: %s", foreign)
		}
	}
	if strings.Contains(page, "corrigées") {
		t.Error("corrected rows where there were none")
	}
	p.Runs = append(p.Runs, journal.Run{Number: 2, Started: start, Finished: start.Add(time.Second), Partial: true, Balance: journal.Balance{Read: 345, Updated: 340, Rejected: 5}})
	if page = written(t, p); !strings.Contains(page, "Bilan du passage 1,") || !strings.Contains(page, "12\u202f345") || !strings.Contains(page, "voir « Passages »") || !strings.Contains(page, ">340<") {
		t.Error("after corrected rows the balance of the whole is gone, or theirs is not there")
	}
	p.Todo, p.Adoption, p.Rates, p.Balance.Created = 100, nil, nil, 11900
	if page = written(t, p); !strings.Contains(page, "pas terminé") || strings.Contains(page, "<svg") || strings.Contains(page, "Adoption") {
		t.Error("an unfinished import without figures: wrong page")
	}
}

// A container's clock is UTC; who reads the report is not.
func TestDate(t *testing.T) {
	for want, at := range map[string]time.Time{
		"24/11/2026 10:00": time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), "15/07/2026 00:30": time.Date(2026, 7, 14, 22, 30, 0, 0, time.UTC),
	} {
		if got := Date(at); got != want {
			t.Errorf("%v is %s, not %s", at, got, want)
		}
	}
}

// The bars of the chart are means: together they make all the rows.
func TestSpeeds(t *testing.T) {
	for _, rates := range [][]journal.Rate{
		{{Second: 0, Done: 0}, {Second: 10, Done: 1000}},
		{{Second: 2, Done: 100}, {Second: 3, Done: 400}, {Second: 3, Done: 500}, {Second: 250, Done: 9000}},
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
	// A steady import draws a level, also where a bar has a second more than its neighbour.
	for _, bar := range (Page{Rates: []journal.Rate{{Second: 0, Done: 0}, {Second: 177, Done: 17700}}}).speeds() {
		if bar != 100 {
			t.Errorf("a bar of %v in a steady import of 100 a second", bar)
		}
	}
	// A night between a kill and the next morning is not the import's time.
	p := Page{Rates: []journal.Rate{{Second: 0, Done: 0}, {Second: 10, Done: 1000}, {Second: 50_000, Done: 1000}, {Second: 50_010, Done: 2000}}}
	if bars := p.speeds(); len(bars) != 21 || bars[0] != 100 || bars[20] != 100 || !strings.Contains(string(p.Chart()), ">21\u00a0s<") {
		t.Errorf("an interrupted run: %v", bars)
	}
	for _, none := range [][]journal.Rate{nil, {{Second: 1, Done: 1}}, {{Second: 1, Done: 1}, {Second: 1, Done: 5}}} {
		if (Page{Rates: none}).Chart() != "" {
			t.Errorf("%v makes a chart", none)
		}
	}
}

// After an undo the page says what is gone; values that were dropped are there by column; what to do next is said, most urgent first.
func TestAfterUndo(t *testing.T) {
	p := Page{
		Source: "s", Made: time.Now(), Of: journal.Run{Number: 1}, Balance: journal.Balance{Read: 320, Created: 300, Rejected: 20},
		Accounts: 4, Undone: 296, Dropped: map[string]int{"CIVILITE": 116, "TELEPHONE": 176}, Files: []string{"rejected.csv"},
		Reasons: []journal.Reason{{Outcome: journal.Rejected, Code: profile.CodeAddress, Column: "MAIL", Count: 20}},
	}
	page := written(t, p)
	for _, want := range []string{"296 comptes faits par cet import ont été retirés", "CIVILITE", ">116<", "TELEPHONE", ">176<", `href="rejected.csv"`,
		"Décider de la suite", "20 lignes rejetées", "width: 93.75%", "width: 100.00%"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "existe dans Kratos, fait par") || strings.Contains(page, "ZgotmplZ") {
		t.Error("the page says that what is gone is there, or a style was refused")
	}
	p.Undone, p.Balance, p.Reasons, p.Dropped = 0, journal.Balance{Read: 4, Created: 4}, nil, nil
	if page = written(t, p); strings.Contains(page, "retirés") || strings.Contains(page, "Valeurs omises") || !strings.Contains(page, "Rien : toutes") {
		t.Error("an import without remarks: wrong page")
	}
}
