package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"efpconnect.example/config"
	"efpconnect.example/internal/buildinfo"
	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/kratos"
)

// Exit codes, see the package comment.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitRemarks  = 3
	adminDefault = "http://127.0.0.1:4434"
)

// errRemarks ends a verb that did its work and found rows that somebody has to look at.
var errRemarks = errors.New("des lignes sont à regarder (voir les fichiers ci-dessus)")

// usageError is a wrong command line.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

func exitCode(err error) int {
	var usage usageError
	var option importer.OptionError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errRemarks):
		return exitRemarks
	case errors.As(err, &usage), errors.As(err, &option):
		return exitUsage
	default:
		return exitFailed
	}
}

// flags are what the verbs share.
type flags struct {
	profile, input, format, dir, schema, kratos string
	batch, concurrency                          int
	timeout, giveUp                             time.Duration
	quiet, json                                 bool
}

func newCommand() *cobra.Command {
	f := &flags{}
	root := &cobra.Command{
		Use:           "import-accounts",
		Short:         "Importe dans Kratos les comptes d’un ancien portail",
		Version:       buildinfo.Read().String(),
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetUsageTemplate(french.Replace(root.UsageTemplate()))
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{flagError(err)} })
	p := root.PersistentFlags()
	p.StringVar(&f.dir, "dir", "import", "dossier de l’import : le journal et tous les fichiers (0700)")
	p.BoolVar(&f.quiet, "quiet", false, "n’écrit que le bilan et les erreurs")
	p.BoolVar(&f.json, "json", false, "écrit un objet JSON par ligne")
	root.AddCommand(f.check(), f.plan(), f.run(), f.status(), f.report(), f.undo(), f.purge())
	root.AddCommand(f.reminder(), f.remind(), f.canary(), sample(), profileVerb())
	for _, cmd := range append(root.Commands(), root) {
		cmd.Flags().BoolP("help", "h", false, "cette aide")
		cmd.Args = noArgs
	}
	root.Flags().Bool("version", false, "la version de ce programme")
	root.SetVersionTemplate("import-accounts {{.Version}}\n")
	root.InitDefaultHelpCmd()
	help, _, _ := root.Find([]string{"help"})
	help.Short = "Explique un verbe"
	return root
}

// french is the language of the operator, also around what we write.
var french = strings.NewReplacer("Usage:", "Utilisation :", "[command]", "[verbe]", "Available Commands:", "Verbes :", "Global Flags:", "Options communes :",
	"Flags:", "Options :", `Use "`, `Pour en savoir plus : "`, `" for more information about a command.`, `"`)

func noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%q n’est ni un verbe ni une option", args[0])}
	}
	return nil
}

// sourceFlags are those of the verbs that read the legacy store.
func (f *flags) sourceFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.profile, "profile", "", "profil (YAML) : ce que veulent dire les colonnes ; obligatoire")
	cmd.Flags().StringVar(&f.input, "input", "", "fichier à lire, gzip ou non ; - pour l’entrée standard ; rien pour une source SQL")
	cmd.Flags().StringVar(&f.format, "format", "", "forme de la source, à la place de celle du profil : csv, json, jsonl, ldif, xlsx, fixed ou sql")
	cmd.Flags().StringVar(&f.schema, "schema", "", "schéma d’identité donné à Kratos (par défaut celui de ce dépôt)")
}

// kratosFlags are those of the verbs that speak to Kratos.
func (f *flags) kratosFlags(cmd *cobra.Command) {
	address := os.Getenv("KRATOS_ADMIN_URL")
	if address == "" {
		address = adminDefault
	}
	cmd.Flags().StringVar(&f.kratos, "kratos", address, "API d’administration de Kratos (ou KRATOS_ADMIN_URL)")
	cmd.Flags().Lookup("kratos").DefValue = adminDefault // what --help shows: the variable may hold a password
	cmd.Flags().DurationVar(&f.timeout, "timeout", 0, "durée maximale d’une requête (150 s par défaut : Kratos coupe à 120 s)")
	cmd.Flags().DurationVar(&f.giveUp, "give-up", 15*time.Minute, "indisponibilité de Kratos après laquelle on s’arrête")
	cmd.Flags().IntVar(&f.concurrency, "concurrency", 4, "requêtes en même temps")
}

func (f *flags) printer(cmd *cobra.Command) *printer {
	return &printer{out: cmd.OutOrStdout(), log: cmd.ErrOrStderr(), quiet: f.quiet, json: f.json}
}

// options are what the flags say. needs tells which of them the verb has.
func (f *flags) options(cmd *cobra.Command, needsSource, needsKratos bool) (importer.Options, error) {
	if err := f.positive(cmd); err != nil {
		return importer.Options{}, err
	}
	o := importer.Options{Dir: f.dir, Input: f.input, Format: f.format, Stdin: cmd.InOrStdin(), Batch: f.batch, Concurrency: f.concurrency,
		GiveUp: f.giveUp, Schema: config.IdentitySchema()}
	out := f.printer(cmd)
	o.Progress, o.Wait = out.progress, out.wait
	if needsSource {
		if f.schema != "" {
			text, err := os.ReadFile(f.schema)
			if err != nil {
				return o, usageError{fmt.Errorf("--schema : %w", err)}
			}
			o.Schema = text
		}
		if f.profile == "" {
			return o, usageError{errors.New("il manque le profil (--profile)")}
		}
		text, err := os.ReadFile(f.profile)
		if err != nil {
			return o, usageError{fmt.Errorf("--profile : %w", err)}
		}
		if o.Profile, err = profile.Parse(text, o.Schema); err != nil {
			return o, usageError{fmt.Errorf("%s : %w", filepath.Base(f.profile), err)}
		}
	}
	if needsKratos {
		var err error
		if o.Kratos, err = kratos.NewAdmin(f.kratos, kratos.AdminOptions{Timeout: f.timeout}); err != nil {
			// What was given is not shown: it may hold a password.
			return o, usageError{errors.New("--kratos (ou KRATOS_ADMIN_URL) : ce n’est pas une adresse comme http://kratos:4434")}
		}
	}
	return o, nil
}

// positive refuses a number or a time that was given and is none: 0 would be taken for the default.
func (f *flags) positive(cmd *cobra.Command) error {
	for name, value := range map[string]int64{"batch": int64(f.batch), "concurrency": int64(f.concurrency), "timeout": int64(f.timeout), "give-up": int64(f.giveUp)} {
		if cmd.Flags().Changed(name) && value <= 0 {
			return usageError{fmt.Errorf("--%s : plus que zéro", name)}
		}
	}
	return nil
}

// sourceVerb is a verb that reads the source and prints what it found.
func (f *flags) sourceVerb(use, short string, needsKratos bool, work func(context.Context, importer.Options) (importer.Summary, error)) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short}
	f.sourceFlags(cmd)
	if needsKratos {
		f.kratosFlags(cmd)
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := f.options(cmd, true, needsKratos)
		if err != nil {
			return err
		}
		summary, err := work(cmd.Context(), o)
		if err != nil {
			return err
		}
		f.printer(cmd).summary(use, summary)
		return verdict(summary)
	}
	return cmd
}

// verdict is the exit of a verb that went well.
func verdict(s importer.Summary) error {
	if s.Balance.Failed > 0 {
		return fmt.Errorf("%d lignes n’ont pas pu être importées : relancez la même commande", s.Balance.Failed)
	}
	if s.Balance.Rejected+s.Balance.Conflict > 0 {
		return errRemarks
	}
	return nil
}

func (f *flags) check() *cobra.Command {
	return f.sourceVerb("check", "Vérifie la source seule : lignes à rejeter, doublons", false, importer.Check)
}

func (f *flags) plan() *cobra.Command {
	return f.sourceVerb("plan", "Dit ce que ferait run, sans rien changer dans Kratos", true, importer.Plan)
}

func (f *flags) run() *cobra.Command {
	cmd := f.sourceVerb("run", "Importe ; relancé, reprend où il en était ou apporte un export plus récent", true, importer.Run)
	cmd.Flags().IntVar(&f.batch, "batch", kratos.MaxBatch, "comptes par requête, 1000 au plus")
	return cmd
}
