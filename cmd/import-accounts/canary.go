package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"efpconnect.example/internal/email"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/settings"
)

// canaryFlags are those of canary beside the shared ones.
type canaryFlags struct {
	*flags
	addresses []string
	hash      string
}

// canary makes the accounts that the site measures Kratos by: its setting login_canaries names them.
func (f *flags) canary() *cobra.Command {
	c := &canaryFlags{flags: f}
	cmd := &cobra.Command{
		Use:   "canary",
		Short: "Crée les comptes sondes du site (login_canaries) : personne ne peut y entrer",
		RunE:  c.run,
	}
	cmd.Flags().String("config", "", "réglages du site (YAML) : les adresses y sont, sous login_canaries")
	cmd.Flags().StringSliceVar(&c.addresses, "address", nil,
		"adresse d’un compte sonde, à la place de celles des réglages ; à votre domaine, sans boîte")
	cmd.Flags().StringVar(&c.hash, "hash", "",
		"empreinte reprise, d’une autre forme que celle de Kratos ($2a$12$…), là où des comptes en ont")
	f.kratosFlags(cmd)
	return cmd
}

func (c *canaryFlags) run(cmd *cobra.Command, _ []string) error {
	o, err := c.options(cmd, false, true)
	if err != nil {
		return err
	}
	list, err := c.list(cmd)
	if err != nil {
		return err
	}
	if err := awaitReady(cmd.Context(), o.Kratos, c.giveUp); err != nil {
		return err
	}
	out := c.printer(cmd)
	for _, address := range list {
		said := "créé"
		switch err := o.Kratos.CreateCanary(cmd.Context(), address, c.hash); {
		case errors.Is(err, kratos.ErrConflict):
			said = "existe déjà, inchangé"
		case errors.Is(err, kratos.ErrRefused):
			return fmt.Errorf("compte sonde %s : refusé par Kratos (son empreinte, ou une adresse que son schéma n’accepte pas)", address.Display())
		case err != nil:
			return err
		}
		out.say(map[string]any{"address": address.Display(), "said": said}, "compte sonde "+address.Display()+" : "+said)
	}
	return nil
}

// list is the addresses given, or those of the site's settings.
func (c *canaryFlags) list(cmd *cobra.Command) ([]email.Address, error) {
	given := c.addresses
	if len(given) == 0 {
		if name, _ := cmd.Flags().GetString("config"); name == "" {
			return nil, usageError{errors.New("il manque les adresses (--address, ou --config et son login_canaries)")}
		}
		set, err := settings.ReadShared(cmd.Flags(), nil)
		if err != nil {
			return nil, usageError{fmt.Errorf("--config : %w", err)}
		}
		given = set.LoginCanaries
	}
	list := make([]email.Address, 0, len(given))
	for _, text := range given {
		address, fault := email.Parse(text)
		if fault != "" {
			return nil, usageError{fmt.Errorf("--address : %q n’est pas une adresse", text)}
		}
		list = append(list, address)
	}
	return list, nil
}

// awaitReady waits for a Kratos that starts at the same time.
func awaitReady(ctx context.Context, admin *kratos.Admin, giveUp time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, giveUp)
	defer cancel()
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for {
		err := admin.Ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return err
		}
	}
}
