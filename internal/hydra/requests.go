package hydra

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const requestPath = "/oauth2/auth/requests/"

// ClientName is what a request tells of the client that it is for.
type ClientName struct {
	ID  string `json:"client_id"`
	Own bool   `json:"skip_consent"` // one of our own: nobody is asked what it may learn
}

// LoginRequest is a service that asks who is there.
type LoginRequest struct {
	Client     ClientName `json:"client"`
	Skip       bool       `json:"skip"`    // Hydra remembers this browser
	Subject    string     `json:"subject"` // as whom; "" unless Skip
	Session    string     `json:"session_id"`
	RequestURL string     `json:"request_url"` // where the service sent the browser
}

// Login reads a login request.
func (c *Client) Login(ctx context.Context, challenge string) (l LoginRequest, err error) {
	return l, c.call(ctx, http.MethodGet, requestPath+"login", url.Values{"login_challenge": {challenge}}, nil, &l)
}

// Silent tells that the service wants no page to be shown.
func (l LoginRequest) Silent() bool { return slices.Contains(l.prompts(), "none") }

// Fresh tells whether a login of an instant is recent enough for the service, whatever Hydra remembers. asked is when the browser was
// sent to the login page for this request; zero when it was not.
func (l LoginRequest) Fresh(loggedIn, asked, now time.Time) bool {
	answered := !asked.IsZero() && loggedIn.After(asked)
	if slices.Contains(l.prompts(), "login") && !answered {
		return false
	}
	age, bounded := l.maxAge()
	return answered || !bounded || loggedIn.Add(age).After(now)
}

func (l LoginRequest) prompts() []string { return strings.Fields(l.parameter("prompt")) }

func (l LoginRequest) maxAge() (age time.Duration, bounded bool) {
	text := l.parameter("max_age")
	seconds, err := strconv.ParseUint(text, 10, 31)
	if text == "" {
		return 0, false
	}
	return time.Duration(seconds) * time.Second, err == nil // Hydra refuses what is no number
}

func (l LoginRequest) parameter(name string) string {
	at, err := url.Parse(l.RequestURL)
	if err != nil {
		return ""
	}
	return at.Query().Get(name)
}

// AcceptLogin says who is there.
type AcceptLogin struct {
	Subject    string `json:"subject"`                      // of Hydra's session: the same for every service
	Identifier string `json:"force_subject_identifier"`     // what this service calls the person: the claim sub
	Session    string `json:"identity_provider_session_id"` // Kratos's
	Remember   bool   `json:"remember"`                     // without it Hydra could tell no service that the session ended
	For        int    `json:"remember_for"`                 // seconds
	Extend     bool   `json:"extend_session_lifespan"`
}

type redirect struct {
	To string `json:"redirect_to"`
}

// AcceptLogin answers a login request, and says where the browser goes.
func (c *Client) AcceptLogin(ctx context.Context, challenge string, a AcceptLogin) (to string, err error) {
	return c.answer(ctx, "login/accept", "login_challenge", challenge, a)
}

// Refusal is an error of OpenID Connect that the service is told.
type Refusal struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// Refusals.
var (
	LoginRequired = Refusal{"login_required", "The person has to log in, which takes a page."}
	AccessDenied  = Refusal{"access_denied", "This account may not enter the service."}
)

// RejectLogin answers a login request with an error.
func (c *Client) RejectLogin(ctx context.Context, challenge string, why Refusal) (to string, err error) {
	return c.answer(ctx, "login/reject", "login_challenge", challenge, why)
}

// ConsentRequest is what a service would learn.
type ConsentRequest struct {
	Client  ClientName `json:"client"`
	Subject string     `json:"subject"` // as AcceptLogin gave it
	Scopes  []string   `json:"requested_scope"`
}

// Consent reads a consent request.
func (c *Client) Consent(ctx context.Context, challenge string) (r ConsentRequest, err error) {
	return r, c.call(ctx, http.MethodGet, requestPath+"consent", url.Values{"consent_challenge": {challenge}}, nil, &r)
}

// AcceptConsent says what the service learns: claims of the ID token and of userinfo.
func (c *Client) AcceptConsent(ctx context.Context, challenge string, scopes []string, claims map[string]string) (to string, err error) {
	type session struct {
		IDToken map[string]string `json:"id_token"`
	}
	return c.answer(ctx, "consent/accept", "consent_challenge", challenge, struct {
		Scopes   []string `json:"grant_scope"`
		Session  session  `json:"session"`
		Remember bool     `json:"remember"` // without it Hydra answers prompt=none with consent_required
	}{scopes, session{claims}, true})
}

// RejectConsent answers a consent request with an error.
func (c *Client) RejectConsent(ctx context.Context, challenge string, why Refusal) (to string, err error) {
	return c.answer(ctx, "consent/reject", "consent_challenge", challenge, why)
}

// LogoutRequest is a browser that Hydra is to forget.
type LogoutRequest struct {
	Client  ClientName `json:"client"` // who asked; empty when nobody did
	Session string     `json:"sid"`
}

// Logout reads a logout request.
func (c *Client) Logout(ctx context.Context, challenge string) (r LogoutRequest, err error) {
	return r, c.call(ctx, http.MethodGet, requestPath+"logout", url.Values{"logout_challenge": {challenge}}, nil, &r)
}

// AcceptLogout has Hydra end its session once the browser comes to the address.
func (c *Client) AcceptLogout(ctx context.Context, challenge string) (to string, err error) {
	return c.answer(ctx, "logout/accept", "logout_challenge", challenge, nil)
}

// answer has no body for a logout.
func (c *Client) answer(ctx context.Context, path, parameter, challenge string, body any) (to string, err error) {
	var said redirect
	err = c.call(ctx, http.MethodPut, requestPath+path, url.Values{parameter: {challenge}}, body, &said)
	return said.To, err
}

// EndSession ends one of Hydra's sessions. Hydra then posts a logout token to each service that it was open at, and waits for none.
func (c *Client) EndSession(ctx context.Context, session string) error {
	return c.call(ctx, http.MethodDelete, "/oauth2/auth/sessions/login", url.Values{"sid": {session}}, nil, nil)
}

// EndTokens makes every access token of a person worthless.
func (c *Client) EndTokens(ctx context.Context, subject string) error {
	return c.call(ctx, http.MethodDelete, "/oauth2/auth/sessions/consent", url.Values{"subject": {subject}, "all": {"true"}}, nil, nil)
}
