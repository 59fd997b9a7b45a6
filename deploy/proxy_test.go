package deploy

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/kratostest"
	ui "efpconnect.example/selfservice-ui"
)

// HAProxy itself reads its files, in each combination that something starts.
func TestProxyReadsItsFiles(t *testing.T) {
	if _, err := exec.LookPath("haproxy"); err != nil {
		kratostest.Missing(t, "haproxy")
	}
	dir := t.TempDir()
	writeCertificate(t, filepath.Join(dir, "site.pem"), "efpconnect.example.test")
	writeErrorPages(t, filepath.Join(dir, "pages"))
	for _, name := range []string{"site", "plain", "tls", "containers", "processes"} {
		moved := strings.NewReplacer("/run/certificates/", dir+"/site.pem", "/run/pages", dir+"/pages").Replace(read(t, "proxy/"+name+".cfg"))
		if err := os.WriteFile(filepath.Join(dir, name+".cfg"), []byte(moved), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range [][2]string{{"containers", "plain"}, {"containers", "tls"}, {"processes", "tls"}} {
		check := exec.Command("haproxy", "-c", "-f", "site.cfg", "-f", c[0]+".cfg", "-f", c[1]+".cfg")
		check.Dir = dir
		if output, err := check.CombinedOutput(); err != nil || strings.Contains(string(output), "WARNING") {
			t.Errorf("%v: %v\n%s", c, err, output)
		}
	}
}

// TestProxyKeepsRoom: whoever opens connections and sends half a header, or nothing, leaves room for everybody else.
func TestProxyKeepsRoom(t *testing.T) {
	if _, err := exec.LookPath("haproxy"); err != nil {
		kratostest.Missing(t, "haproxy")
	}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a page") }))
	t.Cleanup(site.Close)
	for front, c := range map[string]struct{ scheme, half string }{
		"plain": {"http", "GET /connexion HTTP/1.1\r\nHost: "},
		"tls":   {"https", ""},
	} {
		t.Run(front, func(t *testing.T) {
			address := startProxy(t, front, site.Listener.Addr().String())
			serves := func(from string) bool { return askProxy(t, c.scheme, address, from) }
			eventually(t, "the proxy serves", func() bool { return serves("127.0.0.2") })
			var held []net.Conn
			for range proxyRoom + 50 {
				one, err := dialFrom("127.0.0.1", address)
				if err != nil {
					break // the proxy takes no more of them
				}
				held = append(held, one)
				_, _ = io.WriteString(one, c.half)
			}
			if !serves("127.0.0.2") {
				t.Errorf("%d connections of one address leave no room for another", len(held))
			}
			if serves("127.0.0.1") {
				t.Error("the address that holds them all is given one more")
			}
			for _, one := range held {
				one.Close()
			}
			eventually(t, "an address that lets go is served again", func() bool { return serves("127.0.0.1") })
		})
	}
}

// proxyRoom is what the proxy of the test can hold: more than an address may, and few enough to be filled by a test.
const proxyRoom = 250

// startProxy runs HAProxy with the files as delivered, but for the addresses and the room.
func startProxy(t *testing.T, front, site string) (address string) {
	t.Helper()
	return runProxy(t, front, site, site, proxyRoom).address
}

// proxy is a HAProxy of the test.
type proxy struct {
	address  string // where visitors come in
	redirect string // in place of port 80
	cmd      *exec.Cmd
	said     *lockedBuffer
}

// runProxy starts it in front of one replica: its address, and that of its health.
func runProxy(t *testing.T, front, site, health string, room int) *proxy {
	t.Helper()
	p := &proxy{address: freeAddress(t), redirect: freeAddress(t), said: &lockedBuffer{}}
	_, healthPort, _ := net.SplitHostPort(health)
	dir := t.TempDir()
	writeCertificate(t, filepath.Join(dir, "site.pem"), "efpconnect.example.test")
	writeErrorPages(t, filepath.Join(dir, "pages"))
	changes := strings.NewReplacer("maxconn 4000", fmt.Sprint("maxconn ", room), "bind :8443", "bind "+p.address, "bind :8080", "bind "+p.address,
		"bind :8081", "bind "+p.redirect, "bind 127.0.0.1:4457", "bind "+freeAddress(t), "127.0.0.1:4455 port 4456", site+" port "+healthPort,
		"/run/certificates/", dir+"/site.pem", "/run/pages", dir+"/pages")
	p.cmd = exec.Command("haproxy", "-db")
	for _, name := range []string{"site", "processes", front} {
		file := filepath.Join(dir, name+".cfg")
		if err := os.WriteFile(file, []byte(changes.Replace(read(t, "proxy/"+name+".cfg"))), 0o600); err != nil {
			t.Fatal(err)
		}
		p.cmd.Args = append(p.cmd.Args, "-f", file)
	}
	p.cmd.Stdout, p.cmd.Stderr = p.said, p.said
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		if t.Failed() {
			said := p.said.String()
			t.Logf("%s", said[max(0, len(said)-3000):])
		}
	})
	return p
}

// lockedBuffer is written by a process while the test reads it.
type lockedBuffer struct {
	mu   sync.Mutex
	said bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.said.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.said.String()
}

func freeAddress(t *testing.T) string {
	t.Helper()
	free, err := kratosprocess.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	defer free.Close()
	return free.Addr().String()
}

// writeErrorPages are what `selfservice-ui error-pages` writes.
func writeErrorPages(t *testing.T, dir string) {
	t.Helper()
	pages, err := ui.ErrorPages(settings.Settings{
		PublicURL:     "https://efpconnect.example.test",
		Ministry:      "Ministère|du Travail",
		ServiceName:   "EFP Connect",
		AssistanceURL: "https://aide.example.test/",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := pages.Write(dir); err != nil {
		t.Fatal(err)
	}
}

// askProxy tells whether a client of that address gets the page, on a connection of its own.
func askProxy(t *testing.T, scheme, address, from string) bool {
	t.Helper()
	answer, err := visitor(from, address).Get(scheme + "://efpconnect.example.test/connexion")
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// visitor is a browser at a network address; each of its requests is on a connection of its own.
func visitor(from, address string) *http.Client {
	return &http.Client{
		Timeout: 2 * time.Second,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{RootCAs: roots, ServerName: "efpconnect.example.test"},
			DialContext:       func(context.Context, string, string) (net.Conn, error) { return dialFrom(from, address) },
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func dialFrom(from, address string) (net.Conn, error) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: time.Second}
	return dialer.Dial("tcp", address)
}
