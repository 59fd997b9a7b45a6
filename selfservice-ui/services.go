package ui

import (
	"net/netip"

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
		Notifier:  cas.NewNotifier([]netip.Prefix{}),
		Issuer:    set.PublicURL,
		Now:       parts.Now,
		Log:       parts.Log,
	}
	s.login.Leads, s.login.SignedOut, s.recovery.SignedOut = h.Leads, h.SignedOut, h.SignedOut
	s.login.ReturnTo = append(s.login.ReturnTo, set.PublicURL)
	s.recovery.ReturnTo = append(s.recovery.ReturnTo, set.PublicURL)
	for _, service := range registry.Services {
		if service.Home != "" {
			s.login.Services = append(s.login.Services, page.Link{Label: service.Name, URL: service.Home})
		}
	}
	return h
}
