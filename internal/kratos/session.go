package kratos

import (
	"context"
	"net/http"
	"time"
)

// Session is somebody logged in.
type Session struct {
	ID         string
	IdentityID string
	Email      string   // trait "email"
	AMR        []string // methods: "password", "code_recovery"
	AAL        string   // "aal1"
	ExpiresAt  time.Time
}

// Whoami tells whose session a browser's cookies are; only Kratos's session
// cookie is sent along. found is false when they are nobody's.
func (c *Client) Whoami(ctx context.Context, cookies []*http.Cookie) (s Session, found bool, err error) {
	return Session{}, false, nil
}

// Logout ends the session of a browser's cookies and returns the cookies that
// make the browser forget it; none when there was no session.
func (c *Client) Logout(ctx context.Context, cookies []*http.Cookie) ([]*http.Cookie, error) {
	return nil, nil
}

// RevokeSession ends the session of token. Ending it twice is no error.
func (c *Client) RevokeSession(ctx context.Context, token string) error { return nil }

// RevokeOtherSessions ends every session of token's account but its own.
// A token that is over revokes nothing and is SessionOver.
func (c *Client) RevokeOtherSessions(ctx context.Context, token string) (Outcome, error) {
	return SessionsRevoked, nil
}
