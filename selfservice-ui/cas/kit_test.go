package cas_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/html"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
)

const (
	camille  = "camille.serve@example.test"
	password = "Tilleul-Orage-42"
)

// signIn is the whole site over TLS, with a registry of services, and an account.
type signIn struct {
	*sitetest.Site
	url string // https://
	ca  string // a file with the certificate of its authority
	pem []byte
}

func start(t testing.TB, registry string) *signIn {
	t.Helper()
	var target atomic.Pointer[url.URL]
	front := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proxy := httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target.Load())
			p.Out.Host = p.In.Host
		}}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	dir := t.TempDir()
	file := filepath.Join(dir, "services.yml")
	must(t, os.WriteFile(file, []byte(registry), 0o600))
	s := &signIn{url: front.URL, ca: filepath.Join(dir, "ca.pem")}
	s.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw})
	must(t, os.WriteFile(s.ca, s.pem, 0o600))
	s.Site = sitetest.Start(t, sitetest.Options{
		Settings: func(set *settings.Settings) {
			set.PublicURL, set.ReturnTo = front.URL, []string{front.URL}
			set.SessionCookie = "__Secure-ory_kratos_session" // the name that a new site on https has
			set.ServicesFile, set.ServicesKey, set.CASPrefixes = file, strings.Repeat("k7", 16), []string{"/cas", "/auth/realms/efp/protocol/cas"}
		},
		Engine: func(o *kratosprocess.Options) {
			o.SiteURL = front.URL
			o.Overrides["session.cookie.name"] = "__Secure-ory_kratos_session"
		},
	})
	at, err := url.Parse(s.Site.URL)
	must(t, err)
	target.Store(at)
	s.Kratos.Create(t, kratostest.Identity{Email: camille, GivenName: "Camille", FamilyName: "Serve", Password: password})
	return s
}

// person is a browser that keeps cookies and fills in the login page.
type person struct {
	t      testing.TB
	client *http.Client
	url    *url.URL
	body   string
	status int
}

func (s *signIn) person(t testing.TB) *person {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.pem)
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &person{t: t, client: &http.Client{Jar: jar, Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}}
}

// open follows redirects, and a page that leads on.
func (p *person) open(address string) {
	p.t.Helper()
	response, err := p.client.Get(address)
	must(p.t, err)
	p.read(response)
}

func (p *person) read(response *http.Response) {
	p.t.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(p.t, err)
	p.url, p.body, p.status = response.Request.URL, string(body), response.StatusCode
	if _, next, led := strings.Cut(response.Header.Get("Refresh"), "url="); led {
		p.open(next)
	}
}

// submit sends the page's form with what is typed.
func (p *person) submit(typed map[string]string) {
	p.t.Helper()
	root, err := html.Parse(strings.NewReader(p.body))
	must(p.t, err)
	action, values := p.url.String(), url.Values{}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "form" && attr(n, "method") == "post" {
			at, err := p.url.Parse(attr(n, "action"))
			must(p.t, err)
			action = at.String()
			for in := range n.Descendants() {
				if in.Type == html.ElementNode && in.Data == "input" && attr(in, "name") != "" {
					values.Set(attr(in, "name"), attr(in, "value"))
				}
			}
			break
		}
	}
	for name, value := range typed {
		values.Set(name, value)
	}
	response, err := p.client.PostForm(action, values)
	must(p.t, err)
	p.read(response)
}

func (p *person) logIn() {
	p.t.Helper()
	if p.url.Path != "/connexion" {
		p.t.Fatalf("no login page at %s: %d %s", p.url, p.status, p.body)
	}
	p.submit(map[string]string{"identifiant": camille, "mot-de-passe": password})
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// run starts a program that listens on port until the test ends.
func run(t *testing.T, port int, command *exec.Cmd) {
	t.Helper()
	log := &strings.Builder{}
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Apache has children, which hold its log
	command.WaitDelay = time.Second
	must(t, command.Start())
	ended := make(chan struct{})
	go func() { _ = command.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		<-ended
		if t.Failed() {
			t.Logf("the end of what %s said:\n%s", command.Path, log.String()[max(0, log.Len()-4000):])
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", fmt.Sprint("127.0.0.1:", port))
		if err == nil {
			_ = c.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s ended at once:\n%s", command.Path, log)
		case <-ctx.Done():
			t.Fatalf("%s does not listen:\n%s", command.Path, log)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func installed(t *testing.T, files ...string) {
	t.Helper()
	for _, file := range files {
		if _, err := os.Stat(file); err != nil {
			kratostest.Missing(t, file)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
