package browser

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/seal"
)

type carried struct {
	Secret string `json:"secret"`
}

func sealed(t *testing.T, now *time.Time, keys ...string) *SealedCookie {
	t.Helper()
	if len(keys) == 0 {
		keys = []string{seal.NewKey()}
	}
	box, err := seal.New(keys, func() time.Time { return *now })
	if err != nil {
		t.Fatal(err)
	}
	return &SealedCookie{Name: "efp_essai", TTL: time.Hour, Secure: true, Box: box}
}

// put is the one cookie that Set sets.
func put(t *testing.T, j *SealedCookie, v any) *http.Cookie {
	t.Helper()
	w := httptest.NewRecorder()
	if err := j.Set(w, v); err != nil {
		t.Fatal(err)
	}
	return onlyCookie(t, w)
}

func onlyCookie(t *testing.T, w *httptest.ResponseRecorder) *http.Cookie {
	t.Helper()
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("cookies %v", cookies)
	}
	return cookies[0]
}

func opens(j *SealedCookie, cookies ...*http.Cookie) (carried, bool) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	var v carried
	return v, j.Get(r, &v)
}

func TestCookieAttributes(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		why    string
		secure bool
		name   string
	}{
		{"https: the prefix binds it to this host, and to https", true, "__Host-efp_essai"},
		{"http: browsers refuse the prefix", false, "efp_essai"},
	} {
		j := sealed(t, &now)
		j.Secure = c.secure
		for what, got := range map[string]*http.Cookie{"put": put(t, j, carried{"x"}), "dropped": dropped(t, j)} {
			if got.Name != c.name || got.Secure != c.secure || !got.HttpOnly || got.SameSite != http.SameSiteLaxMode || got.Path != "/" || got.Domain != "" {
				t.Errorf("%s, %s: %s", c.why, what, got)
			}
		}
	}
}

func dropped(t *testing.T, j *SealedCookie) *http.Cookie {
	w := httptest.NewRecorder()
	j.Clear(w)
	return onlyCookie(t, w)
}

func TestCookieLives(t *testing.T) {
	now := time.Now()
	j := sealed(t, &now)
	if got := put(t, j, carried{}).MaxAge; got != 0 {
		t.Errorf("Max-Age %d: it outlives the browser on a shared machine", got)
	}
	j.Keep = true
	if got := put(t, j, carried{}).MaxAge; got != 3600 {
		t.Errorf("kept: Max-Age %d, its seal holds an hour", got)
	}
	if got := dropped(t, j); got.MaxAge >= 0 || got.Value != "" {
		t.Errorf("dropped: %s", got)
	}
}

// What a browser brings back is opened only when it is what was put there, for this use, and not too long ago.
func TestWhatASealedCookieOpens(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	key, other := seal.NewKey(), seal.NewKey()
	j := sealed(t, &now, key)
	good := put(t, j, carried{"session"})
	if strings.Contains(good.Value, "session") {
		t.Error("the browser can read it")
	}
	if v, ok := opens(j, good); !ok || v.Secret != "session" {
		t.Errorf("its own: %v %v", v, ok)
	}
	renamed := *good
	another := sealed(t, &now, key)
	another.Name = "efp_autre"
	renamed.Name = another.name()
	if _, ok := opens(another, &renamed); ok {
		t.Error("one cookie opens what another sealed")
	}
	if _, ok := opens(sealed(t, &now, other), good); ok {
		t.Error("another key opens it")
	}
	if _, ok := opens(sealed(t, &now, other, key), good); !ok {
		t.Error("a retired key, still listed, must open")
	}
	cut := *good
	cut.Value = cut.Value[:len(cut.Value)-4]
	if _, ok := opens(j, &cut); ok {
		t.Error("a cut one is opened")
	}
	if _, ok := opens(j); ok {
		t.Error("nothing is opened")
	}
	plain := *good
	plain.Name = j.Name // a neighbour host may set a name without the prefix
	if _, ok := opens(j, &plain); ok {
		t.Error("on https a cookie without the prefix is taken")
	}
	now = now.Add(time.Hour + time.Second)
	if _, ok := opens(j, good); ok {
		t.Error("an old one is opened")
	}
}

func TestWhatCannotBeSealedIsAnError(t *testing.T) {
	now := time.Now()
	w := httptest.NewRecorder()
	if err := sealed(t, &now).Set(w, func() {}); err == nil || len(w.Result().Cookies()) > 0 {
		t.Errorf("error %v", err)
	}
}
