package servicetest

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"efpconnect.example/selfservice-ui/sitepath"
)

// Person is a browser that keeps cookies and fills in the login page.
type Person struct {
	Client *http.Client
	URL    *url.URL
	Body   string
	Status int

	t testing.TB
}

// Person opens a browser that trusts the site's authority.
func (s *Site) Person(t testing.TB) *Person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	Must(t, err)
	client := s.Trusting()
	client.Jar = jar
	return &Person{t: t, Client: client}
}

// Trusting is a client that trusts the site's authority alone.
func (s *Site) Trusting() *http.Client {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.pem)
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
}

// Open follows redirects, and a page that leads on.
func (p *Person) Open(address string) {
	p.t.Helper()
	response, err := p.Client.Get(address)
	Must(p.t, err)
	p.read(response)
}

func (p *Person) read(response *http.Response) {
	p.t.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	Must(p.t, err)
	p.URL, p.Body, p.Status = response.Request.URL, string(body), response.StatusCode
	if _, next, led := strings.Cut(response.Header.Get("Refresh"), "url="); led {
		p.Open(next)
	}
}

// Submit sends the page's form with what is typed.
func (p *Person) Submit(typed map[string]string) {
	p.t.Helper()
	root, err := html.Parse(strings.NewReader(p.Body))
	Must(p.t, err)
	action, values := p.URL.String(), url.Values{}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "form" && attribute(n, "method") == "post" {
			at, err := p.URL.Parse(attribute(n, "action"))
			Must(p.t, err)
			action = at.String()
			for in := range n.Descendants() {
				if in.Type == html.ElementNode && in.Data == "input" && attribute(in, "name") != "" {
					values.Set(attribute(in, "name"), attribute(in, "value"))
				}
			}
			break
		}
	}
	for name, value := range typed {
		values.Set(name, value)
	}
	response, err := p.Client.PostForm(action, values)
	Must(p.t, err)
	p.read(response)
}

// LogIn fills in the login page.
func (p *Person) LogIn() { p.LogInAs(Camille) }

// LogInAs is LogIn with another account of the same password.
func (p *Person) LogInAs(address string) {
	p.t.Helper()
	if p.URL.Path != sitepath.Login {
		p.t.Fatalf("no login page at %s: %d %s", p.URL, p.Status, p.Body)
	}
	p.Submit(map[string]string{"identifiant": address, "mot-de-passe": Password})
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
