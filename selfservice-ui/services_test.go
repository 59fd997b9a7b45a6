package ui_test

import (
	"encoding/xml"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
)

// Whoever knew the old password is out of the services too, once the owner has chosen a new one.
func TestAResetEndsAThiefsServices(t *testing.T) {
	told := make(chan string, 10)
	service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var request struct{ SessionIndex string }
		if err := xml.Unmarshal([]byte(r.PostFormValue("logoutRequest")), &request); err != nil {
			t.Error(err)
		}
		told <- request.SessionIndex
	}))
	t.Cleanup(service.Close)
	registry := filepath.Join(t.TempDir(), "services.yml")
	text := "services: [{id: formation, name: Formation, addresses: [" + service.URL + "/], protocol: cas, identifier: email, logout: " + service.URL + "/fin}]"
	if err := os.WriteFile(registry, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	site := sitetest.Start(t, sitetest.Options{Settings: func(set *settings.Settings) {
		set.ServicesFile, set.ServicesKey, set.CASPrefixes = registry, strings.Repeat("k7", 16), []string{"/cas"}
	}})
	const owner, stolen = "camille.serve@example.test", "Ancien-Mot-2025"
	site.Kratos.Create(t, kratostest.Identity{Email: owner, GivenName: "Camille", FamilyName: "Serve", Password: stolen, Verified: true})

	thief := site.NewBrowser()
	enter := "/cas/login?service=" + url.QueryEscape(service.URL+"/")
	if err := errors.Join(thief.Open(enter), thief.Fill("identifiant", owner), thief.Fill("mot-de-passe", stolen), thief.Submit("Je m’identifie avec"), thief.Follow("Continuer vers")); err != nil {
		t.Fatal(err, thief.Text())
	}
	at, err := url.Parse(thief.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	ticket := at.Query().Get("ticket")
	if ticket == "" {
		t.Fatalf("no ticket: %s", thief.Text())
	}

	b := site.NewBrowser()
	if err := errors.Join(b.Open("/reinitialisation"), b.Fill("identifiant", owner), b.Submit("Suivant")); err != nil {
		t.Fatal(err)
	}
	code, _, err := site.Code(owner, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(b.Fill("code", code), b.Submit("Suivant"), b.Fill("mot-de-passe", "Nouveau-Platane-2026"), b.Fill("confirmation", "Nouveau-Platane-2026"), b.Submit("Suivant")); err != nil {
		t.Fatal(err, b.Text())
	}
	select {
	case got := <-told:
		if got != ticket {
			t.Errorf("told of %q, not of %q", got, ticket)
		}
	case <-time.After(20 * time.Second): // the reset does not wait for its services
		t.Errorf("the service was not told: %d %s", b.Status, b.Text())
	}
	if err := thief.Open(enter); err != nil || !strings.Contains(thief.Title(), "Connexion") {
		t.Errorf("the thief is still in: %v %s", err, thief.Text())
	}
}
