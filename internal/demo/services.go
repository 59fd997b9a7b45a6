package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"efpconnect.example/internal/hydra"
	"efpconnect.example/internal/hydraprocess"
	"efpconnect.example/internal/services"
	"efpconnect.example/internal/settings"
)

// registryText declares the two sample services (%[1]s speaks CAS, %[2]s OpenID Connect), as docs/services.md says.
const registryText = `services:
  - id: formation
    name: Déclarer une formation (service d’exemple, CAS)
    home: %[1]s/
    addresses: ["%[1]s/"]
    protocol: cas
    identifier: email
    attributes: {givenName: trait.given_name, sn: trait.family_name}
    logout: %[1]s/
  - id: bilans
    name: Bilans pédagogiques (service d’exemple, OpenID Connect)
    home: %[2]s/
    protocol: oidc
    openid: {client: ` + openidClient + `, redirects: ["%[2]s/retour"], post_logout: ["%[2]s/"], scopes: [openid]}
    identifier: email
    attributes: {given_name: trait.given_name, family_name: trait.family_name}
    logout: %[2]s/fin
`

// startServices starts Hydra and the sample services, and has the site know them.
func (d *Demo) startServices(ctx context.Context, ports Ports, set *settings.Settings, logs io.Writer) error {
	cas, err := listen("the sample service of CAS", ports.CAS)
	if err != nil {
		return err
	}
	d.CAS = startCAS(d.SiteURL, cas)
	openid, err := listen("the sample service of OpenID Connect", ports.OpenID)
	if err != nil {
		return err
	}
	if err := d.startHydra(ctx, ports, set, openid, logs); err != nil {
		_ = openid.Close()
		return err
	}
	return nil
}

func (d *Demo) startHydra(ctx context.Context, ports Ports, set *settings.Settings, openid net.Listener, logs io.Writer) (err error) {
	dir := filepath.Join(d.dir, "hydra")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	set.ServicesFile, set.ServicesKey = filepath.Join(d.dir, "services.yml"), rand.Text()+rand.Text()
	text := fmt.Sprintf(registryText, d.CAS.url, "http://"+openid.Addr().String())
	if err := os.WriteFile(set.ServicesFile, []byte(text), 0o600); err != nil {
		return err
	}
	registry, err := services.Parse([]byte(text))
	if err != nil {
		return err
	}
	d.Hydra, err = hydraprocess.Start(ctx, hydraprocess.Options{
		Dir:        dir,
		SiteURL:    d.SiteURL,
		PublicPort: ports.Hydra,
		AdminPort:  ports.HydraAdmin,
		Log:        logs,
	})
	if err != nil {
		return err
	}
	set.HydraURL = d.Hydra.AdminURL
	client := hydra.Of(registry.ByClient(openidClient))
	client.Secret = rand.Text() + rand.Text()
	if err := hydra.New(d.Hydra.AdminURL, 30*time.Second).Create(ctx, client); err != nil {
		return fmt.Errorf("demo: the client of a sample service: %w", err)
	}
	d.OpenID, err = startOpenID(ctx, d.SiteURL, d.Hydra.PublicURL, client.Secret, openid)
	return err
}
