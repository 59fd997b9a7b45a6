package kratos_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/kratos"
)

// newerWords is a proxy before the real Kratos that says of a disabled account what the versions after v26.2.0 say: 400 with a message at
// login, an id elsewhere. All else is Kratos's own.
func newerWords(t *testing.T, to string) string {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(answer *http.Response) error {
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			return err
		}
		var said struct {
			Error struct {
				Details struct {
					IdentityID string `json:"identity_id"`
				} `json:"details"`
			} `json:"error"`
		}
		_ = json.Unmarshal(body, &said)
		if answer.StatusCode == http.StatusUnauthorized && said.Error.Details.IdentityID != "" {
			answer.StatusCode = http.StatusBadRequest
			body = []byte(`{"error":{"id":"identity_disabled","code":400,"status":"Bad Request"}}`)
			if strings.HasSuffix(answer.Request.URL.Path, "/self-service/login") {
				body = []byte(`{"id":"` + answer.Request.URL.Query().Get("flow") + `","ui":{"messages":[{"id":4010011,"type":"error","text":"This account was disabled."}],"nodes":[]}}`)
			}
		}
		answer.Body = io.NopCloser(bytes.NewReader(body))
		answer.Header.Set("Content-Length", strconv.Itoa(len(body)))
		return nil
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL
}

// TestDisabledInNewerWords: a disabled account has one outcome, whichever version says it, and no call ends as an error page.
func TestDisabledInNewerWords(t *testing.T) {
	r := newRig(t, nil)
	var err error
	if r.site, err = kratos.New(newerWords(t, r.PublicURL), kratos.Options{Timeout: 30 * time.Second}); err != nil {
		t.Fatal(err)
	}
	id, email := r.account(t)
	signedIn, err := r.site.Login(t.Context(), address(email), oldPassword, "")
	if err != nil || signedIn.Outcome != kratos.LoggedIn {
		t.Fatalf("while it is active: %+v, %v", signedIn, err)
	}
	flow, code := r.sent(t, email)
	status, answer := r.Call(t, http.MethodPatch, r.AdminURL+"/admin/identities/"+id,
		[]map[string]string{{"op": "replace", "path": "/state", "value": "inactive"}}, nil)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	r.submit(t, flow.ID, code, kratos.AccountInactive)
	for password, want := range map[string]kratos.Outcome{oldPassword: kratos.AccountInactive, newPassword: kratos.LoginRefused} {
		if got, err := r.site.Login(t.Context(), address(email), password, ""); err != nil || got.Outcome != want {
			t.Errorf("login: %q, %v; want %q", got.Outcome, err, want)
		}
	}
	if _, found, err := r.site.Whoami(t.Context(), signedIn.Cookies); err != nil || found {
		t.Errorf("whoami: %v, %v", found, err)
	}
	if err := r.site.Logout(t.Context(), signedIn.Cookies); err != nil {
		t.Errorf("log-out: %v", err)
	}
}

// The same words wherever else they may come.
func TestDisabledEverywhere(t *testing.T) {
	for _, body := range []string{
		`{"error":{"id":"identity_disabled","code":400}}`,
		`{"id":"` + secretFlow + `","state":"sent_email","ui":{"messages":[{"id":4010011,"type":"error"}]}}`,
	} {
		for _, status := range []int{400, 401, 403, 422} {
			server := httptest.NewServer(says(status, "application/json", body))
			site, err := kratos.New(server.URL, kratos.Options{Timeout: time.Second})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := site.SubmitCode(t.Context(), secretFlow, "123456"); err != nil || got.Outcome != kratos.AccountInactive {
				t.Errorf("code, %d %s: %q, %v", status, body, got.Outcome, err)
			}
			if got, err := site.SetPassword(t.Context(), "token", secretFlow, newPassword); err != nil || got.Outcome != kratos.AccountInactive {
				t.Errorf("password, %d %s: %q, %v", status, body, got.Outcome, err)
			}
			if _, found, err := site.Whoami(t.Context(), secretCookies); err != nil || found {
				t.Errorf("whoami, %d %s: %v, %v", status, body, found, err)
			}
			server.Close()
		}
	}
}
