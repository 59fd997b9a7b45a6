package deploy

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/testkit/kratostest"
)

// cookies are what neighbours on the same domain leave in a browser: as many as it keeps for a site, so many bytes together.
func cookies(bytes int) string {
	const count = 170
	each := bytes/count - len("cookie-000=; ")
	var all []string
	for i := range count {
		all = append(all, fmt.Sprintf("cookie-%03d=%s", i, strings.Repeat("x", each)))
	}
	return strings.Join(all, "; ")
}

// TestWhatTheProxyAnswersItself: whatever a person meets before a page of the site can answer is a French page with the help desk on
// it, and what they cannot help (their neighbours' cookies) goes through.
func TestWhatTheProxyAnswersItself(t *testing.T) {
	if _, err := exec.LookPath("haproxy"); err != nil {
		kratostest.Missing(t, "haproxy")
	}
	site := startSite(t, buildSite(t), "https")
	p := runProxy(t, "tls", site.public, site.internal, 4000)
	eventually(t, "the proxy serves", func() bool { return askProxy(t, "https", p.address, "127.0.0.2") })
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		for _, c := range []struct {
			why    string
			bytes  int
			status int
			ours   bool // a page that stands alone
		}{
			{"15 KiB of cookies", 15 << 10, 200, false},
			{"32 KiB of cookies", 32 << 10, 200, false},
			{"more than the site reads", 50 << 10, 431, true},
			{"several times as much", 100 << 10, 431, true},
		} {
			status, body := get(t, p.address, protocol, cookies(c.bytes))
			if status != c.status || isAlone(body) != c.ours {
				t.Errorf("%s, %s: %d %.300s", protocol, c.why, status, body)
			}
		}
	}
	const head = " HTTP/1.1\r\nHost: efpconnect.example.test\r\n"
	for _, c := range []struct {
		why, request string
		status       int
	}{
		{"a form of a megabyte", "POST /connexion" + head + "Content-Length: 1000000\r\n\r\n", 413},
		{"a form that stalls", "POST /connexion" + head + "Content-Length: 100\r\n\r\na", 408},
		{"a form in pieces that stalls", "POST /connexion" + head + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n", 408},
	} {
		began := time.Now()
		if answer, body := say(t, p.address, c.request); answer.StatusCode != c.status || !isAlone(body) {
			t.Errorf("%s: %s %.300s", c.why, answer.Status, body)
		}
		if took := time.Since(began); took > 13*time.Second {
			t.Errorf("%s: answered after %v", c.why, took)
		}
	}
	if answer, body := flood(t, p.address); answer.StatusCode != http.StatusTooManyRequests || !isAlone(body) || answer.Header.Get("Retry-After") == "" {
		t.Errorf("too many requests: %s %.300s", answer.Status, body)
	}
	_ = site.cmd.Process.Kill()
	eventually(t, "every replica is down", func() bool { status, body := get(t, p.address, "HTTP/2.0", ""); return status == 503 && isAlone(body) })
}

func isAlone(body string) bool {
	return strings.Contains(body, `<html lang="fr">`) && strings.Contains(body, "Contacter l’Assistance") && !strings.Contains(body, "<link")
}

func get(t *testing.T, address, protocol, cookie string) (status int, body string) {
	t.Helper()
	client := visitor("127.0.0.3", address)
	client.Timeout = 20 * time.Second
	transport := client.Transport.(*http.Transport)
	transport.ForceAttemptHTTP2 = protocol == "HTTP/2.0"
	r, err := http.NewRequest(http.MethodGet, "https://efpconnect.example.test/connexion", nil)
	if err != nil {
		t.Fatal(err)
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.Proto != protocol {
		t.Fatalf("spoken: %s", answer.Proto)
	}
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(content)
}

// say sends a request as it stands, over HTTP/1.1 and TLS.
func say(t *testing.T, address, request string) (*http.Response, string) {
	t.Helper()
	plain, err := dialFrom("127.0.0.3", address)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	c := tls.Client(plain, &tls.Config{RootCAs: roots, ServerName: "efpconnect.example.test", NextProtos: []string{"http/1.1"}})
	go func() { _, _ = io.WriteString(c, request) }()
	return answerOf(t, c)
}

func answerOf(t *testing.T, c net.Conn) (*http.Response, string) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

// flood asks from one address until it is told to wait.
func flood(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	plain, err := dialFrom("127.0.0.4", address)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	c := tls.Client(plain, &tls.Config{RootCAs: roots, ServerName: "efpconnect.example.test", NextProtos: []string{"http/1.1"}})
	go func() {
		for range 2500 {
			if _, err := io.WriteString(c, "GET /robots.txt HTTP/1.1\r\nHost: efpconnect.example.test\r\n\r\n"); err != nil {
				return
			}
		}
	}()
	answers := bufio.NewReader(c)
	for {
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != http.StatusOK {
			return answer, string(body)
		}
	}
}

// TestTLS: what the ANSSI recommends and no more; port 80 leads to it.
func TestTLS(t *testing.T) {
	if _, err := exec.LookPath("haproxy"); err != nil {
		kratostest.Missing(t, "haproxy")
	}
	p := runProxy(t, "tls", freeAddress(t), freeAddress(t), 4000)
	try := func(c *tls.Config) error {
		c.RootCAs, c.ServerName = roots, "efpconnect.example.test"
		plain, err := dialFrom("127.0.0.2", p.address)
		if err != nil {
			return err
		}
		defer plain.Close()
		return tls.Client(plain, c).Handshake()
	}
	eventually(t, "the proxy speaks TLS", func() bool { return try(&tls.Config{}) == nil })
	for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		// The test's certificate is an ECDSA one: suites that sign with RSA cannot come about.
		want := strings.Contains(suite.Name, "ECDHE_ECDSA") && (strings.Contains(suite.Name, "GCM") || strings.Contains(suite.Name, "CHACHA20"))
		if suite.SupportedVersions[len(suite.SupportedVersions)-1] == tls.VersionTLS13 {
			continue // TLS 1.3 has no others
		}
		err := try(&tls.Config{MaxVersion: tls.VersionTLS12, MinVersion: tls.VersionTLS10, CipherSuites: []uint16{suite.ID}})
		if (err == nil) != want {
			t.Errorf("%s: %v", suite.Name, err)
		}
	}
	for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11} {
		if err := try(&tls.Config{MinVersion: version, MaxVersion: version}); err == nil {
			t.Errorf("%s is spoken", tls.VersionName(version))
		}
	}
	for _, path := range []string{"/", "/reinitialisation/suite/abc?return_to=x"} {
		answer, err := visitor("127.0.0.2", p.redirect).Get("http://efpconnect.example.test" + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if to := answer.Header.Get("Location"); answer.StatusCode != http.StatusMovedPermanently || to != "https://efpconnect.example.test"+path {
			t.Errorf("%s: %s to %s", path, answer.Status, to)
		}
	}
	if strings.Contains(p.said.String(), "suite/") {
		t.Error("the log tells a path")
	}
}
