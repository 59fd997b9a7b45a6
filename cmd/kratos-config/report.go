package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"efpconnect.example/config/doctor"
)

// verdict is what the doctor has to say.
type verdict struct {
	Of        string    `json:"of"` // the environment, or the file
	Rules     int       `json:"rules"`
	Findings  []finding `json:"findings"`
	Skipped   []string  `json:"skipped"`    // rules that were not to be judged
	NotJudged []string  `json:"not_judged"` // what could not be looked at from here
	MadeUp    []string  `json:"made_up"`    // secrets that were not given
}

// finding is one thing to change, as a program reads it.
type finding struct {
	Rule    string         `json:"rule"`
	Gravity doctor.Gravity `json:"gravity"`
	Key     string         `json:"key"`
	Says    string         `json:"says"`
	Why     string         `json:"why"`
	Write   string         `json:"write"`
}

// add puts findings into the verdict, but those of skipped rules.
func (v *verdict) add(findings []doctor.Finding, skip []string) error {
	for _, id := range skip {
		if !slices.ContainsFunc(doctor.Rules(), func(r *doctor.Rule) bool { return r.ID == id }) {
			return errors.New("--skip: no rule " + id)
		}
	}
	v.Skipped, v.Rules = append([]string{}, skip...), len(doctor.Rules())-len(skip)
	for _, f := range findings {
		if !slices.Contains(skip, f.Rule.ID) {
			v.Findings = append(v.Findings, finding{f.Rule.ID, f.Rule.Gravity, f.Key, f.Says, f.Rule.Why, f.Rule.Write})
		}
	}
	return nil
}

// report writes a verdict: as JSON, in a line for each finding, or with everything that its rules know.
func (p *program) report(v *verdict, asJSON, long bool) error {
	switch {
	case asJSON:
		out := json.NewEncoder(p.out)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		if err := out.Encode(v); err != nil {
			return err
		}
	case long:
		p.preamble(v)
		p.whole(v.Findings)
	default:
		p.preamble(v)
		p.lines(v.Findings)
	}
	if len(v.Findings) > 0 {
		return errFound
	}
	if !asJSON {
		fmt.Fprintf(p.out, "%d rules, nothing to change\n", v.Rules)
	}
	return nil
}

// preamble says what the verdict is not about.
func (p *program) preamble(v *verdict) {
	if len(v.MadeUp) > 0 {
		fmt.Fprintf(p.out, "%s: made up, so not judged: %s\n", v.Of, strings.Join(v.MadeUp, ", "))
	}
	for _, what := range v.NotJudged {
		fmt.Fprintf(p.out, "%s: not judged: %s\n", v.Of, what)
	}
	if len(v.Skipped) > 0 {
		fmt.Fprintf(p.out, "not judged: %s\n", strings.Join(v.Skipped, ", "))
	}
}

// lines writes a line for each finding, the gravest first.
func (p *program) lines(findings []finding) {
	for _, f := range findings {
		fmt.Fprintf(p.out, "%-6s  %-17s  %s: %s\n", f.Gravity, f.Rule, f.Key, f.Says)
	}
	if len(findings) > 0 {
		fmt.Fprintf(p.out, "%d to change; --long says why and what to write, --explain RULE one of them\n", len(findings))
	}
}

// whole writes each rule once, and below it where it does not hold.
func (p *program) whole(findings []finding) {
	last := ""
	for _, f := range findings {
		if f.Rule != last {
			fmt.Fprintf(p.out, "\n%s (%s)\n  why    %s\n  write  %s\n", f.Rule, f.Gravity, f.Why, f.Write)
		}
		last = f.Rule
		fmt.Fprintf(p.out, "  at     %s: %s\n", f.Key, f.Says)
	}
	if len(findings) > 0 {
		fmt.Fprintln(p.out)
	}
}

func (p *program) explain(id string) error {
	known := false
	for _, rule := range doctor.Rules() {
		if rule.ID != id && id != "all" {
			continue
		}
		known = true
		fmt.Fprintf(p.out, "%s (%s)\n  why    %s\n  write  %s\n  broken %s\n  mended %s\n", rule.ID, rule.Gravity, rule.Why, rule.Write, rule.Broken, rule.Passes)
	}
	if !known {
		return errors.New("--explain: no rule " + id)
	}
	return nil
}
