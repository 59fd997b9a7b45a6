package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"efpconnect.example/internal/importer/profiles"
)

// profileVerb writes a profile for a known kind of store, to be adapted.
func profileVerb() *cobra.Command {
	var from, output string
	cmd := &cobra.Command{
		Use: "profile", Short: "Écrit un profil commenté pour un portail connu (keycloak, ldif, wordpress…)",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if from == "" {
				return usageError{errors.New("--from : l’un de " + strings.Join(profiles.Names(), ", "))}
			}
			text, err := profiles.Named(from)
			if err != nil {
				return usageError{fmt.Errorf("--from : %w", err)}
			}
			if output == "" {
				_, err := cmd.OutOrStdout().Write(text)
				return err
			}
			if err := writeNew(output, text); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s : relisez-le, puis import-accounts check --profile %s\n", output, output)
			return nil
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "le portail : "+strings.Join(profiles.Names(), ", "))
	cmd.Flags().StringVar(&output, "output", "", "fichier à écrire, qui ne doit pas exister ; sans elle, le profil va à l’écran")
	return cmd
}
