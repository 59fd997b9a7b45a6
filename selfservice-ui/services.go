package ui

import (
	"cmp"
	"net"
	"net/url"

	"efpconnect.example/internal/services"
	"efpconnect.example/internal/settings"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/cas"
	"efpconnect.example/selfservice-ui/page"
)

// registryOf reads services.yml; nil where no service signs people in.
func registryOf(set settings.Settings) (*services.Registry, error) {
	if set.ServicesFile == "" {
		return nil, nil
	}
	return services.Read(set.ServicesFile)
}

// newCAS puts the sign-in of services together and tells the login and the reset of it; nil without a registry.
func newCAS(s *Site, set settings.Settings, parts Parts, base browser.SealedCookie, registry *services.Registry) *cas.Handler {
	if registry == nil {
		return nil
	}
	h := &cas.Handler{
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
	s.login.Leads, s.login.SignedOut, s.recovery.SignedOut = h.Leads, h.SignedOut, h.SignedOut
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
	return h
}

// neighbours are the programs that the site talks to, as host:port. The settings have checked the addresses.
func neighbours(set settings.Settings) (list []string) {
	ports := map[string]string{"http": "80", "https": "443", "redis": "6379", "rediss": "6379", "smtp": "587", "smtps": "465", "smtp+starttls": "587"}
	for _, address := range []string{set.KratosURL, set.RedisURL, set.NoticeSMTP} {
		at, err := url.Parse(address)
		if err != nil || at.Hostname() == "" {
			continue
		}
		list = append(list, net.JoinHostPort(at.Hostname(), cmp.Or(at.Port(), ports[at.Scheme], "0")))
		list = append(list, at.Query()["addr"]...) // further sentinels
	}
	return list
}
