package sitetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/hydra"
	"efpconnect.example/internal/hydraprocess"
	"efpconnect.example/internal/services"
)

// ClientSecret is that of every client of Hydra which has one.
const ClientSecret = "secret-de-nos-essais-32-caracteres"

// startHydra runs a real Hydra with the registry's clients; none where no entry speaks OpenID Connect.
func (s *Site) startHydra(t testing.TB, issuer string) {
	t.Helper()
	if s.Settings.ServicesFile == "" {
		return
	}
	registry, err := services.Read(s.Settings.ServicesFile)
	if err != nil {
		t.Fatal(err)
	}
	if !registry.Speaks(services.OIDC) {
		return
	}
	log := &strings.Builder{}
	s.Hydra, err = hydraprocess.Start(context.Background(), hydraprocess.Options{Dir: t.TempDir(), SiteURL: s.Settings.PublicURL, Issuer: issuer, Log: log})
	t.Cleanup(func() {
		if err := s.Hydra.Stop(); err != nil {
			t.Errorf("stopping Hydra: %v", err)
		}
		if t.Failed() {
			t.Logf("the end of Hydra's log:\n%s", log.String()[max(0, log.Len()-6000):])
		}
	})
	if err != nil {
		t.Fatalf("starting a real Hydra: %v", err)
	}
	s.Settings.HydraURL = s.Hydra.AdminURL
	admin := hydra.New(s.Hydra.AdminURL, 30*time.Second)
	for _, entry := range registry.Services {
		if entry.Protocol != services.OIDC {
			continue
		}
		client := hydra.Of(entry)
		if entry.OpenID.Auth != services.AuthNone {
			client.Secret = ClientSecret
		}
		if err := admin.Create(context.Background(), client); err != nil {
			t.Fatal(err)
		}
	}
}
