package kratos_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"efpconnect.example/internal/kratos"
)

// canned is a Kratos that always says the same: the fuzzers go through the whole
// Client, kratos-client-go's own decoders included.
type canned struct {
	status    int
	body      string
	setCookie string
}

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: c.status, Status: http.StatusText(c.status), Request: r, ContentLength: -1,
		Header: http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {c.setCookie}},
		Body:   io.NopCloser(strings.NewReader(c.body)),
	}, nil
}

func saying(t *testing.T, c canned) *kratos.Client {
	if c.status < 200 || c.status > 599 {
		t.Skip("not a status")
	}
	client, err := kratos.New("http://kratos.example.test", kratos.Options{Transport: c})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// decided fails unless there is either an outcome or one of the two errors.
func decided(t *testing.T, outcome kratos.Outcome, err error) {
	t.Helper()
	if (outcome == "") == (err == nil) {
		t.Fatalf("outcome %q with error %v", outcome, err)
	}
	if err != nil && errors.Is(err, kratos.ErrUnavailable) == errors.Is(err, kratos.ErrUnexpected) {
		t.Fatalf("error %v is of neither kind, or of both", err)
	}
}

const (
	seedFlow = `{"id":"` + secretFlow + `","type":"api","state":"sent_email","expires_at":"2026-11-24T00:00:00Z","issued_at":"2026-11-23T00:00:00Z",` +
		`"request_url":"http://k/","ui":{"action":"http://k/","method":"POST","messages":[{"id":1060003,"type":"info","text":"t"}],` +
		`"nodes":[{"type":"input","group":"code","attributes":{"name":"email","type":"submit","value":"a@example.test","disabled":false,"node_type":"input"},"messages":[],"meta":{}}]}}`
	seedPassed = `{"id":"` + secretFlow + `","state":"passed_challenge","expires_at":"2026-11-24T00:00:00Z","continue_with":[` +
		`{"action":"set_ory_session_token","ory_session_token":"ory_st_x"},{"action":"show_settings_ui","flow":{"id":"` + secretFlow + `"}}]}`
	seedSpent   = `{"error":{"code":400,"details":{"continue_with":[{"action":"show_recovery_ui","flow":{"id":"` + secretFlow + `"}}]}}}`
	seedExpired = `{"error":{"id":"self_service_flow_expired","code":410},"expired_at":"2026-11-24T00:00:00Z","since":5,"use_flow_id":"` + secretFlow + `"}`
	seedRefused = `{"id":"` + secretFlow + `","state":"show_form","ui":{"nodes":[{"attributes":{"name":"password"},"messages":[` +
		`{"id":4000032,"type":"error","context":{"min_length":12,"actual_length":3}},{"id":4900001,"type":"error","context":null}]}]}}`
	seedSession = `{"id":"s","expires_at":"2026-11-24T00:00:00Z","authenticator_assurance_level":"aal1","authentication_methods":[{"method":"password"}],` +
		`"identity":{"id":"i","schema_id":"account","schema_url":"http://k/","traits":{"email":"a@example.test"}}}`
	seedLogin = `{"id":"` + secretFlow + `","ui":{"nodes":[{"attributes":{"name":"csrf_token","value":"x"}}],"messages":[{"id":4000006,"type":"error"}]},` +
		`"session":` + seedSession + `,"continue_with":[{"action":"redirect_browser_to","redirect_browser_to":"http://e/"}]}`
)

func seed(f *testing.F, rest ...any) {
	for _, body := range []string{seedFlow, seedPassed, seedSpent, seedExpired, seedRefused, seedSession, seedLogin, "", "null", "{}", "[]"} {
		for _, status := range []int{200, 204, 303, 400, 401, 403, 404, 410, 422, 500} {
			f.Add(append([]any{status, body}, rest...)...)
		}
	}
}

func FuzzRecoveryAnswer(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, status int, body string) {
		c := saying(t, canned{status: status, body: body})
		opened, err := c.OpenRecovery(t.Context())
		decided(t, kratos.Outcome(opened.State), err)
		read, err := c.Recovery(t.Context(), secretFlow)
		decided(t, kratos.Outcome(read.State), err)
		sent, err := c.SendCode(t.Context(), secretFlow, address("a@example.test"), nil)
		decided(t, sent.Outcome, err)
		tried, err := c.SubmitCode(t.Context(), secretFlow, "123456")
		decided(t, tried.Outcome, err)
		if right := tried.Outcome == kratos.CodeRight; right != (tried.Token != "") || right != (tried.SettingsFlow != "") || right && status != 200 {
			t.Fatalf("status %d gives %+v", status, tried)
		}
	})
}

func FuzzSettingsAnswer(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, status int, body string) {
		c := saying(t, canned{status: status, body: body})
		set, err := c.SetPassword(t.Context(), "ory_st_x", secretFlow, "x")
		decided(t, set.Outcome, err)
		if set.Outcome == kratos.PasswordSet && status != 200 || (set.Outcome == kratos.PasswordRefused) != (set.Reason.Kind != "") {
			t.Fatalf("status %d gives %+v", status, set)
		}
	})
}

func FuzzLoginAnswer(f *testing.F) {
	seed(f, "ory_kratos_session=x; Path=/; HttpOnly")
	f.Fuzz(func(t *testing.T, status int, body, setCookie string) {
		c := saying(t, canned{status, body, setCookie})
		in, err := c.Login(t.Context(), address("a@example.test"), "x", "")
		decided(t, in.Outcome, err)
		if ok := in.Outcome == kratos.LoggedIn; ok != (len(in.Cookies) > 0) || ok && status != 200 {
			t.Fatalf("status %d gives %+v", status, in)
		}
		s, found, err := c.Whoami(t.Context(), secretCookies)
		if !found && (s.ID != "" || s.Email != "") || found && err != nil {
			t.Fatalf("Whoami = %+v, %v, %v", s, found, err)
		}
		if err := c.Logout(t.Context(), secretCookies); err != nil {
			decided(t, "", err)
		}
	})
}
