package hydraprocess

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// The real Hydra takes our configuration, leads to the site and stops.
func TestHydraStarts(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no real Hydra")
	}
	log := &strings.Builder{}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(log)
		}
	})
	const site = "https://efpconnect.example.test"
	p, err := Start(context.Background(), Options{Dir: t.TempDir(), SiteURL: site, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Stop() })
	var said struct {
		Issuer       string
		SubjectTypes []string `json:"subject_types_supported"`
	}
	response, err := http.Get(p.PublicURL + "/.well-known/openid-configuration")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&said); err != nil {
		t.Fatal(err)
	}
	if said.Issuer != p.PublicURL || len(said.SubjectTypes) != 1 || said.SubjectTypes[0] != "pairwise" {
		t.Errorf("%+v", said)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	wrong, err := client.Get(p.PublicURL + "/oauth2/auth?client_id=nobody")
	if err != nil {
		t.Fatal(err)
	}
	defer wrong.Body.Close()
	if to := wrong.Header.Get("Location"); !strings.HasPrefix(to, site+"/connexion/service?error=") {
		t.Errorf("a fault leads to %q", to)
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
}
