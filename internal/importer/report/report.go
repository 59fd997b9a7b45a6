// Package report draws the page that tells how an import went: one HTML file that needs nothing else, and that holds no personal data.
// Called by the importer.
package report

import (
	"bufio"
	_ "embed"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/remind"
)

// Page is what the report shows.
type Page struct {
	Source   string
	Made     time.Time
	Of       journal.Run // the one that Balance, Reasons and Rates are of: the last over the whole source
	Balance  journal.Balance
	Todo     int  // rows without an outcome: the run has not finished
	Reading  bool // the run has not read its source to the end
	Accounts int  // of this source in Kratos, as the journal has it
	Undone   int  // removed from Kratos by undo since
	Purged   bool
	Runs     []journal.Run
	Reasons  []journal.Reason // the most frequent first
	Dropped  map[string]int   // values that accounts do without, by column
	Files    []string         // beside the page: rows that somebody has to look at
	Rates    []journal.Rate
	Adoption *Adoption // nil when Kratos was not asked
}

// Adoption is what became of the imported people since.
type Adoption struct {
	Adopted  int `json:"adopted"`  // have set a password
	Waiting  int `json:"waiting"`  // have not yet
	Inactive int `json:"inactive"` // cannot
	Gone     int `json:"gone"`     // the account is no longer in Kratos
	// Waves are those of the reminders, if any were sent.
	Waves []remind.WaveAdoption `json:"waves,omitempty"`
}

// Percent is the share of those who can set a password and have.
func (a Adoption) Percent() string { return percent(a.Adopted, a.People()) }

// People are those who can set a password, whether they have or not.
func (a Adoption) People() int { return a.Adopted + a.Waiting }

// percent is a share as French writes it.
func percent(part, of int) string {
	if of == 0 {
		return "–"
	}
	return strings.Replace(fmt.Sprintf("%.1f\u00a0%%", 100*float64(part)/float64(of)), ".", ",", 1)
}

//go:embed report.html
var text string

var page = template.Must(template.New("report").Funcs(template.FuncMap{
	"number":   Number,
	"percent":  percent,
	"share":    share,
	"sentence": profile.Sentence,
	"kind":     kind,
	"date":     Date,
	"lasted":   func(r journal.Run) string { return Duration(r.Finished.Sub(r.Started)) },
}).Parse(text))

// Write writes the page.
func (p Page) Write(w *bufio.Writer) error { return page.Execute(w, p) }

// Parts are the addends of the balance.
func (p Page) Parts() []Part {
	b := p.Balance
	return []Part{
		{"Créées", "Le compte a été fait par ce passage.", b.Created},
		{"Mises à jour", "Le compte existait et personne ne s’en était servi : il suit la nouvelle ligne.", b.Updated},
		{"Déjà là", "Le compte de cette ligne existait.", b.Already},
		{"En conflit", "Quelqu’un doit décider (conflicts.csv).", b.Conflict},
		{"Rejetées", "La ligne est à corriger (rejected.csv).", b.Rejected},
		{"En échec", "À relancer.", b.Failed},
	}
}

// Part is one addend.
type Part struct {
	Name, Meaning string
	Count         int
}

// Class is the style of a part's piece of the bar.
func (p Part) Class() string {
	return map[string]string{
		"Créées": "made", "Mises à jour": "changed", "Déjà là": "there", "En conflit": "conflict", "Rejetées": "rejected", "En échec": "failed",
	}[p.Name]
}

// share is a part as a length of CSS.
func share(part, of int) template.CSS {
	return template.CSS(fmt.Sprintf("%.2f%%", 100*float64(part)/float64(max(1, of))))
}

// Served are the rows whose account was there when the run ended.
func (p Page) Served() int { return p.Balance.Created + p.Balance.Updated + p.Balance.Already }

// Share is a count among the rows read.
func (p Page) Share(count int) template.CSS { return share(count, p.Balance.Read) }

// Most is the share of a reason's bar: the most frequent has the whole width.
func (p Page) Most(count int) template.CSS { return share(count, p.Reasons[0].Count) }

// Steps are what is to be done next, the first first.
func (p Page) Steps() (steps []string) {
	b := p.Balance
	add := func(needed bool, format string, counts ...any) {
		if needed {
			steps = append(steps, fmt.Sprintf(format, counts...))
		}
	}
	if p.Purged {
		return []string{"Les données personnelles de cet import ont été purgées : il ne reste rien à faire ici."}
	}
	add(p.Reading, "Relancer l’import : la source n’a pas été lue jusqu’au bout.")
	add(p.Todo > 0, "Relancer l’import : %s lignes attendent.", Number(p.Todo))
	add(b.Failed > 0, "Relancer l’import pour les %s lignes en échec.", Number(b.Failed))
	add(p.Undone > 0, "Décider de la suite : %s comptes ont été retirés de Kratos par undo. Le même export les recrée.", Number(p.Undone))
	add(b.Rejected > 0, "Faire corriger les %s lignes rejetées (rejected.csv), puis les importer.", Number(b.Rejected))
	add(b.Conflict > 0, "Faire décider des %s lignes en conflit (conflicts.csv), puis les importer.", Number(b.Conflict))
	if p.Adoption != nil {
		add(p.Adoption.Waiting > 0, "Rappeler aux %s personnes qui n’ont pas encore choisi de mot de passe de le faire.", Number(p.Adoption.Waiting))
	}
	add(len(steps) == 0, "Rien : toutes les lignes ont leur compte. Une fois l’import accepté, purger les données personnelles.")
	return steps
}

// DroppedColumns are the columns of Dropped, in order.
func (p Page) DroppedColumns() []string { return slices.Sorted(maps.Keys(p.Dropped)) }

func kind(o journal.Outcome) string {
	switch o {
	case journal.Rejected:
		return "rejetée"
	case journal.Conflict:
		return "en conflit"
	case journal.Failed:
		return "en échec"
	default:
		return "laissée telle quelle"
	}
}

// Corrected tells whether corrected rows were imported after the run that the balance is of.
func (p Page) Corrected() bool {
	return len(p.Runs) > 0 && p.Runs[len(p.Runs)-1].Number > p.Of.Number
}

// Duration is a duration as it is said in French, to the second.
func Duration(d time.Duration) string {
	d = d.Round(time.Second)
	hours, minutes, seconds := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case hours > 0:
		return fmt.Sprintf("%d\u00a0h %02d\u00a0min", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%d\u00a0min %02d\u00a0s", minutes, seconds)
	}
	return fmt.Sprintf("%d\u00a0s", seconds)
}

// Line is a balance in words, as a sum.
func Line(b journal.Balance) string {
	return fmt.Sprintf("%s lues = %s créées + %s mises à jour + %s déjà là + %s en conflit + %s rejetées + %s en échec", Number(b.Read), Number(b.Created),
		Number(b.Updated), Number(b.Already), Number(b.Conflict), Number(b.Rejected), Number(b.Failed))
}

// Number groups digits by three, with the narrow no-break space that French uses.
func Number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}
