package kratos

import (
	"context"
	"net/http"

	client "github.com/ory/kratos-client-go"
)

// Session is somebody logged in.
type Session struct {
	Email string // first recovery address
}

// Whoami tells whose session a browser's cookies are; only Kratos's session
// cookie is sent along. found is false when they are nobody's.
func (c *Client) Whoami(ctx context.Context, cookies []*http.Cookie) (s Session, found bool, err error) {
	cookies = named(cookies, c.sessionCookie)
	if len(cookies) == 0 {
		return Session{}, false, nil
	}
	said, resp, err := c.api.FrontendAPI.ToSession(ctx).Cookie(cookieHeader(cookies)).Execute()
	a, err := call{http.MethodGet, "/sessions/whoami"}.answer(resp, err)
	if err != nil {
		return Session{}, false, err
	}
	if a.ended() == SessionOver {
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
	// Not a trait: which one holds the address is the schema's affair.
	for _, address := range identity.RecoveryAddresses {
		if address.Via == "email" && address.Value != "" {
			return Session{Email: address.Value}, true
		}
	}
	return Session{}, true
}

// Logout ends the session of a browser's cookies and returns the cookies that
// make the browser forget it; none when there was no session.
func (c *Client) Logout(ctx context.Context, cookies []*http.Cookie) ([]*http.Cookie, error) {
	header := cookieHeader(named(cookies, c.sessionCookie))
	if header == "" {
		return nil, nil
	}
	logout, resp, err := c.api.FrontendAPI.CreateBrowserLogoutFlow(ctx).Cookie(header).Execute()
	a, err := call{http.MethodGet, "/self-service/logout/browser"}.answer(resp, err)
	if err != nil {
		return nil, err
	}
	if a.ended() == SessionOver {
		return nil, nil
	}
	if a.status != http.StatusOK || logout == nil || logout.LogoutToken == "" {
		return nil, a.unexpected()
	}
	resp, err = c.api.FrontendAPI.UpdateLogoutFlow(ctx).Token(logout.LogoutToken).Cookie(header).Execute()
	a, err = call{http.MethodGet, "/self-service/logout"}.answer(resp, err)
	if err != nil {
		return nil, err
	}
	if a.ended() == SessionOver { // ended by another request in between
		return nil, nil
	}
	if a.status != http.StatusNoContent {
		return nil, a.unexpected()
	}
	return named(a.setCookies(), c.sessionCookie), nil
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
