package kratos_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/kratos"
)

// What no error text may hold: everything here is put into requests or answers below.
const (
	secretFlow  = "99999999-8888-4777-8666-555555555555"
	secretText  = "SECRET"
	secretEmail = secretText + "@example.test"
)

// secretCookies has the form that Kratos writes: anything else is not sent on.
var secretCookies = []*http.Cookie{{
	Name:  "ory_kratos_session",
	Value: base64.RawURLEncoding.EncodeToString([]byte("1800000000|a")) + secretText + strings.Repeat("A", 66),
}}

// calls is every call of the Client. Those named "…, then" meet the fault at their second exchange.
var calls = map[string]func(context.Context, *kratos.Client) error{
	"OpenRecovery": func(ctx context.Context, c *kratos.Client) error { _, err := c.OpenRecovery(ctx); return err },
	"Recovery":     func(ctx context.Context, c *kratos.Client) error { _, err := c.Recovery(ctx, secretFlow); return err },
	"SendCode": func(ctx context.Context, c *kratos.Client) error {
		_, err := c.SendCode(ctx, secretFlow, address(secretEmail), map[string]any{"suite": secretText})
		return err
	},
	"SubmitCode": func(ctx context.Context, c *kratos.Client) error {
		_, err := c.SubmitCode(ctx, secretFlow, secretText)
		return err
	},
	"SetPassword": func(ctx context.Context, c *kratos.Client) error {
		_, err := c.SetPassword(ctx, secretText, secretFlow, secretText)
		return err
	},
	"RevokeSession": func(ctx context.Context, c *kratos.Client) error { return c.RevokeSession(ctx, secretText) },
	"Login": func(ctx context.Context, c *kratos.Client) error {
		_, err := c.Login(ctx, address(secretEmail), secretText, "https://example.test/"+secretText)
		return err
	},
	"Whoami": func(ctx context.Context, c *kratos.Client) error {
		_, _, err := c.Whoami(ctx, secretCookies)
		return err
	},
	"Logout": func(ctx context.Context, c *kratos.Client) error { return c.Logout(ctx, secretCookies) },
	"Ready":  func(ctx context.Context, c *kratos.Client) error { return c.Ready(ctx) },
}

// firstExchange answers well what SendCode, Login and Logout ask first.
var firstExchange = map[string]string{
	"SendCode": `{"id":"` + secretFlow + `","state":"sent_email","expires_at":"2026-01-01T00:00:00Z"}`,
	"Login": `{"id":"` + secretFlow + `","expires_at":"2026-01-01T00:00:00Z","ui":{"nodes":[{"attributes":{"name":"csrf_token","value":"` +
		secretText + `"}}]}}`,
	"Logout": `{"logout_token":"` + secretText + `","logout_url":"http://example.test/"}`,
}

func says(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Location", "/?flow="+secretFlow)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

var faults = []struct {
	why     string
	want    error
	handler http.HandlerFunc
}{
	{"500", kratos.ErrUnavailable, says(500, "application/json", `{"error":{"code":500,"message":"SECRET"}}`)},
	{"a proxy's 502", kratos.ErrUnavailable, says(502, "text/html", "<h1>SECRET</h1>")},
	{"503 without a word", kratos.ErrUnavailable, says(503, "text/plain", "")},
	{"429", kratos.ErrUnavailable, says(429, "application/json", `{"error":{"code":429,"id":"too_many"}}`)},
	{"cut in the middle of the body", kratos.ErrUnavailable, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"id":"SECRET`) // the server closes a connection that owes bytes
	}},
	{"cut before the header", kratos.ErrUnavailable, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	{"slow", kratos.ErrUnavailable, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not notice that the client is gone
		<-r.Context().Done()
	}},
	{"HTML", kratos.ErrUnexpected, says(200, "text/html", "<h1>SECRET</h1>")},
	{"HTML that calls itself JSON", kratos.ErrUnexpected, says(200, "application/json", "<h1>SECRET</h1>")},
	{"nothing", kratos.ErrUnexpected, says(200, "application/json", "")},
	{"null", kratos.ErrUnexpected, says(200, "application/json", "null")},
	{"an array", kratos.ErrUnexpected, says(200, "application/json", `["SECRET"]`)},
	{"an empty object", kratos.ErrUnexpected, says(200, "application/json", "{}")},
	{"an empty object with 400", kratos.ErrUnexpected, says(400, "application/json", "{}")},
	{"null with 400", kratos.ErrUnexpected, says(400, "application/json", "null")},
	{"wrong types", kratos.ErrUnexpected, says(200, "application/json", `{"id":5,"state":{},"ui":"SECRET"}`)},
	{"nil where unions are", kratos.ErrUnexpected, says(200, "application/json",
		`{"id":"`+secretFlow+`","state":"passed_challenge","ui":{"nodes":[null,{"attributes":null}]},"continue_with":[null,{"action":"dance"}]}`)},
	{"a state nobody knows", kratos.ErrUnexpected, says(200, "application/json",
		`{"id":"SECRET","state":"recovery_awaiting_address","expires_at":"2026-01-01T00:00:00Z","ui":{"messages":[{"id":1060003}]}}`)},
	{"absurdly deep", kratos.ErrUnexpected, says(200, "application/json", strings.Repeat(`{"ui":`, 20000))},
	{"longer than 1 MiB", kratos.ErrUnexpected, says(200, "application/json", `{"id":"`+strings.Repeat("SECRET", 1<<18)+`"}`)},
	{"a redirect", kratos.ErrUnexpected, says(303, "application/json", "{}")},
	{"a location change", kratos.ErrUnexpected, says(422, "application/json", `{"error":{"id":"browser_location_change_required","code":422}}`)},
	{"a proxy's 401", kratos.ErrUnexpected, says(401, "text/html", "<h1>SECRET</h1>")},
	{"a router's 404", kratos.ErrUnexpected, says(404, "application/json", `{"message":"SECRET"}`)},
	{"a teapot with an id that is no id", kratos.ErrUnexpected, says(418, "application/json", `{"error":{"id":"SECRET of a teapot"}}`)},
}

func TestFaults(t *testing.T) {
	for _, fault := range faults {
		t.Run(fault.why, func(t *testing.T) {
			t.Parallel()
			for name, do := range calls {
				checkFault(t, name, do, fault.handler, fault.want)
				if first, ok := firstExchange[name]; ok {
					checkFault(t, name+", then", do, after(first, fault.handler), fault.want)
				}
			}
		})
	}
}

// after answers one request well, and leaves the others to the fault.
func after(first string, fault http.HandlerFunc) http.HandlerFunc {
	answered := false // the requests of one call come one after the other
	return func(w http.ResponseWriter, r *http.Request) {
		if answered {
			fault(w, r)
			return
		}
		answered = true
		says(200, "application/json", first)(w, r)
	}
}

func checkFault(t *testing.T, name string, do func(context.Context, *kratos.Client) error, handler http.HandlerFunc, want error) {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	err := do(t.Context(), client(t, server.URL))
	checkError(t, name, err, want)
}

func checkError(t *testing.T, name string, err, want error) {
	t.Helper()
	var e *kratos.Error
	if !errors.Is(err, want) || !errors.As(err, &e) || e.Method == "" || !strings.HasPrefix(e.Route, "/") {
		t.Errorf("%s: %v, want %v with its call", name, err, want)
		return
	}
	for _, text := range []string{err.Error(), fmt.Sprintf("%v %s %q", err, e, e)} {
		if strings.Contains(text, secretText) || strings.Contains(text, secretFlow) {
			t.Errorf("%s: the error tells a secret: %s", name, text)
		}
	}
}

func client(t *testing.T, url string) *kratos.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := kratos.New(url, kratos.Options{Timeout: 500 * time.Millisecond, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestKratosDown(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	for name, do := range calls {
		err := do(t.Context(), client(t, server.URL))
		checkError(t, name, err, kratos.ErrUnavailable)
		if err != nil && !strings.Contains(err.Error(), "connection refused") {
			t.Errorf("%s does not say why: %v", name, err)
		}
	}
}

func TestCallerGone(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, do := range calls {
		err := do(ctx, client(t, server.URL))
		if checkError(t, name, err, kratos.ErrUnavailable); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want it to be %v too", name, err, context.Canceled)
		}
	}
}

func TestNew(t *testing.T) {
	for url, good := range map[string]bool{
		"http://127.0.0.1:4433": true, "http://127.0.0.1:4433/": true, "https://id.example.test/kratos/": true,
		"": false, "127.0.0.1:4433": false, "ftp://example.test": false, "http://": false,
		"http://u:SECRET@example.test": false, "http://example.test/?SECRET": false, "http://exa mple/SECRET": false,
	} {
		_, err := kratos.New(url, kratos.Options{})
		if (err == nil) != good || err != nil && strings.Contains(err.Error(), secretText) {
			t.Errorf("New(%q): %v", url, err)
		}
	}
}

// TestPublicPath: a Kratos behind a path of a proxy.
func TestPublicPath(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/kratos/health/ready" {
			says(200, "application/json", `{"status":"ok"}`)(w, r)
		}
	}))
	defer server.Close()
	if err := client(t, server.URL+"/kratos/").Ready(t.Context()); err != nil {
		t.Error(err)
	}
}
