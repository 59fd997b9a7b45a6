package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"efpconnect.example/config"
	"efpconnect.example/config/deployment"
	"efpconnect.example/config/doctor"
	"efpconnect.example/config/validate"
	"efpconnect.example/internal/buildinfo"
)

// errFound ends a verb that did its work and found something wrong.
var errFound = errors.New("something has to be changed, see above")

// errTwoDocuments: one of them would not be looked at.
var errTwoDocuments = errors.New("--file or --environment, not both: each names a document")

// program is what the verbs share.
type program struct {
	out     io.Writer
	getenv  func(string) string
	overlay string
}

func newCommand(out io.Writer, getenv func(string) string) *cobra.Command {
	p := &program{out: out, getenv: getenv}
	root := &cobra.Command{
		Use:           "kratos-config",
		Short:         "Makes, checks and compares what Kratos reads",
		Version:       buildinfo.Read().String(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetOut(out)
	root.AddCommand(p.render(), p.validate(), p.diff(), p.doctor(), p.secrets(), p.rotate(), p.services())
	return root
}

// environmentFlags are those of the verbs that read an environment. The settings of the site are flags too, under their own names.
func (p *program) environmentFlags(cmd *cobra.Command) *string {
	environment := cmd.Flags().String("environment", "", "one of "+strings.Join(config.Environments(), ", "))
	cmd.Flags().StringVar(&p.overlay, "overlay", "", "file (YAML) whose keys win over the environment's")
	site := siteFlags()
	cmd.Flags().AddFlagSet(site)
	ownFirst(cmd, site)
	return environment
}

// side is one document of a verb: that of an environment with its settings and its overlay, or a file.
type side struct {
	environment, file, overlay string
	flags                      *pflag.FlagSet
}

// mine is the side that the command line is about.
func (p *program) mine(cmd *cobra.Command, environment, file string) side {
	return side{environment, file, p.overlay, cmd.Flags()}
}

// read reads a deployment. With standIns, secrets that are not given are made up: enough to judge, not to run.
func (p *program) read(s side, standIns bool) (*deployment.Deployment, error) {
	if s.environment == "" {
		return nil, errors.New("--environment: one of " + strings.Join(config.Environments(), ", "))
	}
	return deployment.Read(deployment.Options{Environment: s.environment, Overlay: s.overlay, Flags: s.flags, Getenv: p.getenv, StandIns: standIns})
}

func (p *program) render() *cobra.Command {
	var dir string
	var mails bool
	cmd := &cobra.Command{Use: "render", Short: "Writes everything a Kratos of an environment mounts; files are 0600", Args: cobra.NoArgs}
	environment := p.environmentFlags(cmd)
	cmd.Flags().StringVar(&dir, "out", "", "folder to write to")
	cmd.Flags().BoolVar(&mails, "mails", false, "write the mail templates alone, for a Kratos with a configuration of its own; needs no secret")
	if err := cmd.MarkFlagRequired("out"); err != nil {
		panic(err) // the flag is declared above
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		d, err := p.read(p.mine(cmd, *environment, ""), mails)
		if err != nil {
			return err
		}
		if mails {
			if err := d.WriteTemplates(dir); err != nil {
				return err
			}
			fmt.Fprintf(p.out, "the mails: written to %s, for %s\n", dir, d.Settings.PublicURL)
			return nil
		}
		if err := p.fit(cmd, d); err != nil {
			return err
		}
		if err := d.Write(dir); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%s: written to %s, for %s\n", d.Environment, dir, d.Settings.PublicURL)
		return nil
	}
	return cmd
}

// fit refuses what would take the place of a document that works: one that Kratos refuses, or with secrets that can be guessed.
func (p *program) fit(cmd *cobra.Command, d *deployment.Deployment) error {
	facts, err := d.Facts()
	if err != nil {
		return err
	}
	if err := validate.Document(cmd.Context(), validate.Schema, facts.Kratos); err != nil {
		fmt.Fprintln(p.out, err)
		return errFound
	}
	v := &verdict{Of: d.Environment}
	for _, rule := range doctor.Secrets() {
		if err := v.add(rule.Examine(facts), nil); err != nil {
			return err
		}
	}
	if len(v.Findings) > 0 {
		p.lines(v.Findings)
		return errFound
	}
	return nil
}

func (p *program) validate() *cobra.Command {
	var file, schema string
	cmd := &cobra.Command{Use: "validate", Short: "Judges a document as Kratos does at its start", Args: cobra.NoArgs}
	environment := p.environmentFlags(cmd)
	cmd.Flags().StringVar(&file, "file", "", "judge this kratos.yml instead of an environment")
	cmd.Flags().StringVar(&schema, "schema", "", schemaHelp)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if file != "" && *environment != "" {
			return errTwoDocuments
		}
		document, err := p.document(p.mine(cmd, *environment, file))
		if err != nil {
			return err
		}
		judge := validate.Schema
		if schema != "" {
			if judge, _, err = readSchema(schema); err != nil {
				return err
			}
		}
		if err := validate.Document(cmd.Context(), judge, document); err != nil {
			fmt.Fprintln(p.out, err)
			return errFound
		}
		fmt.Fprintf(p.out, "%s: Kratos accepts it\n", *environment+file)
		return nil
	}
	return cmd
}

// document is that of an environment, or a file.
func (p *program) document(s side) (map[string]any, error) {
	if s.file != "" {
		content, err := os.ReadFile(s.file)
		if err != nil {
			return nil, err
		}
		return deployment.ParseDocument(s.file, content)
	}
	d, err := p.read(s, true)
	if err != nil {
		return nil, err
	}
	p.preamble(&verdict{Of: d.Environment, MadeUp: d.StandIns})
	facts, err := d.Facts()
	if err != nil {
		return nil, err
	}
	return facts.Kratos, nil
}

func (p *program) diff() *cobra.Command {
	var file, otherConfig, otherOverlay string
	cmd := &cobra.Command{Use: "diff [OTHER ENVIRONMENT]", Short: "Compares an environment with another one, or with a file", Args: cobra.MaximumNArgs(1),
		Long: "Compares an environment with another one, or with a file. Each side has its own settings: flags, --config and --overlay are of the environment,\n" +
			"--other-config and --other-overlay of the other one; EFP_… variables are of both."}
	environment := p.environmentFlags(cmd)
	cmd.Flags().StringVar(&file, "file", "", "compare with this kratos.yml")
	cmd.Flags().StringVar(&otherConfig, "other-config", "", "file of settings (YAML) of the other environment")
	cmd.Flags().StringVar(&otherOverlay, "other-overlay", "", "overlay of the other environment")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if (file == "") == (len(args) == 0) {
			return errors.New("diff: name another environment, or a file with --file")
		}
		if file != "" && otherConfig+otherOverlay != "" {
			return errors.New("--other-config and --other-overlay go with another environment, not with --file")
		}
		left, err := p.document(p.mine(cmd, *environment, ""))
		if err != nil {
			return err
		}
		other := strings.Join(args, "")
		flags := siteFlags()
		if err := flags.Set("config", otherConfig); err != nil {
			return err
		}
		right, err := p.document(side{other, file, otherOverlay, flags})
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "- %s\n+ %s\n", *environment, other+file)
		for _, d := range deployment.Diff(left, right) {
			fmt.Fprintf(p.out, "%s\n  - %s\n  + %s\n", d.Key, d.Left, d.Right)
		}
		return nil
	}
	return cmd
}

func (p *program) secrets() *cobra.Command {
	var dir string
	cmd := &cobra.Command{Use: "secrets", Short: "Makes the secrets of a first deployment, and keeps those that are there", Args: cobra.NoArgs}
	cmd.Flags().StringVar(&dir, "out", "", "folder; one folder in it for each reader")
	if err := cmd.MarkFlagRequired("out"); err != nil {
		panic(err) // the flag is declared above
	}
	cmd.RunE = func(*cobra.Command, []string) error {
		made, err := deployment.NewSecrets(dir)
		if err == nil && len(made) == 0 {
			fmt.Fprintln(p.out, "the secrets are there already: kept")
		}
		for _, name := range made {
			fmt.Fprintln(p.out, "made", name)
		}
		return err
	}
	return cmd
}

func (p *program) rotate() *cobra.Command {
	var dir string
	cmd := &cobra.Command{Use: "rotate SECRET STEP", Short: "Takes one step in changing a secret: add, promote, remove, or replace", Args: cobra.ExactArgs(2),
		Long: "Takes one step in changing a secret that `kratos-config secrets` made; docs/operations.md says who is started again in between.\n\n" + deployment.Rotatable()}
	cmd.Flags().StringVar(&dir, "secrets", "", "their folder")
	if err := cmd.MarkFlagRequired("secrets"); err != nil {
		panic(err) // the flag is declared above
	}
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		done, err := deployment.Rotate(dir, args[0], args[1])
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%s: %s done, %d in it now\n", args[0], args[1], done.Values)
		for _, place := range done.Weak {
			fmt.Fprintf(p.out, "number %d can be guessed: go on until it is gone\n", place)
		}
		if done.Dropped != "" {
			fmt.Fprintf(p.out, "dropped: %s\n", done.Dropped)
		}
		return nil
	}
	return cmd
}
