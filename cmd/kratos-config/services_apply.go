package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"efpconnect.example/internal/hydra"
	"efpconnect.example/internal/services"
)

// clients brings Hydra's clients to what services.yml says.
type clients struct {
	admin   *hydra.Client
	secrets string // folder with a file for each client's secret
	write   bool   // false: say what would be done
	say     func(format string, values ...any)
}

func (p *program) applyServices() *cobra.Command {
	c := clients{say: func(format string, values ...any) { fmt.Fprintf(p.out, format+"\n", values...) }}
	var address string
	cmd := &cobra.Command{
		Use:   "apply FILE",
		Short: "Says what Hydra's clients lack against services.yml; with --write, brings them there",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			registry, err := services.Read(args[0])
			if err != nil {
				fmt.Fprintln(p.out, err)
				return errFound
			}
			c.admin = hydra.New(address, 30*time.Second)
			return c.apply(cmd.Context(), registry)
		},
	}
	cmd.Flags().StringVar(&address, "hydra-url", "http://127.0.0.1:4445", "address of Hydra's admin API")
	cmd.Flags().StringVar(&c.secrets, "secrets", "", "folder with the clients' secrets, a file for each; those that are missing are made")
	cmd.Flags().BoolVar(&c.write, "write", false, "do it")
	return cmd
}

func (c *clients) apply(ctx context.Context, registry *services.Registry) error {
	var wanted []string
	changes := 0
	for _, s := range registry.Services {
		if s.Protocol != services.OIDC {
			continue
		}
		wanted = append(wanted, s.OpenID.Client)
		changed, err := c.one(ctx, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.ID, err)
		}
		changes += changed
	}
	removed, err := c.remove(ctx, wanted)
	if err != nil {
		return err
	}
	switch {
	case changes+removed == 0:
		c.say("%d clients, nothing to change", len(wanted))
	case !c.write:
		c.say("nothing was done: --write does it")
	}
	return nil
}

// errNotOurs: somebody else made a client of that name.
var errNotOurs = errors.New("Hydra has a client of that name that is not of services.yml: remove it there, or name another in openid.client")

// one creates or changes the client of an entry and tells whether there was anything to do.
func (c *clients) one(ctx context.Context, s *services.Service) (changes int, err error) {
	want := hydra.Of(s)
	there, found, err := c.admin.Registered(ctx, want.ID)
	switch {
	case err != nil:
		return 0, err
	case found && there.Owner != hydra.Owner:
		return 0, errNotOurs
	case !found:
		c.say("%s: create", want.ID)
		if !c.write {
			return 1, nil
		}
		if s.OpenID.Auth != services.AuthNone {
			if want.Secret, err = c.secret(want.ID); err != nil {
				return 0, err
			}
		}
		return 1, c.admin.Create(ctx, want)
	}
	fields := want.Differences(there)
	if len(fields) == 0 {
		return 0, nil
	}
	c.say("%s: change %s", want.ID, strings.Join(fields, ", "))
	if !c.write {
		return 1, nil
	}
	return 1, c.admin.Update(ctx, want)
}

// remove ends the clients whose entry has gone, and what they were granted.
func (c *clients) remove(ctx context.Context, wanted []string) (removed int, err error) {
	owned, err := c.admin.Owned(ctx)
	if err != nil {
		return 0, err
	}
	for _, id := range owned {
		if slices.Contains(wanted, id) {
			continue
		}
		removed++
		c.say("%s: remove", id)
		if !c.write {
			continue
		}
		if err := c.admin.Remove(ctx, id); err != nil {
			return removed, fmt.Errorf("%s: %w", id, err)
		}
	}
	return removed, nil
}

// secret is the one in the client's file, or a new one, which is written there before Hydra has it.
func (c *clients) secret(id string) (string, error) {
	if c.secrets == "" {
		return "", errors.New("--secrets: its secret has to be kept somewhere")
	}
	name := filepath.Join(c.secrets, id)
	content, err := os.ReadFile(name)
	if err == nil {
		if secret := strings.TrimSpace(string(content)); secret != "" {
			return secret, nil
		}
		return "", fmt.Errorf("%s is empty", name)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	secret := rand.Text() + rand.Text()
	if err := os.MkdirAll(c.secrets, 0o700); err != nil {
		return "", err
	}
	if err := os.WriteFile(name, []byte(secret+"\n"), 0o600); err != nil {
		return "", err
	}
	c.say("%s: its secret is in %s", id, name)
	return secret, nil
}
