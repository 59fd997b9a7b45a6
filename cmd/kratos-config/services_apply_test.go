package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/hydra"
	"efpconnect.example/internal/hydraprocess"
)

const bilans = `services:
  - id: bilans
    name: Bilans
    protocol: oidc
    openid: {redirects: ["https://bilans.example.test/retour"]}
    identifier: email
`

// Hydra has what services.yml says, after a look at what would change; the clients of others are left alone.
func TestServicesApply(t *testing.T) {
	engine, err := hydraprocess.Start(t.Context(), hydraprocess.Options{
		Dir:     t.TempDir(),
		SiteURL: "http://127.0.0.1:4455",
		Issuer:  "http://127.0.0.1:4444",
		Log:     &strings.Builder{},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Stop() })
	admin := hydra.New(engine.AdminURL, 30*time.Second)
	secrets := filepath.Join(t.TempDir(), "clients")
	apply := func(text string, more ...string) (string, error) {
		t.Helper()
		args := append([]string{"services", "apply", write(t, "services.yml", text), "--hydra-url", engine.AdminURL, "--secrets", secrets}, more...)
		return run(t, nil, args...)
	}
	expect := func(what, output string, err error, words ...string) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v: %s", what, err, output)
		}
		for _, word := range words {
			if !strings.Contains(output, word) {
				t.Errorf("%s does not say %q: %s", what, word, output)
			}
		}
	}
	output, err := apply(bilans)
	expect("a look", output, err, "bilans: create", "nothing was done")
	if _, found, err := admin.Registered(t.Context(), "bilans"); found || err != nil {
		t.Fatalf("a look made a client: %v", err)
	}
	output, err = apply(bilans, "--write")
	expect("the first", output, err, "bilans: create", "its secret is in")
	secret, err := os.ReadFile(filepath.Join(secrets, "bilans"))
	if err != nil || len(strings.TrimSpace(string(secret))) < 32 {
		t.Errorf("its secret: %v", err)
	}
	if strings.Contains(output, strings.TrimSpace(string(secret))) {
		t.Error("the secret is shown")
	}
	output, err = apply(bilans, "--write")
	expect("the second", output, err, "1 clients, nothing to change")
	output, err = apply(strings.Replace(bilans, "/retour", "/autre", 1), "--write")
	expect("another address", output, err, "bilans: change redirect_uris")
	output, err = apply("services: []", "--write")
	expect("the entry has gone", output, err, "bilans: remove")
	if err := admin.Create(t.Context(), hydra.Registered{ID: "bilans", Owner: "somebody", GrantTypes: []string{"client_credentials"}, Secret: "secret-de-nos-essais-32-caracteres"}); err != nil {
		t.Fatal(err)
	}
	if output, err := apply(bilans, "--write"); !errors.Is(err, errNotOurs) {
		t.Errorf("somebody else's client: %v: %s", err, output)
	}
}
