// Package hydra speaks to the admin API of Ory Hydra v2.3.0: requests.go is what the site does with the login, consent and logout
// requests of services, clients.go what kratos-config does with clients. No other route is called.
//
// Hydra's answers are read up to a bound. Its errors never reach a log as they are: they quote challenges.
package hydra

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Errors that callers tell apart. All others are the site's own fault, or Hydra's.
var (
	// ErrUnavailable: Hydra does not answer, or not as Hydra does.
	ErrUnavailable = errors.New("hydra does not answer")
	// ErrGone: the challenge is unknown, over or used; or the client is not there.
	ErrGone = errors.New("hydra does not know it, or not any more")
)

// maxAnswer bounds what is read of an answer. A login request holds its challenge, the client and the address that the service sent.
const maxAnswer = 1 << 20

// Client is the admin API at one address. It may be used at once.
type Client struct {
	base string
	http *http.Client
}

// New takes the address of the admin API, and the longest wait for one answer.
func New(address string, timeout time.Duration) *Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute} // no proxy of the environment: Hydra is a neighbour
	refuse := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{strings.TrimSuffix(address, "/") + "/admin", &http.Client{Transport: transport, Timeout: timeout, CheckRedirect: refuse}}
}

// call sends body (nil: none) and reads the answer into into (nil: nothing is read).
func (c *Client) call(ctx context.Context, method, path string, query url.Values, body, into any) error {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("hydra: %s %s: %w", method, path, err)
		}
		sent = bytes.NewReader(text)
	}
	address := c.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, address, sent)
	if err != nil {
		return fmt.Errorf("hydra: %s %s: not an address", method, path)
	}
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("%w: %s %s: %w", ErrUnavailable, method, path, withoutAddress(err))
	}
	defer response.Body.Close()
	return judge(response, method, path, into)
}

func judge(response *http.Response, method, path string, into any) error {
	switch status := response.StatusCode; {
	// A challenge that Hydra cannot read is 404 or 400, one that is used 410, one that was refused or used meanwhile 409 or 403.
	case status == http.StatusNotFound, status == http.StatusGone, status == http.StatusBadRequest, status == http.StatusConflict,
		status == http.StatusForbidden, status == http.StatusUnauthorized:
		return fmt.Errorf("%w: %s %s: %d", ErrGone, method, path, status)
	case status >= 500:
		return fmt.Errorf("%w: %s %s: %d", ErrUnavailable, method, path, status)
	case status < 200 || status > 299:
		return fmt.Errorf("hydra: %s %s: %d", method, path, status)
	}
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(into); err != nil {
		return fmt.Errorf("%w: %s %s: the answer is not what was asked for", ErrUnavailable, method, path)
	}
	return nil
}

// withoutAddress leaves the query, which holds the challenge, out of the log.
func withoutAddress(err error) error {
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
