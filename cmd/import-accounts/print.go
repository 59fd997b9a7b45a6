package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/report"
)

// printer writes what the operator reads: results on out, progress on log. Lines are plain, so that a log file reads like the screen.
type printer struct {
	out, log    io.Writer
	quiet, json bool
	told        time.Time // of the last line of a wave
}

var phases = map[importer.Phase]string{
	importer.PhaseRead:     "lecture",
	importer.PhaseCompare:  "comptes listés dans Kratos",
	importer.PhaseJudge:    "lignes comparées à Kratos",
	importer.PhaseSend:     "envoi",
	importer.PhaseFiles:    "écriture des fichiers, lignes parcourues",
	importer.PhaseAccounts: "comptes examinés dans Kratos",
}

func (p *printer) progress(s importer.Progress) {
	switch {
	case p.quiet:
	case p.json:
		p.object(p.log, struct {
			importer.Progress
			LeftSeconds    float64 `json:"left_seconds,omitempty"`
			ElapsedSeconds float64 `json:"elapsed_seconds"`
		}{s, s.Left.Seconds(), s.Elapsed.Seconds()})
	case s.Phase == importer.PhaseSend:
		left := ""
		if s.Left > 0 {
			left = " · reste " + report.Duration(s.Left)
		}
		fmt.Fprintf(p.log, "%s · %s sur %s · %.0f lignes/s%s · %s\n", phases[s.Phase], report.Number(s.Done), report.Number(s.Total), s.Rate, left, parts(s.Balance))
	case s.Total > 0:
		fmt.Fprintf(p.log, "%s · %s sur %s\n", phases[s.Phase], report.Number(s.Done), report.Number(s.Total))
	default:
		fmt.Fprintf(p.log, "%s · %s\n", phases[s.Phase], report.Number(s.Done))
	}
}

func (p *printer) wait(pause time.Duration, cause error) {
	if p.quiet {
		return
	}
	if p.json {
		p.object(p.log, map[string]any{"wait_seconds": pause.Seconds(), "cause": cause.Error()})
		return
	}
	fmt.Fprintf(p.log, "Kratos est indisponible, nouvel essai dans %s (%v)\n", pause.Round(100*time.Millisecond), cause)
}

func (p *printer) object(w io.Writer, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own types
	}
	fmt.Fprintln(w, string(text))
}

// say writes one result, as an object or in words.
func (p *printer) say(object map[string]any, words string) {
	if p.json {
		p.object(p.out, object)
		return
	}
	fmt.Fprintln(p.out, words)
}

// complain writes why a verb did not end with 0. That there are rows to look at, the object of the balance says.
func (p *printer) complain(err error) {
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrompu : rien n’est perdu, la même commande reprend")
	}
	switch {
	case !p.json:
		fmt.Fprintln(p.log, "import-accounts :", words(err))
	case !errors.Is(err, errRemarks):
		p.object(p.log, map[string]any{"error": words(err), "exit_code": exitCode(err)})
	}
}

// summary writes a balance.
func (p *printer) summary(verb string, s importer.Summary) {
	if p.json {
		p.object(p.out, struct {
			Verb string `json:"verb"`
			importer.Summary
			Seconds float64 `json:"seconds"`
		}{verb, s, s.Elapsed.Seconds()})
		return
	}
	b := s.Balance
	switch verb {
	case "check": // which of the sound rows Kratos has already, it does not know
		fmt.Fprintf(p.out, "%s lues = %s sans défaut + %s en conflit + %s rejetées\n", report.Number(b.Read), report.Number(s.ToCreate+s.ToUpdate), report.Number(b.Conflict),
			report.Number(b.Rejected))
	case "plan":
		fmt.Fprintf(p.out, "%s lues = %s à créer + %s à mettre à jour + %s déjà là + %s en conflit + %s rejetées\n", report.Number(b.Read), report.Number(s.ToCreate),
			report.Number(s.ToUpdate), report.Number(b.Created+b.Updated+b.Already), report.Number(b.Conflict), report.Number(b.Rejected))
	default:
		fmt.Fprintln(p.out, report.Line(b))
	}
	p.reasons(s.Reasons)
	p.dropped(s.Dropped)
	if s.Disappeared > 0 {
		fmt.Fprintf(p.out, "%s comptes importés auparavant ne sont plus dans la source : ils sont listés, rien n’est supprimé\n", report.Number(s.Disappeared))
	}
	for _, name := range s.Files {
		fmt.Fprintln(p.out, "  →", name)
	}
	if !p.quiet && verb == "run" {
		fmt.Fprintf(p.out, "durée %s\n", report.Duration(s.Elapsed))
	}
}

func (p *printer) dropped(columns map[string]int) {
	for _, column := range slices.Sorted(maps.Keys(columns)) {
		fmt.Fprintf(p.out, "  %6s  %s : valeurs inconnues ou refusées que le profil omet (drop) : le compte est sans elles\n",
			report.Number(columns[column]), column)
	}
}

func (p *printer) reasons(all []journal.Reason) {
	for _, r := range all {
		where := ""
		if r.Column != "" {
			where = r.Column + " : "
		}
		fmt.Fprintf(p.out, "  %6s  %s%s\n", report.Number(r.Count), where, profile.Sentence(r.Code))
	}
}

// parts are the outcomes that there are.
func parts(b journal.Balance) string {
	var all []string
	for _, part := range []struct {
		n    int
		name string
	}{{b.Created, "créées"}, {b.Updated, "mises à jour"}, {b.Already, "déjà là"}, {b.Conflict, "en conflit"}, {b.Rejected, "rejetées"}, {b.Failed, "en échec"}} {
		if part.n > 0 {
			all = append(all, report.Number(part.n)+" "+part.name)
		}
	}
	return strings.Join(all, ", ")
}

func (p *printer) status(s importer.Status) {
	if p.json {
		p.object(p.out, struct {
			importer.Status
			Run int `json:"run"`
		}{s, s.Last.Number})
		return
	}
	fmt.Fprintf(p.out, "source %s, passage %d%s du %s\n", s.Last.Source, s.Last.Number, corrected(s.Last.Partial), report.Date(s.Last.Started))
	switch {
	case s.Purged:
		fmt.Fprintln(p.out, "données personnelles purgées")
	case s.AtWork && s.Reading:
		fmt.Fprintln(p.out, "en cours : la source est en train d’être lue")
	case s.AtWork && s.Running:
		fmt.Fprintf(p.out, "en cours : %s lignes sans sort sur %s\n", report.Number(s.Todo), report.Number(s.Balance.Read))
	case s.Reading:
		fmt.Fprintln(p.out, "interrompu avant que la source soit lue ; la même commande reprend")
	case s.Running:
		fmt.Fprintf(p.out, "interrompu : %s lignes sans sort sur %s ; la même commande reprend\n", report.Number(s.Todo), report.Number(s.Balance.Read))
	default:
		fmt.Fprintln(p.out, "terminé le", report.Date(s.Last.Finished))
	}
	if !s.Running {
		fmt.Fprintln(p.out, report.Line(s.Balance))
	} else if done := parts(s.Balance); done != "" {
		fmt.Fprintln(p.out, done)
	}
	p.reasons(s.Reasons)
	p.dropped(s.Dropped)
	if whole, ok := s.Whole(); ok && s.Last.Partial {
		fmt.Fprintf(p.out, "dernier passage sur toute la source, le %d : %s\n", whole.Number, report.Line(whole.Balance))
	}
	if !s.Purged {
		fmt.Fprintf(p.out, "%s comptes de cette source dans Kratos d’après le journal", report.Number(s.There))
		if s.Undone > 0 {
			fmt.Fprintf(p.out, ", %s supprimés par undo", report.Number(s.Undone))
		}
		fmt.Fprintln(p.out)
	}
}

func corrected(partial bool) string {
	if partial {
		return " (lignes corrigées)"
	}
	return ""
}

func (p *printer) undoing(u importer.Undoing, apply bool) {
	if p.json {
		p.object(p.out, u)
		return
	}
	fmt.Fprintf(p.out, "%s comptes créés par cet import et dont personne ne s’est servi\n", report.Number(u.Removable))
	if u.Attached > 0 {
		fmt.Fprintf(p.out, "%s comptes que les personnes avaient créés, auxquels cet import a rattaché l’ancien identifiant\n",
			report.Number(u.Attached))
	}
	fmt.Fprintf(p.out, "%s comptes utilisés depuis, %s qui étaient là avant, %s qui ne sont plus dans Kratos : laissés\n", report.Number(u.Used), report.Number(u.Found), report.Number(u.Gone))
	if apply {
		fmt.Fprintf(p.out, "%s supprimés\n", report.Number(u.Removed))
		if u.Attached > 0 {
			fmt.Fprintf(p.out, "%s détachés ; les comptes restent\n", report.Number(u.Detached))
		}
	} else if u.Removable+u.Attached > 0 {
		fmt.Fprintln(p.out, "rien n’a été supprimé ; --apply supprime")
	}
}
