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
	"testing"
	"time"

	"efpconnect.example/internal/engine"
	"efpconnect.example/internal/engine/enginetest"
)

// HAProxy itself reads its files, in each combination that something starts.
func TestProxyReadsItsFiles(t *testing.T) {
	if _, err := exec.LookPath("haproxy"); err != nil {
		enginetest.Missing(t, "haproxy")
	}
	dir := t.TempDir()
	writeCertificate(t, filepath.Join(dir, "site.pem"), "efpconnect.example.test")
	for _, name := range []string{"site", "plain", "tls", "containers", "processes"} {
		content, err := os.ReadFile("proxy/" + name + ".cfg")
		if err != nil {
			t.Fatal(err)
		}
		moved := strings.ReplaceAll(string(content), "/run/certificates/", dir+"/site.pem")
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
		enginetest.Missing(t, "haproxy")
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
	free, err := engine.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	address = free.Addr().String()
	_, port, _ := net.SplitHostPort(site)
	free.Close()
	dir := t.TempDir()
	writeCertificate(t, filepath.Join(dir, "site.pem"), "efpconnect.example.test")
	changes := strings.NewReplacer("maxconn 4000", fmt.Sprint("maxconn ", proxyRoom), "bind :8443", "bind "+address, "bind :8080", "bind "+address,
		"bind 127.0.0.1:4457", "bind 127.0.0.3:"+port, "127.0.0.1:4455 port 4456", site+" port "+port, "/run/certificates/", dir+"/site.pem")
	proxy := exec.Command("haproxy", "-db")
	for _, name := range []string{"site", "processes", front} {
		content, err := os.ReadFile("proxy/" + name + ".cfg")
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name+".cfg")
		if err := os.WriteFile(file, []byte(changes.Replace(string(content))), 0o600); err != nil {
			t.Fatal(err)
		}
		proxy.Args = append(proxy.Args, "-f", file)
	}
	var said bytes.Buffer
	proxy.Stdout, proxy.Stderr = &said, &said
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = proxy.Process.Kill()
		_ = proxy.Wait()
		if t.Failed() {
			t.Logf("%s", said.Bytes()[max(0, said.Len()-3000):])
		}
	})
	return address
}

// askProxy tells whether a client of that address gets the page, on a connection of its own.
func askProxy(t *testing.T, scheme, address, from string) bool {
	t.Helper()
	client := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "efpconnect.example.test"},
		DialContext:     func(context.Context, string, string) (net.Conn, error) { return dialFrom(from, address) }}}
	answer, err := client.Get(scheme + "://efpconnect.example.test/connexion")
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

func dialFrom(from, address string) (net.Conn, error) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: time.Second}
	return dialer.Dial("tcp", address)
}
