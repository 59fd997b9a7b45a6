package kratos

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"

	"efpconnect.example/internal/email"
)

// CreateCanary makes an account that nobody can enter: logins to it measure how long Kratos takes. Its password is random and
// written down nowhere, or a hash of another kind than Kratos's own, where imported accounts have one. ErrConflict says that
// the address has an account, which stays as it is.
func (a *Admin) CreateCanary(ctx context.Context, address email.Address, hash string) error {
	password := map[string]string{"password": rand.Text() + rand.Text()}
	if hash != "" {
		password = map[string]string{"hashed_password": hash}
	}
	body, err := json.Marshal(map[string]any{
		"schema_id":   "account",
		"traits":      map[string]string{"email": address.String()},
		"credentials": map[string]any{"password": map[string]any{"config": password}},
	})
	if err != nil {
		return err
	}
	_, err = a.call(ctx, http.MethodPost, "/admin/identities", body, readNothing)
	return err
}
