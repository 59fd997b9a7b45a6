package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"efpconnect.example/internal/email"
	"efpconnect.example/internal/kratos"
)

// Account is a sample account. None has a password: that is what the reset is for.
type Account struct {
	Email, Title, GivenName, FamilyName string
	Inactive                            bool
}

var named = []Account{
	{Email: "camille.serve@example.test", Title: "Madame", GivenName: "Camille", FamilyName: "Serve"},
	{Email: "yann.le-goff@example.test", Title: "Monsieur", GivenName: "Yann", FamilyName: "Le Goff"},
	{Email: "sans.nom@example.test"},
	{Email: "desactive@example.test", Title: "Madame", GivenName: "Ada", FamilyName: "Martin", Inactive: true},
}

// createAccounts makes the accounts that the demonstration names: everybody knows their addresses.
func createAccounts(ctx context.Context, adminURL string) ([]Account, error) {
	for _, account := range named {
		if err := create(ctx, adminURL, account); err != nil {
			return nil, fmt.Errorf("demo: creating a sample account: %w", err)
		}
	}
	return named, nil
}

// createCanaries makes the accounts that the site measures Kratos by.
func createCanaries(ctx context.Context, adminURL string, identifiers []string) error {
	admin, err := kratos.NewAdmin(adminURL, kratos.AdminOptions{})
	if err != nil {
		return err
	}
	for _, identifier := range identifiers {
		if err := admin.CreateCanary(ctx, email.MustParse(identifier), ""); err != nil {
			return fmt.Errorf("demo: creating a canary account: %w", err)
		}
	}
	return nil
}

func create(ctx context.Context, adminURL string, a Account) error {
	traits := map[string]string{"email": a.Email}
	for name, value := range map[string]string{"title": a.Title, "given_name": a.GivenName, "family_name": a.FamilyName} {
		if value != "" {
			traits[name] = value
		}
	}
	state := "active"
	if a.Inactive {
		state = "inactive"
	}
	body, err := json.Marshal(map[string]any{"schema_id": "account", "traits": traits, "state": state})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, adminURL+"/admin/identities", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusCreated {
		return fmt.Errorf("kratos answered %s", answer.Status)
	}
	return nil
}
