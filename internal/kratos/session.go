package kratos

import (
	"context"
	"errors"
	"net/http"
	"time"

	client "github.com/ory/kratos-client-go"
)

// Session is somebody logged in.
type Session struct {
	ID       string
	Account  string
	Email    string    // first recovery address
	LoggedIn time.Time // when the password was given
	Expires  time.Time
	Traits   map[string]string // what the person declared; what is no text is left out
	Legacy   map[string]string // metadata_public.legacy, which the import alone writes
}

// Whoami tells whose session a browser's cookies are. A browser may bring
// several of Kratos's name: an old one of this host alone before one of the
// domain, or one that a neighbour's page planted. Kratos would read the first;
// here the first that lives counts. found is false when none does.
func (c *Client) Whoami(ctx context.Context, cookies []*http.Cookie) (s Session, found bool, err error) {
	for _, cookie := range c.Sessions(cookies) {
		if s, found, err = c.whose(ctx, cookie); err != nil || found {
			return s, found, err
		}
	}
	return Session{}, false, nil
}

func (c *Client) whose(ctx context.Context, cookie *http.Cookie) (s Session, found bool, err error) {
	said, resp, err := c.api.FrontendAPI.ToSession(ctx).Cookie(cookieHeader([]*http.Cookie{cookie})).Execute()
	a, err := call{http.MethodGet, "/sessions/whoami"}.answer(resp, err)
	if err != nil {
		return Session{}, false, err
	}
	if ended := a.ended(); ended == SessionOver || a.disabled() {
		return Session{}, false, nil
	}
	if a.status == http.StatusOK && said != nil {
		s, found = session(said)
	}
	if !found {
		return Session{}, false, a.unexpected()
	}
	return s, true, nil
}

// session reads kratos-client-go's model, in which anything may be nil.
func session(said *client.Session) (Session, bool) {
	identity := said.GetIdentity()
	if said.GetId() == "" || identity.Id == "" {
		return Session{}, false
	}
	read := Session{
		ID:       said.GetId(),
		Account:  identity.Id,
		LoggedIn: said.GetAuthenticatedAt(),
		Expires:  said.GetExpiresAt(),
		Traits:   texts(identity.Traits),
	}
	if public, ok := identity.MetadataPublic.(map[string]any); ok {
		read.Legacy = texts(public["legacy"])
	}
	// Not a trait: which one holds the address is the schema's affair.
	for _, address := range identity.RecoveryAddresses {
		if address.Via == "email" && address.Value != "" {
			read.Email = address.Value
			break
		}
	}
	return read, true
}

// texts are the members of an object that are texts.
func texts(object any) map[string]string {
	members, _ := object.(map[string]any)
	out := map[string]string{}
	for name, value := range members {
		if text, ok := value.(string); ok {
			out[name] = text
		}
	}
	return out
}

// Logout ends every session that a browser's cookies are. What makes the
// browser forget them is ExpireSessions.
func (c *Client) Logout(ctx context.Context, cookies []*http.Cookie) error {
	var faults []error
	for _, cookie := range c.Sessions(cookies) {
		faults = append(faults, c.end(ctx, cookieHeader([]*http.Cookie{cookie})))
	}
	return errors.Join(faults...)
}

func (c *Client) end(ctx context.Context, header string) error {
	logout, resp, err := c.api.FrontendAPI.CreateBrowserLogoutFlow(ctx).Cookie(header).Execute()
	a, err := call{http.MethodGet, "/self-service/logout/browser"}.answer(resp, err)
	if err != nil {
		return err
	}
	if a.ended() == SessionOver || a.disabled() {
		return nil
	}
	if a.status != http.StatusOK || logout == nil || logout.LogoutToken == "" {
		return a.unexpected()
	}
	resp, err = c.api.FrontendAPI.UpdateLogoutFlow(ctx).Token(logout.LogoutToken).Cookie(header).Execute()
	a, err = call{http.MethodGet, "/self-service/logout"}.answer(resp, err)
	if err != nil {
		return err
	}
	// SessionOver: ended by another request in between.
	if a.status != http.StatusNoContent && a.ended() != SessionOver {
		return a.unexpected()
	}
	return nil
}

// RevokeSession ends the session of token. One that is already over is no error.
func (c *Client) RevokeSession(ctx context.Context, token string) error {
	body := client.PerformNativeLogoutBody{SessionToken: token}
	resp, err := c.api.FrontendAPI.PerformNativeLogout(ctx).PerformNativeLogoutBody(body).Execute()
	a, err := call{http.MethodDelete, "/self-service/logout/api"}.answer(resp, err)
	if err != nil {
		return err
	}
	// 403 is Kratos's word for a token that it does not know (any more).
	unknown := a.status == http.StatusForbidden && a.Failure.Code == a.status
	if a.status != http.StatusNoContent && !unknown {
		return a.unexpected()
	}
	return nil
}
