package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"efpconnect.example/internal/services"
)

// services is what concerns the registry of the services that people sign in to.
func (p *program) services() *cobra.Command {
	group := &cobra.Command{Use: "services", Short: "Judges the registry of services (services.yml)"}
	group.AddCommand(p.applyServices(), &cobra.Command{
		Use:   "check FILE [ADDRESS…]",
		Short: "Says everything that is wrong in it, and which service an address is of",
		Args:  cobra.MinimumNArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return p.checkServices(args[0], args[1:]) },
	})
	return group
}

func (p *program) checkServices(file string, addresses []string) error {
	registry, err := services.Read(file)
	if err != nil {
		fmt.Fprintln(p.out, err)
		return errFound
	}
	for _, s := range registry.Services {
		fmt.Fprintf(p.out, "%s: %s, %s, called by %s%s\n", s.ID, s.Name, s.Protocol, s.Identifier, remarks(s))
	}
	fmt.Fprintf(p.out, "%s: %d services, nothing to change\n", file, len(registry.Services))
	return p.match(registry, addresses)
}

// remarks are what is allowed and still of note to people.
func remarks(s *services.Service) string {
	var list []string
	if s.Home == "" {
		list = append(list, "not listed under « Vos services »")
	}
	if s.Logout == "" {
		list = append(list, "not told when a session ends")
	}
	if len(list) == 0 {
		return ""
	}
	return " (" + strings.Join(list, "; ") + ")"
}

func (p *program) match(registry *services.Registry, addresses []string) error {
	found := false
	for _, address := range addresses {
		s, err := registry.Match(address)
		if err != nil {
			fmt.Fprintf(p.out, "%s: %v\n", address, err)
			found = true
			continue
		}
		fmt.Fprintf(p.out, "%s: %s\n", address, s.ID)
	}
	if found {
		return errFound
	}
	return nil
}
