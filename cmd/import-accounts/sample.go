package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"efpconnect.example/internal/importer/profiles"
	"efpconnect.example/internal/importer/samples"
)

// sample writes invented data and the example profile, for a first try.
func sample() *cobra.Command {
	var rows int
	var seed uint64
	var defects float64
	var output, profileOut string
	cmd := &cobra.Command{
		Use: "sample", Short: "Invente un export de l’ancien portail, défauts compris, pour essayer",
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if rows < 1 || defects < 0 || defects > 1 {
				return usageError{errors.New("--rows : une ligne au moins ; --defects : de 0 à 1")}
			}
			if profileOut != "" {
				if err := writeNew(profileOut, profiles.MesDemarches); err != nil {
					return err
				}
			}
			f, err := os.OpenFile(output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return err
			}
			defer func() {
				if closeErr := f.Close(); err == nil {
					err = closeErr
				}
			}()
			truth, err := samples.WriteCSV(f, samples.Options{Rows: rows, Seed: seed, Defects: defects})
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s : %d lignes, dont %d à rejeter et %d en double\n", output, truth.Read, truth.Rejected, truth.Conflict)
			return nil
		},
	}
	cmd.Flags().IntVar(&rows, "rows", 1000, "nombre de lignes")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "graine : la même donne les mêmes lignes")
	cmd.Flags().Float64Var(&defects, "defects", 0.05, "part de lignes défectueuses")
	cmd.Flags().StringVar(&output, "output", "export.csv", "fichier à écrire ; il ne doit pas exister")
	cmd.Flags().StringVar(&profileOut, "with-profile", "", "écrit aussi le profil d’exemple sous ce nom")
	return cmd
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
