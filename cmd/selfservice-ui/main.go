// Command selfservice-ui is the website: login page and reset of the password, in front of Kratos.
//
// Its settings are flags, environment variables (EFP_…) and a file; `selfservice-ui --help` lists them.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"efpconnect.example/internal/settings"
	ui "efpconnect.example/selfservice-ui"
)

func main() {
	command := &cobra.Command{
		Use:           "selfservice-ui",
		Short:         "EFP Connect's login and password reset, in front of Kratos",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := settings.Read(cmd.Flags())
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return ui.Run(ctx, set, os.Stderr)
		},
	}
	settings.Flags(command.Flags())
	if err := command.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
