package kratos

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// PageSize is the largest page of a listing; MaxIDs how many ids one listing may name (v26.2.0: 500).
	PageSize = 1000
	MaxIDs   = 500
)

// withCredentials makes a listing say when each credential was written, without what is in it: Kratos discloses the content
// of the named type alone, and no identity has a credential of this one.
const withCredentials = "include_credential=link_recovery"

// Identity is an account as the admin API shows it. It never holds a password hash.
type Identity struct {
	ID             string                `json:"id"`
	State          string                `json:"state"` // active, inactive
	Traits         json.RawMessage       `json:"traits"`
	Addresses      []Address             `json:"verifiable_addresses"`
	MetadataAdmin  json.RawMessage       `json:"metadata_admin"`
	MetadataPublic json.RawMessage       `json:"metadata_public"`
	Credentials    map[string]Credential `json:"credentials"`
	CreatedAt      time.Time             `json:"created_at"`
}

// Address is an e-mail address of an account, lower case.
type Address struct {
	Value    string `json:"value"`
	Verified bool   `json:"verified"`
}

// Credential says when it was written, not what it is. Any update of the identity writes its credentials anew, so UpdatedAt
// moves then too; CreatedAt stays, unless a whole credential is put in its place (PUT /admin/identities/{id} with a password).
type Credential struct {
	Identifiers []string  `json:"identifiers"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

// Password is the account's password credential: every account with an address has one, empty until a password is set.
func (i Identity) Password() Credential { return i.Credentials["password"] }

// Page lists up to PageSize identities by id. next is "" at the end; it starts the following page.
func (a *Admin) Page(ctx context.Context, token string) (page []Identity, next string, err error) {
	query := "page_size=" + strconv.Itoa(PageSize) + "&" + withCredentials
	if token != "" {
		query += "&page_token=" + url.QueryEscape(token)
	}
	header, err := a.call(ctx, http.MethodGet, "/admin/identities?"+query, nil, readJSON(&page))
	if err != nil {
		return nil, "", err
	}
	return page, nextToken(header.Get("Link")), nil
}

// nextToken finds the page_token of the rel="next" of a Link header.
func nextToken(link string) string {
	for part := range strings.SplitSeq(link, ",") {
		target, attributes, ok := strings.Cut(part, ";")
		if !ok || !strings.Contains(attributes, `rel="next"`) {
			continue
		}
		u, err := url.Parse(strings.Trim(strings.TrimSpace(target), "<>"))
		if err != nil {
			return ""
		}
		return u.Query().Get("page_token")
	}
	return ""
}

// ByIDs returns those of at most MaxIDs identities that exist, in no order.
func (a *Admin) ByIDs(ctx context.Context, ids []string) ([]Identity, error) {
	if len(ids) == 0 {
		return nil, nil // without ids Kratos would list everybody
	}
	var found []Identity
	query := "page_size=" + strconv.Itoa(MaxIDs) + "&" + withCredentials + "&ids=" + strings.Join(ids, "&ids=")
	_, err := a.call(ctx, http.MethodGet, "/admin/identities?"+query, nil, readJSON(&found))
	return found, err
}

// HavePassword tells which of at most MaxIDs identities have a password set. Kratos answers with the hashes; only whether there is
// one is kept.
func (a *Admin) HavePassword(ctx context.Context, ids []string) (map[string]bool, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var found []struct {
		ID          string `json:"id"`
		Credentials struct {
			Password struct {
				Config struct {
					Hash presence `json:"hashed_password"`
				} `json:"config"`
			} `json:"password"`
		} `json:"credentials"`
	}
	query := "page_size=" + strconv.Itoa(MaxIDs) + "&include_credential=password&ids=" + strings.Join(ids, "&ids=")
	_, err := a.call(ctx, http.MethodGet, "/admin/identities?"+query, nil, readJSON(&found))
	have := make(map[string]bool, len(found))
	for _, one := range found {
		have[one.ID] = bool(one.Credentials.Password.Config.Hash)
	}
	return have, err
}

// presence reads a JSON string for being there and not empty.
type presence bool

// UnmarshalJSON keeps nothing of the value.
func (p *presence) UnmarshalJSON(value []byte) error {
	*p = string(value) != "null" && string(value) != `""`
	return nil
}

// ByAddress returns the identity that logs in with an address. Kratos folds the case.
func (a *Admin) ByAddress(ctx context.Context, address string) (Identity, error) {
	var found []Identity
	query := "page_size=2&credentials_identifier=" + url.QueryEscape(address)
	_, err := a.call(ctx, http.MethodGet, "/admin/identities?"+query, nil, readJSON(&found))
	if err != nil {
		return Identity{}, err
	}
	if len(found) == 0 {
		return Identity{}, ErrNotFound
	}
	return found[0], nil
}

// HasSessions tells whether an account ever had a session that Kratos still knows of, revoked ones included: a login, or a right
// recovery code.
func (a *Admin) HasSessions(ctx context.Context, id string) (bool, error) {
	var sessions []struct{}
	_, err := a.call(ctx, http.MethodGet, "/admin/identities/"+id+"/sessions?page_size=1", nil, readJSON(&sessions))
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return len(sessions) > 0, err
}

// OriginRegistration is the value of metadata_public.origin of an account that its person created on the site. The permit of the
// registration writes it, the import reads it.
const OriginRegistration = "registration"

// Change is one operation of a JSON Patch (RFC 6902).
type Change struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value,omitempty"`
}

// Patch changes an identity and leaves its credentials alone.
func (a *Admin) Patch(ctx context.Context, id string, changes []Change) error {
	body, err := json.Marshal(changes)
	if err != nil {
		return err
	}
	_, err = a.call(ctx, http.MethodPatch, "/admin/identities/"+id, body, readJSON(&struct{}{}))
	return err
}

// Replace writes the whole of an identity, with the credentials that body holds.
func (a *Admin) Replace(ctx context.Context, id string, body []byte) error {
	_, err := a.call(ctx, http.MethodPut, "/admin/identities/"+id, body, readJSON(&struct{}{}))
	return err
}

// Delete removes an identity and all that belongs to it.
func (a *Admin) Delete(ctx context.Context, id string) error {
	_, err := a.call(ctx, http.MethodDelete, "/admin/identities/"+id, nil, readNothing)
	return err
}
