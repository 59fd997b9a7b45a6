package ui

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/url"
	"slices"
	"sync"

	"efpconnect.example/internal/hydra"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/services"
	"efpconnect.example/internal/settings"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/cas"
	"efpconnect.example/selfservice-ui/consent"
	"efpconnect.example/selfservice-ui/page"
)

// registryOf reads services.yml; nil where no service signs people in.
func registryOf(set settings.Settings) (*services.Registry, error) {
	if set.ServicesFile == "" {
		return nil, nil
	}
	return services.Read(set.ServicesFile)
}

// errNoHydra: « Vos services » would list what cannot be opened.
var errNoHydra = errors.New("a service speaks OpenID Connect: hydra_url is needed")

// signIn puts the sign-in of services together and tells the login and the reset of it. Without a registry there is none.
func (s *Site) signIn(set settings.Settings, parts Parts, base browser.SealedCookie, registry *services.Registry) error {
	if registry == nil {
		return nil
	}
	if set.HydraURL == "" && registry.Speaks(services.OIDC) {
		return about("services_file", errNoHydra)
	}
	s.cas = newCAS(s, set, parts, base, registry)
	leads, ends, goOn := []leader{s.cas.Leads}, []ender{s.cas.SignedOut}, []follower{s.cas.Continued}
	if set.HydraURL != "" {
		s.consent = newConsent(s, set, parts, base, registry)
		leads, ends, goOn = append(leads, s.consent.Leads), append(ends, s.consent.SignedOut), append(goOn, s.consent.Continued)
		s.consent.EndEverywhere = everywhere(ends)
	}
	s.login.Leads, s.login.SignedOut, s.recovery.SignedOut = first(leads), everywhere(ends), everywhere(ends)
	s.login.Continued = each(goOn)
	s.login.ReturnTo = append(s.login.ReturnTo, set.PublicURL)
	s.recovery.ReturnTo = append(s.recovery.ReturnTo, set.PublicURL)
	var ids []string
	for _, service := range registry.Services {
		ids = append(ids, service.ID)
		if service.Home != "" {
			s.login.Services = append(s.login.Services, page.Link{Label: service.Name, URL: service.Home})
		}
	}
	parts.Metrics.Services(ids)
	return nil
}

type (
	leader = func(returnTo string) (service string, leads bool)
	ender  = func(ctx context.Context, email, session string) (untold []string, err error)

	follower = func(ctx context.Context, former, now kratos.Session) error
)

// each tells every protocol of a session that follows another.
func each(all []follower) follower {
	return func(ctx context.Context, former, now kratos.Session) (err error) {
		for _, goOn := range all {
			err = errors.Join(err, goOn(ctx, former, now))
		}
		return err
	}
}

// first asks each protocol in turn whether an address is its own.
func first(all []leader) leader {
	return func(returnTo string) (string, bool) {
		for _, leads := range all {
			if service, own := leads(returnTo); own {
				return service, true
			}
		}
		return "", false
	}
}

// everywhere has the services of each protocol told at once.
func everywhere(all []ender) ender {
	return func(ctx context.Context, email, session string) ([]string, error) {
		untold, faults := make([][]string, len(all)), make([]error, len(all))
		var told sync.WaitGroup
		for i, end := range all {
			told.Go(func() { untold[i], faults[i] = end(ctx, email, session) })
		}
		told.Wait()
		return slices.Concat(untold...), errors.Join(faults...)
	}
}

func newCAS(s *Site, set settings.Settings, parts Parts, base browser.SealedCookie, registry *services.Registry) *cas.Handler {
	return &cas.Handler{
		Kratos:    s.login.Kratos,
		Store:     parts.Store,
		Box:       s.login.Box,
		Pages:     s.pages,
		Errors:    s.errors,
		Guard:     s.forms,
		Registry:  registry,
		Prefixes:  set.CASPrefixes,
		OpaqueKey: []byte(set.ServicesKey),
		Asked:     cas.AskedCookie(base),
		Notifier:  cas.NewNotifier(neighbours(set)),
		Issuer:    set.PublicURL,
		Now:       parts.Now,
		Log:       parts.Log,
		Metrics:   parts.Metrics,
	}
}

func newConsent(s *Site, set settings.Settings, parts Parts, base browser.SealedCookie, registry *services.Registry) *consent.Handler {
	return &consent.Handler{
		Hydra:     hydra.New(set.HydraURL, set.KratosTimeout),
		Kratos:    s.login.Kratos,
		Store:     parts.Store,
		Box:       s.login.Box,
		Pages:     s.pages,
		Errors:    s.errors,
		Guard:     s.forms,
		Registry:  registry,
		OpaqueKey: []byte(set.ServicesKey),
		Asked:     consent.AskedCookie(base),
		Issuer:    set.PublicURL,
		Now:       parts.Now,
		Log:       parts.Log,
		Metrics:   parts.Metrics,
	}
}

// neighbours are the programs that the site talks to, as host:port. The settings have checked the addresses.
func neighbours(set settings.Settings) (list []string) {
	ports := map[string]string{"http": "80", "https": "443", "redis": "6379", "rediss": "6379", "smtp": "587", "smtps": "465", "smtp+starttls": "587"}
	for _, address := range []string{set.KratosURL, set.HydraURL, set.RedisURL, set.NoticeSMTP} {
		at, err := url.Parse(address)
		if err != nil || at.Hostname() == "" {
			continue
		}
		list = append(list, net.JoinHostPort(at.Hostname(), cmp.Or(at.Port(), ports[at.Scheme], "0")))
		list = append(list, at.Query()["addr"]...) // further sentinels
	}
	return list
}
