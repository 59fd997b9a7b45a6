package services

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
)

// Person is who has signed in, as Kratos's whoami tells it.
type Person struct {
	Account string            // Kratos's id
	Email   string            // the proved address
	Traits  map[string]string // what the person declared
	Legacy  map[string]string // metadata_public.legacy: what the import brought, and nobody else can write
}

// Released is what a service learns of a person.
type Released struct {
	User       string            `json:"user"`
	Attributes map[string]string `json:"attributes,omitzero"`
}

// Admits tells whether a person may enter.
func (s *Service) Admits(p Person) bool {
	if s.Identifier == ByLegacyID && p.Legacy["id"] == "" {
		return false
	}
	_, domain, _ := strings.Cut(p.Email, "@")
	return len(s.Domains) == 0 || slices.Contains(s.Domains, strings.ToLower(domain))
}

// Release says what a service learns. key makes the opaque identifiers, and never rotates: another key is another person.
func (s *Service) Release(p Person, key []byte) Released {
	out := Released{User: p.Email, Attributes: map[string]string{}}
	switch s.Identifier {
	case ByLegacyID:
		out.User = p.Legacy["id"]
	case Opaque:
		out.User = opaque(key, s.ID, p.Account)
	}
	for name, from := range s.Attributes {
		if value := p.value(from); value != "" {
			out.Attributes[name] = value
		}
	}
	return out
}

func (p Person) value(from Source) string {
	kind, name, _ := strings.Cut(string(from), ".")
	switch kind {
	case "trait":
		return p.Traits[name]
	case "legacy":
		return p.Legacy[name]
	}
	return p.Email
}

// opaque is 26 small letters and digits (130 bits).
func opaque(key []byte, service, account string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(service + "\x00" + account))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil)))[:26]
}
