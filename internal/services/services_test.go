package services

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // a text always marshals
	}
	return string(b)
}

const sample = `
services:
  - id: formation
    name: Déclarer une formation
    home: https://formation.example.test/accueil
    addresses: [https://formation.example.test/, "http://127.0.0.1:8080/formation"]
    protocol: cas
    identifier: email
    attributes: {mail: email, givenName: trait.given_name, siret: legacy.siret}
    logout: https://formation.example.test/cas/logout
  - id: contrats
    name: Contrats
    addresses: [https://contrats.example.test/app]
    protocol: saml
    identifier: opaque
    domains: [mairie.example.test]
`

func parse(t *testing.T, text string) *Registry {
	t.Helper()
	r, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMatch(t *testing.T) {
	r := parse(t, sample)
	for raw, want := range map[string]string{
		"https://formation.example.test/x?ticket=1": "formation",
		"http://127.0.0.1:8080/formation/":          "formation",
		"https://contrats.example.test/app":         "contrats",
		"https://contrats.example.test/":            "",
		"https://evil.example/":                     "",
		"https://contrats.example.test/app/../":     "",
	} {
		s, err := r.Match(raw)
		if got := ""; err == nil {
			got = s.ID
			if got != want {
				t.Errorf("%s belongs to %q", raw, got)
			}
		} else if want != "" {
			t.Errorf("%s: %v", raw, err)
		}
	}
	if diff := cmp.Diff([]string{"https://formation.example.test", "http://127.0.0.1:8080", "https://contrats.example.test"}, r.Origins()); diff != "" {
		t.Error(diff)
	}
}

// Everything that is wrong is told at once, with its entry.
func TestFaults(t *testing.T) {
	_, err := Parse([]byte(`
services:
  - id: A
    addresses: ["https://a.example.test", "https://u@a.example.test/", "https://a.example.test/?x"]
    identifier: nom
    attributes: {"1x": email, xmlThing: email, y: metadata_admin.secret}
    logout: ftp://a.example.test/
    domains: [Mairie.example.test]
  -
  - id: contrats
    name: Contrats
    addresses: [https://c.example.test/app]
    protocol: cas
    identifier: email
  - id: contrats
    name: Encore
    addresses: [https://c.example.test/]
    protocol: cas
    identifier: email
`))
	if err == nil {
		t.Fatal("taken")
	}
	for _, want := range []string{`entry 1 (A): id:`, "entry 1 (A): name:", "followed by /", "no user or password", "no question mark", `identifier: "nom"`, `protocol: ""`,
		`"1x"`, `"xmlThing"`, `"metadata_admin.secret"`, "logout:", `domains: "Mairie.example.test"`, "entry 2 is empty", `"contrats" is another entry's`, "covers the other's"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not said:\n%v", want, err)
		}
	}
	for _, text := range []string{"services: [{id: a, nom: b}]", "services: []\n---\nservices: []", "autre: 1", "services: 3"} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "services.yml")); !os.IsNotExist(err) && !strings.Contains(err.Error(), "services.yml") {
		t.Errorf("a file that is not there: %v", err)
	}
	if r, err := Parse(nil); err != nil || len(r.Services) != 0 {
		t.Errorf("an empty file has no services: %v", err)
	}
}

func TestRelease(t *testing.T) {
	r, key := parse(t, sample), []byte("a key that never rotates, 32 byt")
	p := Person{Account: "8f2c", Email: "camille.serve@mairie.example.test", Traits: map[string]string{"given_name": "Camille", "siret": "déclaré"},
		Legacy: map[string]string{"id": "4711"}}
	formation, contrats := r.Services[0], r.Services[1]
	if diff := cmp.Diff(Released{User: p.Email, Attributes: map[string]string{"mail": p.Email, "givenName": "Camille"}}, formation.Release(p, key)); diff != "" {
		t.Errorf("what a person declares went out under an imported name, or not at all:\n%s", diff)
	}
	one, again := contrats.Release(p, key).User, contrats.Release(p, key).User
	other := contrats.Release(Person{Account: "9a"}, key).User
	elsewhere := (&Service{ID: "autre", Identifier: Opaque}).Release(p, key).User
	if len(one) != 26 || one != again || slices.Contains([]string{other, elsewhere, p.Account}, one) {
		t.Errorf("opaque: %q %q %q %q", one, again, other, elsewhere)
	}
	legacy := &Service{Identifier: ByLegacyID}
	if got := legacy.Release(p, key).User; got != "4711" {
		t.Errorf("legacy id: %q", got)
	}
}

func TestAdmits(t *testing.T) {
	contrats := parse(t, sample).Services[1]
	for email, want := range map[string]bool{"a@mairie.example.test": true, "a@MAIRIE.example.test": true, "a@sub.mairie.example.test": false, "a@example.test": false, "": false} {
		if contrats.Admits(Person{Email: email}) != want {
			t.Errorf("%q: %v", email, !want)
		}
	}
	if (&Service{Identifier: ByLegacyID}).Admits(Person{Email: "a@example.test"}) {
		t.Error("who has no legacy id enters a service that knows people by it")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Fuzz(func(t *testing.T, text []byte) {
		if r, err := Parse(text); err == nil {
			for _, s := range r.Services {
				for _, raw := range s.Addresses {
					if found, err := r.Match(raw); err != nil || found != s {
						t.Errorf("%q: %v", raw, err)
					}
				}
			}
		}
	})
}
