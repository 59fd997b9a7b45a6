package kratos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Outcomes of the admin API that are neither success nor trouble. Test with errors.Is.
var (
	// ErrConflict: an address of the identity belongs to another one.
	ErrConflict = errors.New("kratos: address already taken")
	// ErrRefused: Kratos will never accept this request as it is (400). Nothing of it was done.
	ErrRefused = errors.New("kratos: request refused")
	// ErrNoSchema: Kratos does not know the identity schema that the request names. Nothing of it was done.
	ErrNoSchema = errors.New("kratos: no such identity schema")
	// ErrNotFound: there is no such identity.
	ErrNotFound = errors.New("kratos: no such identity")
)

// Admin speaks to Kratos's admin API, for the import alone: the site has no address of it. Its JSON is written here and not
// by kratos-client-go: that client spends more on reflection than the import has, sends "organization_id" and empty
// recovery addresses that v1.3.1 refuses, and hides the body of a 400. It may be used concurrently.
type Admin struct {
	base string
	http *http.Client
}

// AdminOptions of an Admin; the zero value is fit for production.
type AdminOptions struct {
	// Timeout bounds one exchange. Defaults to 150 s: Kratos itself cuts an answer at 120 s, and commits all the same.
	Timeout time.Duration
	// Transport defaults to a clone of http.DefaultTransport without proxy.
	Transport http.RoundTripper
}

// NewAdmin returns an Admin of the Kratos at adminURL (scheme, host, optional path).
func NewAdmin(adminURL string, o AdminOptions) (*Admin, error) {
	u, err := url.Parse(adminURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, errors.New("the address of Kratos's admin API must be http:// or https:// and a host")
	}
	if o.Timeout == 0 {
		o.Timeout = 150 * time.Second
	}
	if o.Transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.Proxy = nil
		t.MaxIdleConnsPerHost = 32
		o.Transport = t
	}
	return &Admin{
		base: strings.TrimSuffix(adminURL, "/"),
		http: &http.Client{
			Transport:     o.Transport,
			Timeout:       o.Timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Ready asks Kratos whether it and its database can serve.
func (a *Admin) Ready(ctx context.Context) error {
	_, err := a.call(ctx, http.MethodGet, "/admin/health/ready", nil, readNothing)
	return err
}

// call sends one request and gives a 2xx answer to read. route names it in errors; the query, which may hold an address, is not
// part of it.
func (a *Admin) call(ctx context.Context, method, path string, body []byte, read func(io.Reader) error) (http.Header, error) {
	route, _, _ := strings.Cut(path, "?")
	failure := func(kind error, status int, cause error) error {
		return &Error{Kind: kind, Method: method, Route: route, Status: status, cause: cause}
	}
	request, err := http.NewRequestWithContext(ctx, method, a.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, failure(ErrUnexpected, 0, err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("Accept", "application/json")
	answer, err := a.http.Do(request)
	if err != nil {
		return nil, failure(ErrUnavailable, 0, err)
	}
	defer answer.Body.Close()
	if kind := adminKind(answer.StatusCode); kind != nil {
		reason, _ := io.ReadAll(io.LimitReader(answer.Body, 64<<10)) // read, so that the connection is used again; never shown
		if kind == ErrRefused && bytes.Contains(reason, []byte("Unable to find JSON Schema")) {
			kind = ErrNoSchema
		}
		return nil, withRetryAfter(failure(kind, answer.StatusCode, nil), answer.Header)
	}
	if err := read(answer.Body); err != nil {
		// Half an answer: a cut connection. The request may have taken effect.
		return nil, failure(ErrUnavailable, answer.StatusCode, err)
	}
	io.Copy(io.Discard, answer.Body)
	return answer.Header, nil
}

// adminKind is what an HTTP status means on the admin API; nil for success.
func adminKind(status int) error {
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusBadRequest:
		return ErrRefused
	case status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusConflict:
		return ErrConflict
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500:
		return ErrUnavailable
	default:
		return ErrUnexpected
	}
}

// waiting is an error that came with a Retry-After.
type waiting struct {
	error
	after time.Duration
}

func (w waiting) Unwrap() error { return w.error }

func withRetryAfter(err error, header http.Header) error {
	seconds, convErr := strconv.Atoi(header.Get("Retry-After"))
	if convErr != nil || seconds <= 0 {
		return err
	}
	return waiting{err, min(time.Duration(seconds)*time.Second, time.Hour)}
}

// RetryAfter is how long the server asked to wait, 0 when it did not.
func RetryAfter(err error) time.Duration {
	var w waiting
	if errors.As(err, &w) {
		return w.after
	}
	return 0
}

// Limited tells whether a request was refused for being one too many.
func Limited(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusTooManyRequests
}

// readJSON decodes a whole answer into v.
func readJSON(v any) func(io.Reader) error {
	return func(r io.Reader) error {
		if err := json.NewDecoder(r).Decode(v); err != nil {
			return fmt.Errorf("decoding: %w", err)
		}
		return nil
	}
}

// readNothing leaves an answer unread.
func readNothing(io.Reader) error { return nil }
