package cluster

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// newcomer is an address that has no account.
func (n *neighbours) newcomer() string { return strings.ToLower(rand.Text()[:12]) + "@example.test" }

// givenNames are those of the accounts of an address.
func (n *neighbours) givenNames(t *testing.T, address string) (names []string) {
	t.Helper()
	var found []struct {
		Traits struct {
			Given string `json:"given_name"`
		}
	}
	n.kratos.Call(t, http.MethodGet, n.kratos.AdminURL+"/admin/identities?credentials_identifier="+address, nil, &found)
	for _, one := range found {
		names = append(names, one.Traits.Given)
	}
	return names
}

// register walks all three steps. Where a process died with Kratos's answer, the account is there: the page says that it is this
// person's, and a reset gives it its password.
func (p *person) register() error {
	if err := p.open("/creer-un-compte"); err != nil {
		return err
	}
	if err := p.press("Suivant", "prenom", "Camille", "nom", "SERVE", "identifiant", p.address); err != nil {
		return fmt.Errorf("step 1: %w", err)
	}
	if err := p.at("/creer-un-compte/code"); err != nil {
		return err
	}
	if err := p.mistakeCode(); err != nil {
		return fmt.Errorf("step 2, a wrong code: %w", err)
	}
	if err := p.askAgain(); err != nil {
		return fmt.Errorf("step 2, another mail: %w", err)
	}
	if err := p.prove("/creer-un-compte/code", false); err != nil {
		return err
	}
	if p.URL.Path == "/creer-un-compte/compte-existant" {
		if err := p.says("Votre compte est créé. Il vous reste à choisir votre mot de passe."); err != nil {
			return err
		}
		p.lostAccount, p.careless, p.impatient = true, false, false
		return p.reset(false)
	}
	if err := p.at("/creer-un-compte/mot-de-passe"); err != nil {
		return err
	}
	if err := p.choose(); err != nil {
		return err
	}
	return p.at("/creer-un-compte/termine")
}
