package ui_test

import (
	"net/http"
	"strings"
	"testing"

	"efpconnect.example/internal/testkit/sitetest"
)

// registers types names and an address at step 1 of a registration, and reads the mail.
func registers(t *testing.T, site *sitetest.Site, given, address string) (b *sitetest.Browser, code, link string) {
	t.Helper()
	b = site.NewBrowser()
	must(t, b.Open("/creer-un-compte"))
	must(t, b.Fill("prenom", given))
	must(t, b.Fill("nom", "SERVE"))
	must(t, b.Fill("identifiant", address))
	must(t, b.Submit("Suivant"))
	code, link, err := site.Code(address, 1)
	must(t, err)
	return b, code, link
}

// accountOf is the id of the only account of an address.
func accountOf(t *testing.T, site *sitetest.Site, address string) string {
	t.Helper()
	var found []struct{ ID string }
	site.Kratos.Call(t, http.MethodGet, site.Kratos.AdminURL+"/admin/identities?credentials_identifier="+address, nil, &found)
	if len(found) != 1 {
		t.Fatalf("%d accounts of one address", len(found))
	}
	return found[0].ID
}

// One right code sent 200 times at once is one account with one session, and nobody reads that the account exists; so is one password.
func TestOneRegistrationTwoHundredTimes(t *testing.T) {
	site := openSite(t)
	const address = "ensemble@example.test"
	b, code, link := registers(t, site, "Camille", address)
	second := site.NewBrowser()
	must(t, second.Open(link))
	must(t, b.Fill("code", code))
	tabs := sentAtOnce(t, b, "/creer-un-compte/mot-de-passe")
	id := accountOf(t, site, address)
	if n := site.Kratos.Sessions(t, id); n != 1 {
		t.Errorf("%d sessions after one right code", n)
	}

	// Another browser knows the code, and the flow: it is told that the code was used, not that there is an account.
	must(t, second.Fill("code", code))
	others, err := second.AtOnce(20, "Suivant")
	must(t, err)
	for _, other := range others {
		if other.Status != http.StatusGone || !strings.Contains(other.Text(), "Ce code a déjà été utilisé.") {
			t.Fatalf("the second browser ended on %d %s", other.Status, other.URL.Path)
		}
	}
	if n := site.Kratos.Sessions(t, id); n != 1 {
		t.Errorf("%d sessions after the second browser", n)
	}

	choose(t, tabs[0], newPassword)
	sentAtOnce(t, tabs[0], "/creer-un-compte/termine")
	if n := site.Kratos.Sessions(t, accountOf(t, site, address)); n != 0 {
		t.Errorf("%d sessions after the password", n)
	}
	if ok, err := site.Login(address, newPassword); err != nil || !ok {
		t.Errorf("the password: %t %v", ok, err)
	}
}

// A squatter takes another person's address, and tries to leave a password on it before she has proved it: on a flow of his own, on that
// of a mail that she reads. None opens anything, before or after; nor do the names that he typed stay.
func TestASquattersPasswordOpensNothing(t *testing.T) {
	site := openSite(t)
	const address, his = "camille.squat@example.test", "Mot-De-Passe-Du-Squatteur-1"
	squatter, _, link := registers(t, site, "Squatteur", address)
	for _, flow := range []string{
		kratosFlow(t, site, "registration"),
		mailedFlow(t, site, address),
	} {
		status, answer := site.Kratos.Call(t, http.MethodPost, site.Kratos.PublicURL+"/self-service/registration?flow="+flow,
			map[string]any{"method": "password", "password": his, "traits": map[string]any{"email": address}}, nil)
		if status != http.StatusBadRequest || strings.Contains(string(answer), "session_token") {
			t.Errorf("a password without proof: %d %s", status, answer)
		}
	}
	if ok, err := site.Login(address, his); err != nil || ok {
		t.Fatalf("before the proof: %t %v", ok, err)
	}

	owner := site.NewBrowser()
	must(t, owner.Open(link))
	code, _, err := site.Code(address, 1)
	must(t, err)
	must(t, owner.Fill("code", code))
	must(t, owner.Submit("Suivant"))
	for _, password := range []string{his, newPassword} {
		if password == newPassword {
			must(t, owner.Fill("prenom", "Camille"))
			must(t, owner.Fill("nom", "SERVE"))
			choose(t, owner, newPassword)
			must(t, owner.Submit("Suivant"))
		}
		if ok, err := site.Login(address, password); err != nil || ok != (password == newPassword) {
			t.Errorf("after the proof, %s: %t %v; %s", password, ok, err, owner.Text())
		}
	}
	if traits, err := site.Traits(address); err != nil || traits["given_name"] != "Camille" {
		t.Errorf("traits %v, %v", traits, err)
	}
	// His browser is still at the code that he cannot read.
	must(t, squatter.Open("/creer-un-compte/mot-de-passe"))
	if squatter.URL.Path != "/creer-un-compte/code" || strings.Contains(squatter.Text(), "compte EFP Connect rattaché") {
		t.Errorf("the squatter is at %s: %s", squatter.URL.Path, squatter.Text())
	}
	must(t, squatter.Submit("Renvoyer le code"))
	if ok, err := site.Login(address, his); err != nil || ok {
		t.Errorf("at the end: %t %v", ok, err)
	}
}

// kratosFlow opens a flow of Kratos's for programs.
func kratosFlow(t *testing.T, site *sitetest.Site, kind string) string {
	t.Helper()
	var flow struct{ ID string }
	site.Kratos.Call(t, http.MethodGet, site.Kratos.PublicURL+"/self-service/"+kind+"/api", nil, &flow)
	return flow.ID
}

// mailedFlow is a registration for which Kratos has mailed a code.
func mailedFlow(t *testing.T, site *sitetest.Site, address string) string {
	t.Helper()
	flow := kratosFlow(t, site, "registration")
	site.Kratos.Call(t, http.MethodPost, site.Kratos.PublicURL+"/self-service/registration?flow="+flow,
		map[string]any{"method": "code", "traits": map[string]any{"email": address}}, nil)
	return flow
}
