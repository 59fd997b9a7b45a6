package kratos

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"
	client "github.com/ory/kratos-client-go"
)

// LoginResult is the answer to Login.
type LoginResult struct {
	Outcome Outcome        // LoggedIn, LoginRefused, LoginIncomplete, AccountInactive, ReturnToForbidden, FlowExpired
	Cookies []*http.Cookie // after LoggedIn: Kratos's session cookie as it set it, to hand to the browser
}

// Login opens and posts Kratos's browser login flow on the browser's behalf: the
// flow's CSRF cookie never leaves this call. An empty returnTo means Kratos's default.
func (c *Client) Login(ctx context.Context, identifier, password, returnTo string) (LoginResult, error) {
	open := c.api.FrontendAPI.CreateBrowserLoginFlow(ctx)
	if returnTo != "" {
		open = open.ReturnTo(returnTo)
	}
	_, resp, err := open.Execute()
	flow, err := call{http.MethodGet, "/self-service/login/browser"}.answer(resp, err)
	if err != nil {
		return LoginResult{}, err
	}
	if flow.status == http.StatusBadRequest && flow.Failure.ID == idForbiddenURL {
		return LoginResult{Outcome: ReturnToForbidden}, nil
	}
	csrf := flow.fieldValue("csrf_token")
	if flow.status != http.StatusOK || csrf == "" || uuid.Validate(flow.ID) != nil {
		return LoginResult{}, flow.unexpected()
	}
	body := client.UpdateLoginFlowWithPasswordMethodAsUpdateLoginFlowBody(&client.UpdateLoginFlowWithPasswordMethod{
		Method: "password", Identifier: identifier, Password: password, CsrfToken: &csrf,
	})
	said, resp, err := c.api.FrontendAPI.UpdateLoginFlow(ctx).Flow(flow.ID).
		Cookie(cookieHeader(flow.setCookies())).UpdateLoginFlowBody(body).Execute()
	a, err := call{http.MethodPost, "/self-service/login"}.answer(resp, err)
	if err != nil {
		return LoginResult{}, err
	}
	return a.loggedIn(said, c.sessionCookie)
}

func (a *answer) loggedIn(said *client.SuccessfulNativeLogin, sessionCookie string) (LoginResult, error) {
	ended := a.ended()
	switch {
	case a.status == http.StatusBadRequest && a.hasMessage(msgBadLogin):
		return LoginResult{Outcome: LoginRefused}, nil
	case a.status == http.StatusBadRequest && a.hasMessage(msgMissing):
		return LoginResult{Outcome: LoginIncomplete}, nil
	case ended == AccountInactive, ended == FlowExpired:
		return LoginResult{Outcome: ended}, nil
	case a.status != http.StatusOK || said == nil:
		return LoginResult{}, a.unexpected()
	}
	_, ok := session(&said.Session)
	cookies := named(a.setCookies(), sessionCookie)
	if !ok || len(cookies) == 0 {
		return LoginResult{}, a.unexpected()
	}
	return LoginResult{Outcome: LoggedIn, Cookies: cookies}, nil
}

func (a *answer) setCookies() []*http.Cookie {
	return (&http.Response{Header: a.header}).Cookies()
}

// named keeps the cookies of one name: Kratos also sets one for CSRF, which is
// of no use to a browser that never speaks to it.
func named(cookies []*http.Cookie, name string) []*http.Cookie {
	return slices.DeleteFunc(slices.Clone(cookies), func(c *http.Cookie) bool { return c.Name != name })
}

// cookieHeader is the text that a browser with these cookies would send.
func cookieHeader(cookies []*http.Cookie) string {
	r := http.Request{Header: http.Header{}}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r.Header.Get("Cookie")
}
