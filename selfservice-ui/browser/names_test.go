package browser

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"efpconnect.example/internal/kratos"
)

// hashed stands in for the keyed hash: it shows what was hashed for which purpose.
func hashed(purpose, value string) string { return purpose + "=" + value }

// Each entry about what a client did names the client and its network by a keyed hash; no other entry does, and none says the address.
func TestClientsAreNamedInTheLog(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	for _, c := range []struct{ why, peer, forwarded, client, network string }{
		{"IPv4", "198.51.100.7:5", "", "198.51.100.7", "198.51.100.0/24"},
		{"IPv4 in IPv6 clothes", "[::ffff:198.51.100.7]:5", "", "198.51.100.7", "198.51.100.0/24"},
		{"IPv6", "[2001:db8:1:2:3::4]:5", "", "2001:db8:1:2:3::4", "2001:db8:1::/48"},
		{"behind our proxy", "192.0.2.1:5", "203.0.113.9", "203.0.113.9", "203.0.113.0/24"},
	} {
		for _, message := range []string{"limit", "trap", "captcha", "audit", "page"} {
			var clear strings.Builder
			var h http.Handler
			var log interface{ String() string }
			h, log = site(t, func(w http.ResponseWriter, r *http.Request) error {
				logOf(r).InfoContext(r.Context(), message, "form", "x")
				return ok(w, r)
			}, func(g *Guard) {
				g.Hash, g.TrustedProxies = hashed, proxies
				inner := g.Log.Handler().(LogHandler)
				inner.Clear = slog.NewJSONHandler(&clear, nil)
				noted = slog.New(inner)
			})
			r := httptest.NewRequest(http.MethodGet, "https://"+host+"/suite/x", nil)
			r.RemoteAddr = c.peer
			if c.forwarded != "" {
				r.Header.Set("X-Forwarded-For", c.forwarded)
			}
			h.ServeHTTP(httptest.NewRecorder(), r)
			about := message != "page"
			line, _, _ := strings.Cut(log.String(), "\n")
			var entry struct{ Client, Network, Address, Request string }
			if err := json.Unmarshal([]byte(line), &entry); err != nil {
				t.Fatal(err)
			}
			want := ""
			if about {
				want = "log client=" + c.client
			}
			if entry.Client != want || about && entry.Network != "log network="+c.network || entry.Address != "" || entry.Request == "" {
				t.Errorf("%s, %s: %s", c.why, message, line)
			}
			if said := clear.String(); about != strings.Contains(said, `"address":"`+c.client+`"`) || about && !strings.Contains(said, entry.Request) {
				t.Errorf("%s, %s: the security log says %q", c.why, message, said)
			}
		}
	}
}

// noted is the log of the site under test.
var noted *slog.Logger

func logOf(*http.Request) *slog.Logger { return noted }

// What our own proxy calls a request is its name here and at Kratos; what a visitor calls it is not.
func TestRequestIDOfTheProxy(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	var atKratos string
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		atKratos = r.Header.Get("X-Request-Id")
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"status":"ok"}`)
	}))
	t.Cleanup(upstream.Close)
	client, err := kratos.New(upstream.URL, kratos.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		why, peer, given string
		kept             bool
	}{
		{"our proxy's", "192.0.2.1:5", "0123456789abcdef0123", true},
		{"a UUID", "192.0.2.1:5", "3f1c9c9e-2f4b-4a2e-9a3f-0d6f7a1b2c3d", true},
		{"a visitor's", "203.0.113.9:5", "0123456789abcdef0123", false},
		{"none", "192.0.2.1:5", "", false},
		{"too short to be one", "192.0.2.1:5", "1", false},
		{"too long", "192.0.2.1:5", strings.Repeat("a", 65), false},
		{"more than letters", "192.0.2.1:5", "camille@example.test", false},
	} {
		h, log := site(t, func(w http.ResponseWriter, r *http.Request) error {
			if err := client.Ready(r.Context()); err != nil {
				return err
			}
			return ok(w, r)
		}, func(g *Guard) { g.Hash, g.TrustedProxies = hashed, proxies })
		r := httptest.NewRequest(http.MethodGet, "https://"+host+"/suite/x", nil)
		r.RemoteAddr = c.peer
		r.Header.Set("X-Request-Id", c.given)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		id := w.Header().Get("X-Request-Id")
		if (id == c.given) != c.kept || id == "" || !strings.Contains(log.String(), id) || atKratos != id {
			t.Errorf("%s: the answer says %q, Kratos was told %q: %s", c.why, id, atKratos, log)
		}
	}
}

// One host is written in several ways; what is refused says once in the log what is expected.
func TestOneHostInSeveralWords(t *testing.T) {
	h, log := site(t, ok)
	for name, status := range map[string]int{
		host:                            200,
		strings.ToUpper(host):           200,
		host + ".":                      200,
		host + ":443":                   200,
		strings.ToUpper(host) + ".:443": 200,
		host + ":80":                    421,
		host + ":8443":                  421,
		host + "..":                     421,
		"." + host:                      421,
		"attacker.example.test":         421,
		host + ".attacker.example.test": 421,
		host + "@attacker.example.test": 421,
		"":                              421,
		"[::1]":                         421,
		"127.0.0.1":                     421,
		"еfpconnect.example.test":       421, // Cyrillic е
	} {
		r := httptest.NewRequest(http.MethodGet, "https://"+host+"/suite/x", nil)
		r.Host = name
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != status {
			t.Errorf("%q: %d, want %d", name, w.Code, status)
		}
	}
	said := log.String()
	if strings.Count(said, "host refused") != 1 || !strings.Contains(said, `"expected":"`+host+`"`) || strings.Contains(said, "attacker") {
		t.Errorf("the log: %s", said)
	}
	for _, c := range []struct {
		scheme, host, as string
		same             bool
	}{
		{"http", "127.0.0.1:4455", "127.0.0.1:4455", true},
		{"http", "127.0.0.1", "127.0.0.1:80", true},
		{"http", "[::1]:4455", "[::1]:4455", true},
		{"http", "[::1]", "[::1]:80", true},
		{"http", "[::1]", "[::1]:4455", false},
		{"http", "127.0.0.1:4455", "127.0.0.1", false},
		{"https", "a.test:8443", "A.test.:8443", true},
	} {
		if same := plainHost(c.host, c.scheme) == plainHost(c.as, c.scheme); same != c.same {
			t.Errorf("%s://%s as %s: %v", c.scheme, c.host, c.as, same)
		}
	}
}
