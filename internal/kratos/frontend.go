package kratos

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	client "github.com/ory/kratos-client-go"
)

// Client speaks to Kratos's public API. It keeps no cookie, follows no
// redirect, reads at most 1 MiB of an answer, and may be used concurrently.
type Client struct {
	api           *client.APIClient
	patient       *client.APIClient // saves passwords
	detached      *client.APIClient // what no answer waits for
	sessionCookie string
}

// Options of a Client; the zero value is fit for production.
type Options struct {
	// Timeout bounds each HTTP exchange with Kratos, body included.
	// Defaults to 5 seconds.
	Timeout time.Duration
	// PasswordTimeout is the same for SetPassword: Kratos needs 3.2 s to give
	// up on a dead hook, and 20 s on a service that tells which passwords have
	// leaked. Defaults to Timeout.
	PasswordTimeout time.Duration
	// DetachedTimeout is the same for what no answer of the site waits for: each
	// half of a Login, since who was told to try again may still be let in by what
	// comes late, and the sending of a code. Defaults to Timeout.
	DetachedTimeout time.Duration
	// SessionCookie is the name in Kratos's session.cookie.name.
	// Defaults to ory_kratos_session.
	SessionCookie string
	// Transport defaults to a clone of http.DefaultTransport without proxy.
	Transport http.RoundTripper
	// Wrap, where given, is put around the Transport: to count and to time.
	Wrap func(http.RoundTripper) http.RoundTripper
}

// New returns a Client of the Kratos at publicURL: scheme, host, optional path.
func New(publicURL string, o Options) (*Client, error) {
	u, err := url.Parse(publicURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("kratos: the public URL must be http(s)://host[:port][/path]") // not quoted: it may hold a password
	}
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	if o.PasswordTimeout == 0 {
		o.PasswordTimeout = o.Timeout
	}
	if o.DetachedTimeout == 0 {
		o.DetachedTimeout = o.Timeout
	}
	if o.SessionCookie == "" {
		o.SessionCookie = "ory_kratos_session"
	}
	if o.Transport == nil {
		o.Transport = defaultTransport()
	}
	if o.Wrap != nil {
		o.Transport = o.Wrap(o.Transport)
	}
	base := strings.TrimRight(u.String(), "/")
	return &Client{
		api:           newAPI(base, o.Transport, o.Timeout),
		patient:       newAPI(base, o.Transport, o.PasswordTimeout),
		detached:      newAPI(base, o.Transport, o.DetachedTimeout),
		sessionCookie: o.SessionCookie,
	}, nil
}

func newAPI(base string, t http.RoundTripper, timeout time.Duration) *client.APIClient {
	config := client.NewConfiguration()
	config.UserAgent = "efpconnect-selfservice"
	config.Servers = client.ServerConfigurations{{URL: base}}
	config.HTTPClient = &http.Client{ // no Jar: an API flow refuses any request with a cookie
		Timeout:   timeout,
		Transport: transport{t},
		// A followed 303 ends in a 403 that hides the reason.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return client.NewAPIClient(config)
}

func defaultTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = nil               // Kratos is a neighbour
	t.MaxIdleConnsPerHost = 100 // all go to one host; the default of 2 would reconnect under load
	return t
}

// Ready asks Kratos whether it and its database can serve.
func (c *Client) Ready(ctx context.Context) error {
	_, resp, err := c.api.MetadataAPI.IsReady(ctx).Execute()
	a, err := call{http.MethodGet, "/health/ready"}.answer(resp, err)
	if err != nil {
		return err
	}
	if a.status != http.StatusOK || a.Status != "ok" {
		return a.unexpected()
	}
	return nil
}
