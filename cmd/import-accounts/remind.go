package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/remind"
)

// stoppedDomain ends a wave in which a domain stopped: done, and somebody has to look.
type stoppedDomain struct{}

func (stoppedDomain) Error() string        { return "un domaine s’est arrêté (voir ARRÊT ci-dessus)" }
func (stoppedDomain) Is(target error) bool { return target == errRemarks }

// remindFlags are those of remind's verbs beside the shared ones.
type remindFlags struct {
	*flags
	campaign, domain, list, input string
	people                        int
	lasts                         time.Duration
	yes                           bool
}

func (f *flags) remind() *cobra.Command {
	r := &remindFlags{flags: f}
	cmd := &cobra.Command{
		Use: "remind", Short: "Écrit, par vagues, aux personnes qui n’ont pas encore choisi de mot de passe",
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(r.plan(), r.send(), r.status(), r.reports(), r.resume())
	for _, verb := range cmd.Commands() {
		verb.Flags().BoolP("help", "h", false, "cette aide")
		verb.Args = noArgs
	}
	return cmd
}

func (r *remindFlags) journal() string { return filepath.Join(r.dir, importer.JournalFile) }

// readCampaign reads the file of --campaign.
func (r *remindFlags) readCampaign() (remind.Campaign, error) {
	if r.campaign == "" {
		return remind.Campaign{}, usageError{errors.New("il manque la campagne (--campaign)")}
	}
	text, err := os.ReadFile(r.campaign)
	if err != nil {
		return remind.Campaign{}, usageError{fmt.Errorf("--campaign : %w", err)}
	}
	c, err := remind.ParseCampaign(text)
	if err != nil {
		return c, usageError{fmt.Errorf("%s : %w", filepath.Base(r.campaign), err)}
	}
	return c, nil
}

func (r *remindFlags) campaignFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&r.campaign, "campaign", "", "campagne (YAML) : textes, relais, rythme ; obligatoire")
}

func (r *remindFlags) waveFlags(cmd *cobra.Command) {
	r.campaignFlag(cmd)
	cmd.Flags().IntVar(&r.people, "people", 0, "personnes de la vague, à la place de ce que dit la campagne")
	r.kratosFlags(cmd)
}

func (r *remindFlags) remindOptions(cmd *cobra.Command) (remind.Options, error) {
	o, err := r.options(cmd, false, true)
	if err != nil {
		return remind.Options{}, err
	}
	if cmd.Flags().Changed("people") && r.people <= 0 || cmd.Flags().Changed("for") && r.lasts <= 0 {
		return remind.Options{}, usageError{errors.New("--people, --for : plus que zéro")}
	}
	c, err := r.readCampaign()
	return remind.Options{Kratos: o.Kratos, Campaign: c, Journal: r.journal(), People: r.people, For: r.lasts, Concurrency: r.concurrency,
		GiveUp: r.giveUp, Wait: r.printer(cmd).waitFor, Progress: r.printer(cmd).wave}, err
}

func (r *remindFlags) plan() *cobra.Command {
	cmd := &cobra.Command{
		Use: "plan", Short: "Dit à qui écrirait la prochaine vague et combien de temps elle prendrait, sans rien envoyer",
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := r.remindOptions(cmd)
			if err != nil {
				return err
			}
			p, err := remind.MakePlan(cmd.Context(), o)
			if err != nil {
				return err
			}
			r.printer(cmd).remindPlan(p)
			return nil
		},
	}
	r.waveFlags(cmd)
	return cmd
}

func (r *remindFlags) send() *cobra.Command {
	cmd := &cobra.Command{
		Use: "send", Short: "Envoie la prochaine vague ; relancé après une interruption, continue la même",
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := r.remindOptions(cmd)
			if err != nil {
				return err
			}
			if !r.yes {
				o.Confirm = func(p remind.Plan) bool {
					r.printer(cmd).remindPlan(p)
					return ask(cmd, fmt.Sprintf("Écrire à %d personnes ? Tapez ce nombre pour confirmer : ", p.People), fmt.Sprint(p.People))
				}
			}
			err = remind.Send(cmd.Context(), o)
			if status, statusErr := remind.ReadStatus(cmd.Context(), r.journal()); statusErr == nil && len(status.Waves) > 0 {
				status.AtWork = false // it was this program
				r.printer(cmd).remindStatus(status)
				if err == nil && len(status.Stops) > 0 {
					return stoppedDomain{}
				}
			}
			return err
		},
	}
	r.waveFlags(cmd)
	cmd.Flags().DurationVar(&r.lasts, "for", 0, "s’arrête proprement après cette durée (8h) ; la même commande continue la vague")
	cmd.Flags().BoolVar(&r.yes, "yes", false, "ne demande pas")
	return cmd
}

func (r *remindFlags) status() *cobra.Command {
	cmd := &cobra.Command{
		Use: "status", Short: "Dit où en sont les vagues, ce qui a échoué et ce qui s’est arrêté, aussi pendant l’envoi",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if r.list != "" {
				if !slices.Contains(remind.States, r.list) {
					return usageError{fmt.Errorf("--list : %s", strings.Join(remind.States, ", "))}
				}
				all, err := remind.List(cmd.Context(), r.journal(), r.list)
				if err == nil {
					r.printer(cmd).listed(all)
				}
				return err
			}
			status, err := remind.ReadStatus(cmd.Context(), r.journal())
			if err != nil {
				return err
			}
			r.printer(cmd).remindStatus(status)
			return nil
		},
	}
	cmd.Flags().StringVar(&r.list, "list", "", "écrit les messages d’un sort, un par ligne, sans adresse : "+strings.Join(remind.States, ", "))
	return cmd
}

func (r *remindFlags) reports() *cobra.Command {
	cmd := &cobra.Command{
		Use: "reports", Short: "Lit les messages revenus et les demandes de ne plus écrire : d’une boîte, ou d’un tube",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := r.readCampaign()
			if err != nil {
				return err
			}
			from := r.input
			if from == "" {
				from = c.Reports
			}
			if from == "" {
				return usageError{errors.New("il manque la boîte : --input, ou reports dans la campagne")}
			}
			read, err := remind.ReadReports(cmd.Context(), r.journal(), c.Unsubscribe, from, cmd.InOrStdin())
			if err == nil {
				r.printer(cmd).inbox(read)
			}
			return err
		},
	}
	r.campaignFlag(cmd)
	cmd.Flags().StringVar(&r.input, "input", "", "dossier Maildir ou fichier mbox ; - pour l’entrée standard : un message, ou un mbox")
	return cmd
}

func (r *remindFlags) resume() *cobra.Command {
	cmd := &cobra.Command{
		Use: "resume", Short: "Reprend une campagne, ou avec --domain un domaine, qui s’est arrêté ; les échecs d’avant ne comptent plus",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := remind.Resume(cmd.Context(), r.journal(), strings.ToLower(r.domain)); err != nil {
				return err
			}
			what := "la campagne reprend au prochain remind send"
			if r.domain != "" {
				what = r.domain + " : la prochaine vague y écrit de nouveau"
			}
			r.printer(cmd).say(map[string]any{"resumed": r.domain}, what)
			return nil
		},
	}
	cmd.Flags().StringVar(&r.domain, "domain", "", "le domaine à reprendre ; rien : la campagne")
	return cmd
}
