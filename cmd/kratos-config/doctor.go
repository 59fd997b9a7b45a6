package main

import (
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"efpconnect.example/config/deployment"
	"efpconnect.example/config/doctor"
	"efpconnect.example/internal/settings"
)

// examined is what a doctor looks at.
type examined struct {
	file, identitySchema, schema, compose string
	profiles, skip                        []string
	explain                               string
	json, long                            bool
}

func (p *program) doctor() *cobra.Command {
	x := &examined{}
	cmd := &cobra.Command{Use: "doctor", Short: "Finds what Kratos accepts in silence and that breaks the reset, or opens it", Args: cobra.NoArgs}
	environment := p.environmentFlags(cmd)
	cmd.Flags().StringVar(&x.file, "file", "", "examine the kratos.yml (or .toml, .json) of a Kratos that already runs: what to change so that this site can stand in front of it")
	cmd.Flags().StringVar(&x.identitySchema, "identity-schema", "", "with --file: its identity schema, where the document's own address cannot be read")
	cmd.Flags().StringVar(&x.schema, "schema", "", schemaHelp)
	cmd.Flags().StringVar(&x.compose, "compose", "", "examine who runs and who reaches whom, too: a Compose file")
	cmd.Flags().StringSliceVar(&x.profiles, "profile", nil, "with --compose: profiles that run, * for all")
	cmd.Flags().StringVar(&x.explain, "explain", "", "a rule's id (or all): why it is one, a broken sample and a mended one")
	cmd.Flags().StringSliceVar(&x.skip, "skip", nil, "rules that are not to be judged, by id: what you have weighed and decided otherwise")
	cmd.Flags().BoolVar(&x.long, "long", false, "why each finding is one, and what to write")
	cmd.Flags().BoolVar(&x.json, "json", false, "one object of JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if x.explain != "" {
			return p.explain(x.explain)
		}
		if err := x.agree(*environment); err != nil {
			return err
		}
		v := &verdict{Of: *environment + x.file, Findings: []finding{}}
		facts, err := p.facts(cmd, *environment, x, v)
		if err != nil {
			return err
		}
		if x.schema != "" {
			if _, facts.Judged, err = readSchema(x.schema); err != nil {
				return err
			}
		}
		if err := x.processes(cmd, facts); err != nil {
			return err
		}
		if err := v.add(doctor.Examine(facts), x.skip); err != nil {
			return err
		}
		return p.report(v, x.json, x.long)
	}
	return cmd
}

// agree refuses a flag that another one leaves without effect.
func (x *examined) agree(environment string) error {
	switch {
	case x.file != "" && environment != "":
		return errTwoDocuments
	case x.file == "" && x.identitySchema != "":
		return errors.New("--identity-schema goes with --file")
	case x.compose == "" && len(x.profiles) > 0:
		return errors.New("--profile goes with --compose")
	case x.json && x.long:
		return errors.New("--json says everything: it goes without --long")
	}
	return nil
}

// facts are those of an environment, or of a file together with the settings of the site.
func (p *program) facts(cmd *cobra.Command, environment string, x *examined, v *verdict) (*doctor.Facts, error) {
	if x.file == "" {
		d, err := p.read(p.mine(cmd, environment, ""), true)
		if err != nil {
			return nil, err
		}
		v.MadeUp = d.StandIns
		return d.Facts()
	}
	file, err := deployment.ReadFile(x.file, x.identitySchema)
	if err != nil {
		return nil, err
	}
	v.NotJudged = file.Unjudged
	set, err := settings.ReadShared(cmd.Flags(), nil)
	file.Facts.Site = deployment.SiteFacts(set)
	return file.Facts, err
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
