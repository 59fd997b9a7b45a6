package hydra

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"efpconnect.example/internal/services"
)

// Owner marks the clients that come from services.yml: no other is ever changed.
const Owner = "services.yml"

// Registered is what Hydra keeps of a client.
type Registered struct {
	ID            string   `json:"client_id"`
	Name          string   `json:"client_name"`
	Secret        string   `json:"client_secret,omitzero"` // sent alone: Hydra keeps a hash
	Owner         string   `json:"owner"`
	GrantTypes    []string `json:"grant_types"`
	ResponseTypes []string `json:"response_types"`
	Redirects     []string `json:"redirect_uris"`
	PostLogout    []string `json:"post_logout_redirect_uris"`
	Scope         string   `json:"scope"`
	Auth          string   `json:"token_endpoint_auth_method"`
	Subject       string   `json:"subject_type"` // pairwise: the site says what each service calls the person
	SkipConsent   bool     `json:"skip_consent"`
	Logout        string   `json:"backchannel_logout_uri"`
	LogoutSession bool     `json:"backchannel_logout_session_required"`
}

var auths = map[services.ClientAuth]string{
	services.AuthBasic: "client_secret_basic",
	services.AuthPost:  "client_secret_post",
	services.AuthNone:  "none",
}

// Of is the client that an entry of the registry asks for, without its secret.
func Of(s *services.Service) Registered {
	return Registered{
		ID:            s.OpenID.Client,
		Name:          s.Name,
		Owner:         Owner,
		GrantTypes:    []string{"authorization_code"}, // no refresh token: it would outlive the log-out
		ResponseTypes: []string{"code"},
		Redirects:     s.OpenID.Redirects,
		PostLogout:    s.OpenID.PostLogout,
		Scope:         strings.Join(s.OpenID.Scopes, " "),
		Auth:          auths[s.OpenID.Auth],
		Subject:       "pairwise",
		SkipConsent:   true,
		Logout:        s.Logout,
		LogoutSession: s.Logout != "",
	}
}

// Differences are the fields in which a client differs from another, by their names at Hydra. Secrets are not compared.
func (r Registered) Differences(other Registered) (fields []string) {
	a, b := reflect.ValueOf(r), reflect.ValueOf(other)
	for i := range a.NumField() {
		name, _, _ := strings.Cut(a.Type().Field(i).Tag.Get("json"), ",")
		if name == "client_secret" || same(a.Field(i), b.Field(i)) {
			continue
		}
		fields = append(fields, name)
	}
	return fields
}

// same takes no list and an empty one for the same.
func same(a, b reflect.Value) bool {
	if a.Kind() == reflect.Slice {
		return slices.Equal(a.Interface().([]string), b.Interface().([]string))
	}
	return a.Interface() == b.Interface()
}

// Registered reads a client; found is false where there is none.
func (c *Client) Registered(ctx context.Context, id string) (r Registered, found bool, err error) {
	err = c.call(ctx, http.MethodGet, "/clients/"+url.PathEscape(id), nil, nil, &r)
	if errors.Is(err, ErrGone) {
		return Registered{}, false, nil
	}
	return r, err == nil, err
}

// Create makes a client.
func (c *Client) Create(ctx context.Context, r Registered) error {
	return c.call(ctx, http.MethodPost, "/clients", nil, r, nil)
}

// Update writes a client anew; without a secret it keeps the one it has.
func (c *Client) Update(ctx context.Context, r Registered) error {
	return c.call(ctx, http.MethodPut, "/clients/"+url.PathEscape(r.ID), nil, r, nil)
}

// Remove removes a client, with all that was granted to it.
func (c *Client) Remove(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, "/clients/"+url.PathEscape(id), nil, nil, nil)
}

// Owned are the ids of the clients that came from services.yml.
func (c *Client) Owned(ctx context.Context) (ids []string, err error) {
	var page []Registered
	if err := c.call(ctx, http.MethodGet, "/clients", url.Values{"owner": {Owner}, "page_size": {"500"}}, nil, &page); err != nil {
		return nil, err
	}
	for _, r := range page {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	return ids, nil
}
