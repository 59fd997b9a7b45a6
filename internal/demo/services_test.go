package demo

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/email"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/servicetest"
)

// Both sample services open from « Vos services » without a password, and end with « Se déconnecter ».
func TestSampleServices(t *testing.T) {
	d, _ := started(t)
	identity := kratostest.Identity{Email: "avec.mot-de-passe@example.test", GivenName: "Camille", FamilyName: "Serve", Password: servicetest.Password, Verified: true}
	payload, err := json.Marshal(identity.Payload())
	servicetest.Must(t, err)
	made, err := http.Post(d.Kratos.AdminURL+"/admin/identities", "application/json", bytes.NewReader(payload))
	servicetest.Must(t, err)
	if made.Body.Close(); made.StatusCode != http.StatusCreated {
		t.Fatal(made.Status)
	}
	// The login page of the demonstration asks for a proof that a browser makes: the session is Kratos's own.
	client, err := kratos.New(d.Kratos.PublicURL, kratos.Options{Timeout: time.Minute})
	servicetest.Must(t, err)
	session, err := client.Login(t.Context(), email.MustParse(identity.Email), identity.Password, "")
	servicetest.Must(t, err)
	p := (&servicetest.Site{}).Person(t)
	at, err := url.Parse(d.SiteURL)
	servicetest.Must(t, err)
	p.Client.Jar.SetCookies(at, session.Cookies)

	p.Open(d.SiteURL + "/services")
	for _, s := range []*service{d.CAS, d.OpenID} {
		if !strings.Contains(p.Body, `href="`+s.url+`/"`) {
			t.Errorf("« Vos services » does not lead to %s: %s", s.name, p.Body)
		}
	}
	for _, s := range []*service{d.CAS, d.OpenID} {
		p.Open(s.url + "/")
		if p.Status != http.StatusOK || p.URL.String() != s.url+"/" || !strings.Contains(p.Body, "<dd>"+identity.Email) || !strings.Contains(p.Body, "<dd>Camille") {
			t.Errorf("%s: at %s: %d %s", s.name, p.URL, p.Status, p.Body)
		}
	}
	p.Open(d.SiteURL + "/services")
	p.Submit(nil)
	for _, s := range []*service{d.CAS, d.OpenID} {
		// Hydra posts its logout token without waiting.
		for until := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			if p.Open(s.url + "/"); p.URL.Path == "/connexion" {
				break
			}
			if time.Now().After(until) {
				t.Errorf("%s still knows the person: %s", s.name, p.URL)
				break
			}
		}
	}
}
