package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/report"
)

// The verbs for after a run: they read the journal, and not the source.

// errNothing ends a verb that asked and was not told to go on.
var errNothing = errors.New("pas de confirmation : rien n’a été supprimé")

func (f *flags) status() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Dit où en est l’import, aussi pendant qu’il tourne",
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options(cmd, false, false)
			if err != nil {
				return err
			}
			s, err := importer.ReadStatus(cmd.Context(), o)
			if err != nil {
				return err
			}
			f.printer(cmd).status(s)
			return nil
		},
	}
}

func (f *flags) report() *cobra.Command {
	offline := false
	cmd := &cobra.Command{
		Use: "report", Short: "Écrit une page HTML sans donnée personnelle : bilan, raisons, débit, adoption",
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options(cmd, false, !offline)
			if err != nil {
				return err
			}
			path, err := importer.Report(cmd.Context(), o)
			if err != nil {
				return err
			}
			f.printer(cmd).say(map[string]any{"file": path}, path)
			return nil
		},
	}
	cmd.Flags().BoolVar(&offline, "offline", false, "sans demander à Kratos combien de personnes ont choisi un mot de passe")
	f.kratosFlags(cmd)
	return cmd
}

func (f *flags) reminder() *cobra.Command {
	cmd := &cobra.Command{
		Use: "reminder", Short: "Exporte (données personnelles) les personnes qui n’ont pas encore choisi de mot de passe",
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options(cmd, false, true)
			if err != nil {
				return err
			}
			path, count, err := importer.Reminder(cmd.Context(), o)
			if err != nil {
				return err
			}
			f.printer(cmd).say(map[string]any{"file": path, "people": count},
				fmt.Sprintf("%s : %s personnes. Ce fichier contient des données personnelles : purge le supprime.", path, report.Number(count)))
			return nil
		},
	}
	f.kratosFlags(cmd)
	return cmd
}

func (f *flags) undo() *cobra.Command {
	var apply, yes bool
	cmd := &cobra.Command{
		Use: "undo", Short: "Compte, ou avec --apply supprime, ce que l’import a créé et dont personne ne s’est servi",
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options(cmd, false, true)
			if err != nil {
				return err
			}
			refused := false
			var confirm func(importer.Undoing) bool
			if apply {
				confirm = func(u importer.Undoing) bool {
					question := fmt.Sprintf("Supprimer %d comptes de Kratos", u.Removable)
					if u.Attached > 0 {
						question += fmt.Sprintf(", et détacher l’ancien identifiant de %d autres", u.Attached)
					}
					concerned := fmt.Sprint(u.Removable + u.Attached)
					refused = !yes && !ask(cmd, question+" ? Tapez "+concerned+" pour confirmer : ", concerned)
					return !refused
				}
			}
			u, err := importer.Undo(cmd.Context(), o, confirm)
			if err == nil && refused {
				return errNothing
			}
			if err == nil || u.Removed+u.Detached > 0 {
				f.printer(cmd).undoing(u, apply)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&apply, "apply", false, "supprime vraiment, après confirmation")
	cmd.Flags().BoolVar(&yes, "yes", false, "avec --apply : ne demande pas")
	f.kratosFlags(cmd)
	return cmd
}

func (f *flags) purge() *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use: "purge", Short: "Supprime les données personnelles du dossier de l’import ; les bilans restent",
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options(cmd, false, false)
			if err != nil {
				return err
			}
			if !yes && !ask(cmd, "Après cela, ni undo ni nouvel import avec ce journal. Tapez purger pour confirmer : ", "purger") {
				return errNothing
			}
			removed, err := importer.Purge(cmd.Context(), o)
			out := f.printer(cmd)
			for _, name := range removed {
				out.say(map[string]any{"removed": name}, "supprimé : "+name)
			}
			if err == nil {
				out.say(map[string]any{"purged": true}, "le journal ne contient plus que les bilans")
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "ne demande pas")
	return cmd
}

// ask prints a question and compares the answer.
func ask(cmd *cobra.Command, question, want string) bool {
	fmt.Fprint(cmd.ErrOrStderr(), question)
	line, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
	return (err == nil || line != "") && strings.TrimSpace(line) == want
}
