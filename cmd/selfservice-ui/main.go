// Command selfservice-ui is the website: login page and reset of the password, in front of Kratos.
//
// Its settings are flags, environment variables (EFP_…) and a file: `selfservice-ui config` prints them all, with what is in
// force. A SIGHUP takes over log_level; everything else needs a new process, and is named in the log.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"efpconnect.example/internal/buildinfo"
	"efpconnect.example/internal/settings"
	ui "efpconnect.example/selfservice-ui"
)

func main() {
	if err := newCommand().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func newCommand() *cobra.Command {
	root := &cobra.Command{Use: "selfservice-ui", Short: "EFP Connect's login and password reset, in front of Kratos",
		Version: buildinfo.Read().String(), Args: cobra.NoArgs, SilenceUsage: true, SilenceErrors: true}
	settings.Flags(root.PersistentFlags())
	root.RunE = func(cmd *cobra.Command, _ []string) error {
		reread := func() (settings.Settings, error) { return settings.Read(cmd.Flags()) }
		set, err := reread()
		if err != nil {
			return err
		}
		// The first signal lets the requests under way finish; a second one ends the program at once.
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		context.AfterFunc(ctx, stop)
		return ui.Run(ctx, set, reread, os.Stderr)
	}
	config := &cobra.Command{Use: "config", Short: "Prints every setting: what it is for, how to set it, what is in force", Args: cobra.NoArgs}
	config.RunE = func(cmd *cobra.Command, _ []string) error {
		set, err := settings.Read(cmd.Flags()) // what is wrong is told after what is right
		return errors.Join(settings.Print(cmd.OutOrStdout(), set), err)
	}
	schema := &cobra.Command{Use: "schema", Short: "Prints the JSON Schema of a file of settings, for editors", Args: cobra.NoArgs}
	schema.RunE = func(cmd *cobra.Command, _ []string) error { return settings.WriteSchema(cmd.OutOrStdout()) }
	health := &cobra.Command{Use: "health", Short: "Asks the process that runs on this machine whether it is alive", Args: cobra.NoArgs}
	health.RunE = func(cmd *cobra.Command, _ []string) error {
		set, err := settings.ReadShared(cmd.Flags(), nil)
		return errors.Join(err, ui.Alive(cmd.Context(), set))
	}
	root.AddCommand(config, schema, health, errorPages())
	return root
}

// errorPages writes what the proxy shows where it answers by itself. It needs the settings that people see, and no secret.
func errorPages() *cobra.Command {
	var dir string
	cmd := &cobra.Command{Use: "error-pages", Short: "Writes the pages that the proxy shows when no replica answers", Args: cobra.NoArgs}
	cmd.Flags().StringVar(&dir, "out", "", "folder to write to, a file for each status (503.http)")
	if err := cmd.MarkFlagRequired("out"); err != nil {
		panic(err) // the flag is declared above
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		set, err := settings.ReadShared(cmd.Flags(), nil)
		if err != nil {
			return err
		}
		pages, err := ui.ErrorPages(set)
		if err != nil {
			return err
		}
		return pages.Write(dir)
	}
	return cmd
}
