package kratos

import (
	"context"
	"net/http"
)

// LoginResult is the answer to Login.
type LoginResult struct {
	Outcome Outcome // LoggedIn, LoginRefused, LoginIncomplete, AccountInactive, ReturnToForbidden, FlowExpired

	// After LoggedIn alone:
	Cookies  []*http.Cookie // Kratos's session cookie as it set it, to hand to the browser
	Session  Session
	ReturnTo string // where Kratos would send the browser: returnTo when it was allowed
}

// Login opens and posts Kratos's browser login flow on the browser's behalf.
// An empty returnTo means Kratos's default.
func (c *Client) Login(ctx context.Context, identifier, password, returnTo string) (LoginResult, error) {
	return LoginResult{}, nil
}
