package kratos

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"
	client "github.com/ory/kratos-client-go"

	"efpconnect.example/internal/email"
)

// LoginResult is the answer to Login.
type LoginResult struct {
	Outcome Outcome        // LoggedIn, LoginRefused, LoginIncomplete, AccountInactive, ReturnToForbidden, FlowExpired
	Cookies []*http.Cookie // after LoggedIn: Kratos's session cookie as it set it, to hand to the browser
}

// LoginFlow is a login that Kratos has opened. It knows nobody yet, so how long
// opening it takes, or that it fails, tells nothing of an account.
type LoginFlow struct {
	id, csrf string
	cookies  []*http.Cookie // of the flow: they never leave this package
}

// OpenLogin opens Kratos's browser login flow on the browser's behalf. An empty
// returnTo means Kratos's default; an outcome, ReturnToForbidden, comes without a flow.
func (c *Client) OpenLogin(ctx context.Context, returnTo string) (LoginFlow, Outcome, error) {
	open := c.detached.FrontendAPI.CreateBrowserLoginFlow(ctx)
	if returnTo != "" {
		open = open.ReturnTo(returnTo)
	}
	_, resp, err := open.Execute()
	flow, err := call{http.MethodGet, "/self-service/login/browser"}.answer(resp, err)
	if err != nil {
		return LoginFlow{}, "", err
	}
	if flow.status == http.StatusBadRequest && flow.Failure.ID == idForbiddenURL {
		return LoginFlow{}, ReturnToForbidden, nil
	}
	csrf := flow.fieldValue("csrf_token")
	if flow.status != http.StatusOK || csrf == "" || uuid.Validate(flow.ID) != nil {
		return LoginFlow{}, "", flow.unexpected()
	}
	return LoginFlow{id: flow.ID, csrf: csrf, cookies: flow.setCookies()}, "", nil
}

// SubmitLogin has Kratos judge an address and a password. A flow takes several, one after the other.
func (c *Client) SubmitLogin(ctx context.Context, flow LoginFlow, who email.Address, password string) (LoginResult, error) {
	body := client.UpdateLoginFlowWithPasswordMethodAsUpdateLoginFlowBody(&client.UpdateLoginFlowWithPasswordMethod{
		Method: "password", Identifier: who.String(), Password: password, CsrfToken: &flow.csrf,
	})
	said, resp, err := c.detached.FrontendAPI.UpdateLoginFlow(ctx).Flow(flow.id).
		Cookie(cookieHeader(flow.cookies)).UpdateLoginFlowBody(body).Execute()
	a, err := call{http.MethodPost, "/self-service/login"}.answer(resp, err)
	if err != nil {
		return LoginResult{}, err
	}
	return a.loggedIn(said, c.sessionCookie)
}

// Login is both in one.
func (c *Client) Login(ctx context.Context, who email.Address, password, returnTo string) (LoginResult, error) {
	flow, outcome, err := c.OpenLogin(ctx, returnTo)
	if err != nil || outcome != "" {
		return LoginResult{Outcome: outcome}, err
	}
	return c.SubmitLogin(ctx, flow, who, password)
}

func (a *answer) loggedIn(said *client.SuccessfulNativeLogin, sessionCookie string) (LoginResult, error) {
	ended := a.ended()
	switch {
	case a.disabled():
		return LoginResult{Outcome: AccountInactive}, nil
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
