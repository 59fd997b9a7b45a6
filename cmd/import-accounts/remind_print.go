package main

import (
	"fmt"
	"strings"
	"time"

	"efpconnect.example/internal/importer/remind"
	"efpconnect.example/internal/importer/report"
)

// shownDomains is how many recipient domains a plan and a status show.
const shownDomains = 20

// waitFor says that Kratos or the relay is waited for.
func (p *printer) waitFor(pause time.Duration, cause error) {
	switch {
	case p.quiet:
	case p.json:
		p.object(p.log, map[string]any{"wait_seconds": pause.Seconds(), "cause": cause.Error()})
	default:
		fmt.Fprintf(p.log, "nouvel essai dans %s (%v)\n", pause.Round(100*time.Millisecond), cause)
	}
}

// wave is the progress of a wave.
func (p *printer) wave(s remind.Progress) {
	switch {
	case p.quiet:
	case p.json:
		p.object(p.log, s)
	case time.Since(p.told) >= 2*time.Second || s.Done >= s.Total:
		p.told = time.Now()
		fmt.Fprintf(p.log, "vague %d · %s sur %s · %s envoyés\n", s.Wave, report.Number(s.Done), report.Number(s.Total), report.Number(s.Sent))
	}
}

func (p *printer) remindPlan(plan remind.Plan) {
	if p.json {
		p.object(p.out, struct {
			remind.Plan
			Seconds float64 `json:"seconds"`
		}{plan, plan.Takes.Seconds()})
		return
	}
	if plan.TakenUp {
		fmt.Fprintf(p.out, "vague %d, interrompue : %s personnes restent, %s\n", plan.Wave, report.Number(plan.People), report.Duration(plan.Takes))
	} else {
		fmt.Fprintf(p.out, "%s personnes n’ont pas encore choisi de mot de passe\n", report.Number(plan.Waiting))
		for _, part := range []struct {
			n    int
			what string
		}{
			{plan.Recent, "ont reçu un message il y a trop peu de jours"}, {plan.Unsubscribed, "ne veulent plus de rappel"},
			{plan.Unreachable, "ont une adresse qui n’existe pas ou plus"}, {plan.Stopped, "sont à un domaine qui s’est arrêté"},
			{plan.Unwritable, "n’ont pas d’adresse à laquelle écrire"},
		} {
			if part.n > 0 {
				fmt.Fprintf(p.out, "  %6s  %s\n", report.Number(part.n), part.what)
			}
		}
		fmt.Fprintf(p.out, "vague %d : %s personnes sur %s, en %s\n", plan.Wave, report.Number(plan.People), report.Number(plan.Candidates), report.Duration(plan.Takes))
	}
	for i, d := range plan.Domains {
		if i == shownDomains {
			fmt.Fprintf(p.out, "          et %s autres domaines\n", report.Number(len(plan.Domains)-shownDomains))
			break
		}
		fmt.Fprintf(p.out, "  %6s  %s : %s par heure, %s\n", report.Number(d.People), d.Domain, report.Number(d.PerHour), report.Duration(d.Takes))
	}
}

// mailStates are the sorts of a mail, in the order in which they are shown.
var mailStates = []struct{ name, words string }{
	{"waiting", "attendent leur tour"}, {"sending", "en train de partir"}, {"sent", "remis au relais"}, {"refused", "refusés par le relais"},
	{"uncertain", "incertains : le relais les a peut-être (--list uncertain)"}, {"released", "non écrits, leur domaine s’est arrêté"},
	{"chosen", "ont choisi un mot de passe avant leur tour"}, {"inactive", "compte désactivé avant leur tour"},
	{"gone", "compte supprimé avant leur tour"}, {"unsubscribed", "ne veulent plus de rappel"}, {"unwritable", "sans adresse à laquelle écrire"},
}

func (p *printer) remindStatus(s remind.Status) {
	if p.json {
		p.object(p.out, s)
		return
	}
	for i, w := range s.Waves {
		end := "interrompue : la même commande continue"
		switch last := i == len(s.Waves)-1; {
		case !w.Finished.IsZero():
			end = "terminée le " + report.Date(w.Finished)
		case last && s.AtWork:
			end = "en cours"
		}
		fmt.Fprintf(p.out, "vague %d du %s, %s\n", w.Number, report.Date(w.Began), end)
		for _, state := range mailStates {
			if n := w.States[state.name]; n > 0 {
				fmt.Fprintf(p.out, "  %6s  %s\n", report.Number(n), state.words)
			}
		}
		if w.Returned > 0 {
			fmt.Fprintf(p.out, "  %6s  revenus depuis\n", report.Number(w.Returned))
		}
	}
	if s.Unsubscribed > 0 {
		fmt.Fprintf(p.out, "%s personnes ne veulent plus de rappel\n", report.Number(s.Unsubscribed))
	}
	for i, d := range s.Domains {
		if i == shownDomains {
			break
		}
		fmt.Fprintf(p.out, "%s : %s messages, %s refusés, %s revenus (%s)\n", d.Domain, report.Number(d.Given), report.Number(d.Refused), report.Number(d.Returned),
			percent(d.Refused+d.Returned, d.Given))
	}
	for _, stop := range s.Stops {
		what, again := stop.Domain, " --domain "+stop.Domain
		if stop.Domain == "" {
			what, again = "la campagne", ""
		}
		fmt.Fprintf(p.out, "ARRÊT de %s : %d échecs sur %d messages de suite. Cherchez la cause, puis remind resume%s\n", what, stop.Failed, stop.Of, again)
	}
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return strings.Replace(fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of)), ".", ",", 1)
}

func (p *printer) listed(all []remind.Listed) {
	for _, one := range all {
		if p.json {
			p.object(p.out, one)
			continue
		}
		fmt.Fprintf(p.out, "%d;%s;%s;%s;%s;%s;%d;%s\n", one.Wave, defuseLine(one.LegacyID), one.Identity, one.Domain, one.At, one.MessageID, one.Code, one.Status)
	}
}

// defuseLine keeps a legacy id on its line.
func defuseLine(id string) string {
	return strings.NewReplacer(";", "_", "\n", "_", "\r", "_").Replace(id)
}

func (p *printer) inbox(read remind.Inbox) {
	if p.json {
		p.object(p.out, read)
		return
	}
	fmt.Fprintf(p.out, "%s messages revenus, %s demandes de ne plus écrire, %s autres ou déjà connus\n", report.Number(read.Returned), report.Number(read.Unsubscribed),
		report.Number(read.Others))
}
