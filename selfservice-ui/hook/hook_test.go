package hook_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/store"
	"efpconnect.example/selfservice-ui/hook"
)

const (
	key   = "the-secret-of-the-hook"
	flow  = "5ba8e8cb-2a2d-4b5c-9a5a-0e6c1f6b7a11"
	other = "11111111-2a2d-4b5c-9a5a-0e6c1f6b7a11"
)

func ask(h http.Handler, method, path, key, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if key != "" {
		r.Header.Set(hook.KeyHeader, key)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func body(flow string) string { return bodyOf(hook.ChoosePassword, flow) }

func bodyOf(a hook.Action, flow string) string {
	return `{"flow":"` + flow + `","flow_type":"` + a.FlowType + `","method":"` + a.Method + `"}`
}

func TestPermitLetsPassUntilRevoked(t *testing.T) {
	now := time.Unix(0, 0)
	st := store.NewMemory(10, func() time.Time { return now })
	h := hook.Handler{Store: st, Key: key, Log: quiet()}
	wantStatus := func(flow string, want int) {
		t.Helper()
		if got := ask(h, "POST", hook.Path, key, body(flow)).Code; got != want {
			t.Fatalf("status %d, want %d", got, want)
		}
	}
	wantStatus(flow, http.StatusBadRequest)
	check(t, hook.Permit(t.Context(), st, hook.ChoosePassword, flow))
	wantStatus(flow, http.StatusNoContent)
	wantStatus(flow, http.StatusNoContent) // Kratos asks again after a 500
	wantStatus(strings.ToUpper(flow), http.StatusNoContent)
	wantStatus(other, http.StatusBadRequest)

	check(t, hook.Revoke(t.Context(), st, hook.ChoosePassword, flow))
	wantStatus(flow, http.StatusBadRequest)

	check(t, hook.Permit(t.Context(), st, hook.ChoosePassword, flow))
	now = now.Add(29 * time.Second)
	wantStatus(flow, http.StatusNoContent)
	now = now.Add(time.Second)
	wantStatus(flow, http.StatusBadRequest)
}

// Revoke is called when Kratos has answered; the visitor may be gone by then.
func TestRevokeAfterTheVisitorLeft(t *testing.T) {
	st := &watched{Memory: store.NewMemory(10, time.Now)}
	ctx, cancel := context.WithCancel(t.Context())
	check(t, hook.Permit(ctx, st, hook.ChoosePassword, flow))
	cancel()
	check(t, hook.Revoke(ctx, st, hook.ChoosePassword, flow))
	if st.err != nil {
		t.Errorf("the store was given a dead context: %v", st.err)
	}
}

type watched struct {
	*store.Memory
	err error
}

func (w *watched) Delete(ctx context.Context, key string) error {
	w.err = ctx.Err()
	return w.Memory.Delete(ctx, key)
}

// The format is Kratos's: anything else and the person would see no message.
func TestRefusalFormat(t *testing.T) {
	w := ask(hook.Handler{Store: store.NewMemory(1, time.Now), Key: key, Log: quiet()}, "POST", hook.Path, key, body(flow))
	var got struct {
		Messages []struct {
			InstancePtr string `json:"instance_ptr"`
			Messages    []struct {
				ID      int            `json:"id"`
				Text    string         `json:"text"`
				Type    string         `json:"type"`
				Context map[string]any `json:"context"`
			} `json:"messages"`
		} `json:"messages"`
	}
	check(t, json.Unmarshal(w.Body.Bytes(), &got))
	if w.Code != http.StatusBadRequest || len(got.Messages) != 1 || len(got.Messages[0].Messages) != 1 {
		t.Fatalf("status %d, body %s", w.Code, w.Body)
	}
	m := got.Messages[0].Messages[0]
	if got.Messages[0].InstancePtr != "#/password" || m.ID != hook.MessageID || m.Type != "error" || m.Text == "" || m.Context == nil {
		t.Errorf("body %s", w.Body)
	}
}

func TestWhoeverIsNotKratosIsRefused(t *testing.T) {
	st := store.NewMemory(10, time.Now)
	check(t, hook.Permit(t.Context(), st, hook.ChoosePassword, flow))
	h := hook.Handler{Store: st, Key: key, Log: quiet()}
	for _, c := range []struct {
		name, method, path, key, body string
		want                          int
	}{
		{"no key", "POST", hook.Path, "", body(flow), 401},
		{"wrong key", "POST", hook.Path, "the-secret-of-the-hooK", body(flow), 401},
		{"start of the key", "POST", hook.Path, key[:10], body(flow), 401},
		{"GET", "GET", hook.Path, key, body(flow), 405},
		{"other path", "POST", "/", key, body(flow), 404},
		{"no body", "POST", hook.Path, key, "", 422},
		{"not JSON", "POST", hook.Path, key, "flow=" + flow, 422},
		{"not an object", "POST", hook.Path, key, `["` + flow + `"]`, 422},
		{"unknown field", "POST", hook.Path, key, `{"flow":"` + flow + `","flow_type":"settings","method":"password","x":1}`, 422},
		{"two objects", "POST", hook.Path, key, body(flow) + body(flow), 422},
		{"no flow", "POST", hook.Path, key, `{}`, 422},
		{"the body of before: any change would pass by a password's permit", "POST", hook.Path, key, `{"flow":"` + flow + `"}`, 422},
		{"an action that Kratos does not ask for", "POST", hook.Path, key, bodyOf(hook.Action{FlowType: "settings", Method: "totp"}, flow), 422},
		{"not an identifier", "POST", hook.Path, key, body("permit"), 422},
		{"identifier in braces", "POST", hook.Path, key, body("{" + flow + "}"), 422},
		{"too big", "POST", hook.Path, key, strings.Repeat(" ", 2000) + body(flow), 422},
	} {
		if got := ask(h, c.method, c.path, c.key, c.body).Code; got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// A key that nobody set must not match a header that nobody sent.
func TestEmptyKeyRefusesEverybody(t *testing.T) {
	st := store.NewMemory(10, time.Now)
	check(t, hook.Permit(t.Context(), st, hook.ChoosePassword, flow))
	if got := ask(hook.Handler{Store: st, Log: quiet()}, "POST", hook.Path, "", body(flow)).Code; got != 401 {
		t.Errorf("status %d", got)
	}
}

// Closed by default: when permits cannot be read, no password is saved.
func TestLostStoreRefuses(t *testing.T) {
	client, err := store.RedisClient("redis://127.0.0.1:1")
	check(t, err)
	defer client.Close()
	st := store.NewRedis(client, "efp:")
	if err := hook.Permit(t.Context(), st, hook.ChoosePassword, flow); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Permit = %v", err)
	}
	w := ask(hook.Handler{Store: st, Key: key, Log: quiet()}, "POST", hook.Path, key, body(flow))
	if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "127.0.0.1") {
		t.Errorf("status %d, body %s", w.Code, w.Body)
	}
}

func TestPermitWantsAnIdentifier(t *testing.T) {
	st := store.NewMemory(10, time.Now)
	for _, id := range []string{"", "x", "urn:uuid:" + flow} {
		if hook.Permit(t.Context(), st, hook.ChoosePassword, id) == nil || hook.Revoke(t.Context(), st, hook.ChoosePassword, id) == nil {
			t.Errorf("%q was taken", id)
		}
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
