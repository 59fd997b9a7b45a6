// Package services is the registry of the services that people sign in to: services.yml, read strictly, all errors at once.
//
// The site reads it at its start (sign-in, « Vos services »), kratos-config checks it and gives its OpenID Connect clients to Hydra.
// It knows no page, no Kratos and no protocol.
package services

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"efpconnect.example/internal/email"
)

// Service is one entry of services.yml.
type Service struct {
	// ID names the service in logs, metrics and the keys of opaque identifiers: it never changes.
	ID string `yaml:"id"`
	// Name is for people: « Vous vous connectez à … ».
	Name string `yaml:"name"`
	// Home is where « Vos services » leads; empty: not listed there.
	Home string `yaml:"home"`
	// Addresses are where a ticket may be sent: each covers what is below it, on the boundary of a segment.
	Addresses []string `yaml:"addresses"`
	// Protocol is how the service has its tickets validated: cas, or saml (SAML 1.1, at /samlValidate alone); oidc has no tickets.
	Protocol Protocol `yaml:"protocol"`
	// OpenID is for the protocol oidc, in place of Addresses.
	OpenID *OpenID `yaml:"openid"`
	// Identifier is what the service calls the person by.
	Identifier Identifier `yaml:"identifier"`
	// Attributes are released under the names that this client reads: name → source.
	Attributes map[string]Source `yaml:"attributes"`
	// Logout is where the service is told that a session ended; empty: it cannot be told.
	Logout string `yaml:"logout"`
	// Domains limit who may enter by the domain of the e-mail address; empty lets everybody in.
	Domains []string `yaml:"domains"`

	addresses []address
}

// Protocol is a way to sign in.
type Protocol string

// The protocols.
const (
	CAS  Protocol = "cas"
	SAML Protocol = "saml"
	OIDC Protocol = "oidc"
)

// Identifier is a kind of name for a person.
type Identifier string

// The identifiers.
const (
	ByEmail    Identifier = "email"     // the address; it changes when the person's address changes
	ByLegacyID Identifier = "legacy_id" // metadata_public.legacy.id, which the import writes: who has none does not enter
	Opaque     Identifier = "opaque"    // another text for each service, the same for ever
)

// Source is where an attribute's value comes from. What a person declared is a trait; what the import brought is in
// metadata_public.legacy. The two never take one another's place.
type Source string

// sources lists the kinds: email alone, trait.NAME, legacy.NAME.
var source = regexp.MustCompile(`^(?:email|(?:trait|legacy)\.[a-z][a-z0-9_]{0,40})$`)

// Registry is the file, checked.
type Registry struct {
	Services []*Service
}

// Read reads services.yml.
func Read(name string) (*Registry, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("services: %w", err)
	}
	r, err := Parse(content)
	if err != nil {
		return nil, fmt.Errorf("services: %s: %w", name, err)
	}
	return r, nil
}

// Parse judges the text of the file. The error joins everything that is wrong, each with its entry.
func Parse(content []byte) (*Registry, error) {
	var file struct {
		Services []*Service `yaml:"services"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if err := decoder.Decode(&struct{}{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one document")
	}
	r := &Registry{Services: file.Services}
	return r, r.check()
}

var serviceID = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)

func (r *Registry) check() error {
	var faults []error
	seen := map[string]bool{}
	for i, s := range r.Services {
		if s == nil {
			faults = append(faults, fmt.Errorf("entry %d is empty", i+1))
			continue
		}
		if seen[s.ID] {
			faults = append(faults, fmt.Errorf("entry %d: the id %q is another entry's", i+1, s.ID))
		}
		seen[s.ID] = true
		for _, fault := range s.check() {
			faults = append(faults, fmt.Errorf("entry %d (%s): %w", i+1, s.ID, fault))
		}
	}
	return errors.Join(slices.Concat(faults, r.overlaps(), r.sameClients())...)
}

func (s *Service) check() (faults []error) {
	add := func(format string, values ...any) { faults = append(faults, fmt.Errorf(format, values...)) }
	if !serviceID.MatchString(s.ID) {
		add("id: %q is not 2 to 40 small letters, digits and hyphens", s.ID)
	}
	if strings.TrimSpace(s.Name) == "" {
		add("name: is required")
	}
	for _, raw := range s.Addresses {
		a, err := parseAddress(raw)
		switch {
		case err != nil:
			add("addresses: %q: %w", raw, err)
		case a.query != "":
			add("addresses: %q: no question mark: everything below the path is covered", raw)
		}
		s.addresses = append(s.addresses, a)
	}
	for key, raw := range map[string]string{"home": s.Home, "logout": s.Logout} {
		if _, err := parseAddress(raw); raw != "" && err != nil {
			add("%s: %q: %w", key, raw, err)
		}
	}
	if !slices.Contains([]Identifier{ByEmail, ByLegacyID, Opaque}, s.Identifier) {
		add("identifier: %q is not %s, %s or %s", s.Identifier, ByEmail, ByLegacyID, Opaque)
	}
	return slices.Concat(faults, s.checkProtocol(), s.checkReleased())
}

// attributeName is a name that is one in XML too, where CAS writes it as an element.
var attributeName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]{0,60}$`)

func (s *Service) checkReleased() (faults []error) {
	for name, from := range s.Attributes {
		if !attributeName.MatchString(name) || strings.HasPrefix(strings.ToLower(name), "xml") {
			faults = append(faults, fmt.Errorf("attributes: %q is no name that XML takes", name))
		}
		if !source.MatchString(string(from)) {
			faults = append(faults, fmt.Errorf("attributes: %s: %q is not email, trait.NAME or legacy.NAME", name, from))
		}
	}
	for _, domain := range s.Domains {
		if a, fault := email.Parse("x@" + domain); fault != "" || a.Domain() != domain {
			faults = append(faults, fmt.Errorf("domains: %q is no domain of e-mail addresses in small ASCII letters", domain))
		}
	}
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return faults
}

// overlaps names two entries that one address belongs to: which of them a ticket is for must not depend on their order.
func (r *Registry) overlaps() (faults []error) {
	for i, s := range r.Services {
		for _, other := range r.Services[:i] {
			if s == nil || other == nil {
				continue
			}
			for _, a := range s.addresses {
				for _, b := range other.addresses {
					if a.host != "" && (a.covers(b) || b.covers(a)) {
						faults = append(faults, fmt.Errorf("%s and %s: one address of each covers the other's", other.ID, s.ID))
					}
				}
			}
		}
	}
	return faults
}

// Match finds the entry that an address belongs to. The reason of a refusal is for the log.
func (r *Registry) Match(raw string) (*Service, error) {
	wanted, err := parseAddress(raw)
	if err != nil {
		return nil, err
	}
	for _, s := range r.Services {
		for _, a := range s.addresses {
			if a.covers(wanted) {
				return s, nil
			}
		}
	}
	return nil, ErrUnknown
}

// ErrUnknown is the error of a sound address that no entry covers.
var ErrUnknown = errors.New("no service has this address")

// ByID finds an entry; nil for one that is not there any more.
func (r *Registry) ByID(id string) *Service {
	for _, s := range r.Services {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// Origins are those of all services: a login's answer may lead there.
func (r *Registry) Origins() []string {
	var all []string
	for _, s := range r.Services {
		for _, a := range s.addresses {
			if origin := a.origin(); !slices.Contains(all, origin) {
				all = append(all, origin)
			}
		}
	}
	return all
}
