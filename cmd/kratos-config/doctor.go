package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"efpconnect.example/config/deployment"
	"efpconnect.example/config/doctor"
	"efpconnect.example/internal/settings"
)

// examined is what a doctor looks at.
type examined struct {
	file, schema, compose string
	profiles, skip        []string
	explain               string
}

func (p *program) doctor() *cobra.Command {
	x := &examined{}
	cmd := &cobra.Command{Use: "doctor", Short: "Finds what Kratos accepts in silence and that breaks the reset, or opens it", Args: cobra.NoArgs}
	environment := p.environmentFlags(cmd)
	cmd.Flags().StringVar(&x.file, "file", "", "examine the kratos.yml of a Kratos that already runs: what to change so that this site can stand in front of it")
	cmd.Flags().StringVar(&x.schema, "identity-schema", "", "with --file: its identity schema, where the document's own address cannot be read")
	cmd.Flags().StringVar(&x.compose, "compose", "", "examine who runs and who reaches whom, too: a Compose file")
	cmd.Flags().StringSliceVar(&x.profiles, "profile", nil, "with --compose: profiles that run, * for all")
	cmd.Flags().StringVar(&x.explain, "explain", "", "a rule's id (or all): why it is one, a broken sample and a mended one")
	cmd.Flags().StringSliceVar(&x.skip, "skip", nil, "rules that are not to be judged, by id: what you have weighed and decided otherwise")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if x.explain != "" {
			return p.explain(x.explain)
		}
		if err := x.agree(*environment); err != nil {
			return err
		}
		facts, document, err := p.facts(cmd, *environment, x)
		if err != nil {
			return err
		}
		if err := x.processes(cmd, facts); err != nil {
			return err
		}
		findings, err := x.judged(doctor.Examine(facts))
		if err != nil {
			return err
		}
		return p.report(findings, x.skip, deployment.NewRedactor(document))
	}
	return cmd
}

// agree refuses a flag that another one leaves without effect.
func (x *examined) agree(environment string) error {
	switch {
	case x.file != "" && environment != "":
		return errTwoDocuments
	case x.file == "" && x.schema != "":
		return errors.New("--identity-schema goes with --file")
	case x.compose == "" && len(x.profiles) > 0:
		return errors.New("--profile goes with --compose")
	}
	return nil
}

// facts are those of an environment, or of a file together with the settings of the site.
func (p *program) facts(cmd *cobra.Command, environment string, x *examined) (*doctor.Facts, []byte, error) {
	if x.file == "" {
		d, err := p.read(cmd, environment, true)
		if err != nil {
			return nil, nil, err
		}
		p.tellMadeUp(d)
		if samples := d.Settings.Samples(); len(samples) > 0 {
			fmt.Fprintf(p.out, "%s: addresses of example.test, to be replaced before anybody comes: %s\n", environment, strings.Join(samples, ", "))
		}
		facts, err := d.Facts()
		return facts, d.Document(), err
	}
	file, err := deployment.ReadFile(x.file, x.schema)
	if err != nil {
		return nil, nil, err
	}
	for _, what := range file.Unjudged {
		fmt.Fprintf(p.out, "%s: not judged: %s\n", x.file, what)
	}
	set, err := settings.ReadShared(cmd.Flags(), nil)
	file.Facts.Site = deployment.SiteFacts(set)
	return file.Facts, file.Document, err
}

// processes adds what a Compose file says.
func (x *examined) processes(cmd *cobra.Command, facts *doctor.Facts) error {
	if x.compose == "" {
		return nil
	}
	variables := map[string]string{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		variables[name] = value
	}
	project, err := doctor.Compose(cmd.Context(), x.compose, x.profiles, variables)
	if err != nil {
		return err
	}
	facts.Processes, facts.Variables = doctor.Processes(project), doctor.KratosVariables(project)
	// These are secrets there, in files that this shell does not know.
	facts.Site.SharedStore = facts.Site.SharedStore || doctor.SharedStore(project)
	facts.Site.Notices = facts.Site.Notices || doctor.Notices(project)
	return nil
}

// judged are the findings of all rules but those skipped.
func (x *examined) judged(findings []doctor.Finding) (kept []doctor.Finding, err error) {
	for _, id := range x.skip {
		if !slices.ContainsFunc(doctor.Rules(), func(r *doctor.Rule) bool { return r.ID == id }) {
			return nil, errors.New("--skip: no rule " + id)
		}
	}
	return slices.DeleteFunc(findings, func(f doctor.Finding) bool { return slices.Contains(x.skip, f.Rule.ID) }), nil
}

func (p *program) report(findings []doctor.Finding, skipped []string, redactor deployment.Redactor) error {
	if len(skipped) > 0 {
		fmt.Fprintf(p.out, "not judged: %s\n", strings.Join(skipped, ", "))
	}
	var last *doctor.Rule
	for _, f := range findings {
		if f.Rule != last {
			fmt.Fprintf(p.out, "\n%s\n  why    %s\n  write  %s\n", f.Rule.ID, f.Rule.Why, f.Rule.Write)
		}
		last = f.Rule
		fmt.Fprintf(p.out, "  at     %s: %s\n", f.Key, redactor.Text(f.Says))
	}
	if len(findings) > 0 {
		fmt.Fprintln(p.out)
		return errFound
	}
	fmt.Fprintf(p.out, "%d rules, nothing to change\n", len(doctor.Rules())-len(skipped))
	return nil
}

func (p *program) explain(id string) error {
	known := false
	for _, rule := range doctor.Rules() {
		if rule.ID != id && id != "all" {
			continue
		}
		known = true
		fmt.Fprintf(p.out, "%s\n  why    %s\n  write  %s\n  broken %s\n  mended %s\n", rule.ID, rule.Why, rule.Write, rule.Broken, rule.Passes)
	}
	if !known {
		return errors.New("--explain: no rule " + id)
	}
	return nil
}
