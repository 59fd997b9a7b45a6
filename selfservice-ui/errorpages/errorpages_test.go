package errorpages

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"efpconnect.example/selfservice-ui/page"
)

var site = page.Site{
	Ministry:    []string{"Ministère", "du Travail"},
	Service:     "EFP Connect",
	Environment: "RCT",
	Assistance:  "https://aide.example.test/?a=1&b=2",
}

func pages(t *testing.T, secure bool) Pages {
	t.Helper()
	all, err := New(site, secure)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func parse(t *testing.T, raw []byte) (*http.Response, string) {
	t.Helper()
	answer, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil || int64(len(body)) != answer.ContentLength {
		t.Fatalf("%v: %d bytes instead of %d", err, len(body), answer.ContentLength)
	}
	return answer, string(body)
}

// Each page is one a browser can show alone: French first, the help desk's link, and nothing that has to be fetched or run.
func TestEachPageStandsAlone(t *testing.T) {
	fetched := regexp.MustCompile(`(?i)<(script|link|img|iframe|object)|url\(|@import| on\w+=| style=`)
	for _, secure := range []bool{false, true} {
		for status, raw := range pages(t, secure) {
			answer, body := parse(t, raw)
			if answer.StatusCode != status {
				t.Errorf("%d: the status is %s", status, answer.Status)
			}
			for _, part := range []string{`<html lang="fr">`, "Ministère<br>du Travail", "EFP Connect", "RCT", `href="https://aide.example.test/?a=1&amp;b=2"`,
				"Contacter l’Assistance", "Réessayer", `lang="en"`} {
				if !strings.Contains(body, part) {
					t.Errorf("%d lacks %s", status, part)
				}
			}
			if found := fetched.FindString(body); found != "" {
				t.Errorf("%d: %s in a page that stands alone", status, found)
			}
			if regexp.MustCompile(`\b(alone|error|way)\.[a-z_]+`).MatchString(body) {
				t.Errorf("%d: a word has no sentence:\n%s", status, body)
			}
			if (answer.Header.Get("Strict-Transport-Security") != "") != secure {
				t.Errorf("%d, secure %v: %v", status, secure, answer.Header)
			}
		}
	}
}

// The policy lets the page's own style in, as a browser computes it: over what stands between the tags.
func TestTheStyleIsAllowed(t *testing.T) {
	answer, body := parse(t, pages(t, true)[503])
	_, rest, _ := strings.Cut(body, "<style>")
	own, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(own))
	if want := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(answer.Header.Get("Content-Security-Policy"), want) {
		t.Errorf("%s is not in %s", want, answer.Header.Get("Content-Security-Policy"))
	}
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	all := pages(t, false)
	for range 2 { // a second deployment replaces what is there
		if err := all.Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	found, err := filepath.Glob(dir + "/*")
	if err != nil || len(found) != len(all) {
		t.Errorf("%v: %v", err, found)
	}
	for status, content := range all {
		name := filepath.Join(dir, fmt.Sprintf("%d.http", status))
		written, err := os.ReadFile(name)
		if err != nil || !bytes.Equal(written, content) {
			t.Errorf("%d: %v", status, err)
		}
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("%d: whoever the proxy runs as cannot read it: %v %v", status, info.Mode(), err)
		}
	}
}

// What net/http refuses by itself is a page; what a handler says, the same words included, comes through as it is.
func TestListener(t *testing.T) {
	const plain = "400 Bad Request"
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		http.Error(w, plain, http.StatusBadRequest)
	}))
	server.Config.MaxHeaderBytes = 8 << 10
	server.Listener = pages(t, false).Listener(server.Listener)
	server.Start()
	t.Cleanup(server.Close)
	long := strings.Repeat("x", 7<<10)
	for _, c := range []struct {
		why, request string
		status       int
		page         bool
	}{
		{"a handler's own answer", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 400, false},
		{"cookies of the neighbours", "GET / HTTP/1.1\r\nHost: x\r\nCookie: a=" + long + "\r\nCookie: b=" + long + "\r\n\r\n", 431, true},
		{"an address that is too long", "GET /" + long + long + " HTTP/1.1\r\nHost: x\r\n\r\n", 431, true},
		{"no HTTP", "\x16\x03\x01\r\n\r\n", 400, true},
		{"two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400, true},
		{"no host", "GET / HTTP/1.1\r\n\r\n", 400, true},
		{"a version nobody speaks", "GET / HTTP/9.1\r\nHost: x\r\n\r\n", 505, true},
		{"an unknown coding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: tea\r\n\r\n", 501, true},
	} {
		c.request += ""
		answer, body := ask(t, server.Listener.Addr().String(), c.request)
		want := c.status
		if c.page && pages(t, false)[want] == nil {
			want = 400
		}
		if answer.StatusCode != want || strings.Contains(body, `<html lang="fr">`) != c.page {
			t.Errorf("%s: %s %s", c.why, answer.Status, body)
		}
	}
}

func ask(t *testing.T, address, request string) (*http.Response, string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go func() { _, _ = io.WriteString(c, request) }() // a server that has read enough does not wait for the rest
	raw, err := io.ReadAll(c)
	if err != nil && len(raw) == 0 {
		t.Fatal(err)
	}
	return parse(t, raw)
}
