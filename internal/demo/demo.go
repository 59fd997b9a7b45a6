// Package demo runs all of it on one machine, on loopback: the site, a real Kratos, a mailbox, sample accounts, and two sample
// services, one by CAS and one by OpenID Connect through a real Hydra. Nothing it makes outlives it. cmd/demo is its only caller; production is put together by docker-compose.yml.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"efpconnect.example/config"
	mail "efpconnect.example/courier-templates"
	"efpconnect.example/internal/hydraprocess"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/lifetime"
	"efpconnect.example/internal/mailbox"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/settings"
	ui "efpconnect.example/selfservice-ui"
	"efpconnect.example/selfservice-ui/sitepath"
)

const environment = "demo" // in package config

// Ports the demonstration takes on 127.0.0.1; 0 takes a free one.
type Ports struct {
	Site, Internal, Mailbox, SMTP int
	Public, Admin                 int // Kratos's
	Hydra, HydraAdmin             int
	CAS, OpenID                   int // the sample services
}

// DefaultPorts are those of the documentation.
var DefaultPorts = Ports{
	Site:       4455,
	Internal:   4456,
	Mailbox:    4436,
	SMTP:       4425,
	Public:     4433,
	Admin:      4434,
	Hydra:      4444,
	HydraAdmin: 4445,
	CAS:        4471,
	OpenID:     4472,
}

// Demo is all of it, running.
type Demo struct {
	SiteURL  string
	Mailbox  *mailbox.Mailbox
	Kratos   *kratosprocess.Process
	Hydra    *hydraprocess.Process
	CAS      *service // a sample of a service that people sign in to
	OpenID   *service
	Accounts []Account
	Balance  string // what became of the rows of the sample export

	dir              string
	public, internal net.Listener
	site             func(context.Context) error
}

// Start starts everything and returns once the first page can be opened. A port that somebody else has is named in the
// error. What the programs log goes to logs.
func Start(ctx context.Context, ports Ports, logs io.Writer) (*Demo, error) {
	d := &Demo{SiteURL: "http://" + local(ports.Site)}
	if err := d.start(ctx, ports, logs); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *Demo) start(ctx context.Context, ports Ports, logs io.Writer) (err error) {
	if d.dir, err = os.MkdirTemp("", "efp-connect-demo-"); err != nil {
		return err
	}
	if d.public, err = listen("the site", ports.Site); err != nil {
		return err
	}
	if d.internal, err = listen("the permit hook", ports.Internal); err != nil {
		return err
	}
	d.SiteURL = "http://" + d.public.Addr().String()
	if d.Mailbox, err = mailbox.Start(local(ports.SMTP), local(ports.Mailbox)); err != nil {
		return err
	}
	set, err := Settings(d.SiteURL)
	if err != nil {
		return err
	}
	if d.Kratos, err = startKratos(ctx, d, ports, set, d.internal.Addr().String(), logs); err != nil {
		return err
	}
	set.KratosURL = d.Kratos.PublicURL
	if d.Accounts, err = createAccounts(ctx, d.Kratos.AdminURL); err != nil {
		return err
	}
	if err = createCanaries(ctx, d.Kratos.AdminURL, set.LoginCanaries); err != nil {
		return err
	}
	if d.Balance, err = importLegacy(ctx, d.Kratos.AdminURL, d.dir); err != nil {
		return err
	}
	if err = d.startServices(ctx, ports, &set, logs); err != nil {
		return err
	}
	log, err := ui.Logger(set.LogLevel, logs)
	if err != nil {
		return err
	}
	shared, spend, err := ui.OpenStore(set, log)
	if err != nil {
		return err
	}
	site, err := ui.New(set, ui.Parts{Store: shared, Spend: spend, Log: log, Now: time.Now})
	if err != nil {
		return err
	}
	d.site = func(ctx context.Context) error { return site.ServeOn(ctx, d.public, d.internal, set, log) }
	return nil
}

// Serve serves the site until ctx ends.
func (d *Demo) Serve(ctx context.Context) error { return d.site(ctx) }

// Close stops what runs, gives every port back and removes what was written.
func (d *Demo) Close() error {
	var faults []error
	faults = append(faults, d.CAS.close(), d.OpenID.close(), d.Hydra.Stop())
	if d.Kratos != nil {
		faults = append(faults, d.Kratos.Stop())
	}
	if d.Mailbox != nil {
		faults = append(faults, d.Mailbox.Close())
	}
	for _, l := range []net.Listener{d.public, d.internal} {
		if l == nil {
			continue
		}
		if err := l.Close(); !errors.Is(err, net.ErrClosed) { // Serve has closed its own
			faults = append(faults, err)
		}
	}
	return errors.Join(append(faults, os.RemoveAll(d.dir))...)
}

// Settings of the demonstration's site: a test environment, no TLS, keys that live as long as the process. The sender that the
// pages name is the one that Kratos's configuration writes from.
func Settings(siteURL string) (set settings.Settings, err error) {
	set = settings.Defaults()
	if set.MailSender, err = config.Lookup(environment, "courier.smtp.from_address"); err != nil {
		return set, err
	}
	set.PublicURL, set.Keys, set.HookKey = siteURL, []string{seal.NewKey()}, seal.NewKey()
	set.EnvironmentLabel = "DÉMO"
	set.LoginCanaries = []string{"sonde@example.test"}
	set.Drain = 0 // no proxy has to notice
	set.Registration = settings.RegistrationOpen
	set.Services = []string{"Page d’accueil=" + siteURL}
	set.ReturnTo = []string{siteURL}
	return set, nil
}

func startKratos(ctx context.Context, d *Demo, ports Ports, set settings.Settings, hookAddress string, logs io.Writer) (*kratosprocess.Process, error) {
	templates, err := mail.Files(mail.Constants{PublicURL: set.PublicURL, EnvironmentLabel: set.EnvironmentLabel, Ministry: set.Ministry,
		ServiceName: set.ServiceName, AssistanceURL: set.AssistanceURL, Sender: set.MailSender, CodeLifetime: lifetime.Code})
	if err != nil {
		return nil, err
	}
	return kratosprocess.Start(ctx, kratosprocess.Options{Dir: d.dir, Environment: environment, PublicPort: ports.Public, AdminPort: ports.Admin,
		SiteURL: d.SiteURL, HookURL: "http://" + hookAddress + sitepath.PermitHook, HookKey: set.HookKey,
		SMTPAddr: d.Mailbox.SMTPAddr(), Templates: templates, Log: logs,
		Overrides: map[string]any{config.Registration: config.RegistrationOpen}})
}

func listen(what string, port int) (net.Listener, error) {
	l, err := net.Listen("tcp", local(port))
	if err != nil {
		return nil, fmt.Errorf("%s needs %s, which another program has taken: %w", what, local(port), err)
	}
	return l, nil
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
