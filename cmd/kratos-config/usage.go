package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"efpconnect.example/config/doctor"
	"efpconnect.example/internal/settings"
)

const schemaHelp = "configuration schema of the Kratos that is judged (embedx/config.schema.json of its source); default: that of v1.3.1"

// readSchema reads the configuration schema of another Kratos.
func readSchema(name string) ([]byte, *doctor.Schema, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, fmt.Errorf("--schema: %w", err)
	}
	schema, err := doctor.ParseSchema(text)
	if err != nil {
		return nil, nil, fmt.Errorf("--schema: %s: %w", name, err)
	}
	return text, schema, nil
}

// ownFirst makes --help tell the verb's own flags before the settings of the site, of which there are many.
func ownFirst(cmd *cobra.Command, site *pflag.FlagSet) {
	cmd.SetUsageFunc(func(cmd *cobra.Command) error {
		own := pflag.NewFlagSet("", pflag.ContinueOnError)
		cmd.Flags().VisitAll(func(flag *pflag.Flag) {
			if site.Lookup(flag.Name) == nil {
				own.AddFlag(flag)
			}
		})
		_, err := fmt.Fprintf(cmd.OutOrStderr(), "Usage:\n  %s\n\nFlags:\n%s\nSettings of the site (a flag, an EFP_… variable, or the file of --config):\n%s",
			cmd.UseLine(), own.FlagUsages(), site.FlagUsages())
		return err
	})
}

// siteFlags are the settings of the site as flags.
func siteFlags() *pflag.FlagSet {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	settings.Flags(flags)
	return flags
}
