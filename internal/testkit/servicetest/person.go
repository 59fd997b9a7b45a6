package servicetest

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
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
	request, err := http.NewRequest(http.MethodGet, address, nil)
	Must(p.t, err)
	p.do(request)
}

// LedTo is where an address leads a browser that does not go there yet.
func (p *Person) LedTo(address string) *url.URL {
	p.t.Helper()
	follow := p.Client.CheckRedirect
	defer func() { p.Client.CheckRedirect = follow }()
	p.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	request, err := http.NewRequest(http.MethodGet, address, nil)
	Must(p.t, err)
	request.Header.Set("Accept", "text/html")
	response, err := p.Client.Do(request)
	Must(p.t, err)
	defer response.Body.Close()
	to, err := response.Location()
	Must(p.t, err)
	return to
}

// do asks for a page as a browser does: services lead nothing else to a login page.
func (p *Person) do(request *http.Request) {
	p.t.Helper()
	request.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	response, err := p.Client.Do(request)
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
	request, err := http.NewRequest(http.MethodPost, action, strings.NewReader(values.Encode()))
	Must(p.t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	p.do(request)
}

// LogIn fills in the login page.
func (p *Person) LogIn() { p.LogInAs(Camille) }

// LogInAs is LogIn with another account of the same password.
func (p *Person) LogInAs(address string) {
	p.t.Helper()
	if p.URL.Path != sitepath.Login {
		p.t.Fatalf("no login page at %s: %d %s", p.URL, p.Status, p.Body)
	}
	// On a machine that others starve Kratos may judge a login after its instant, which reads as a refusal: one presses again.
	for range 5 {
		p.Submit(map[string]string{"identifiant": address, "mot-de-passe": Password})
		if p.Status != http.StatusUnprocessableEntity {
			return
		}
	}
}

// Forget drops a cookie, as the end of a session at one service does.
func (p *Person) Forget(at, name string) {
	p.t.Helper()
	where, err := url.Parse(at)
	Must(p.t, err)
	cookies := p.Client.Jar.Cookies(where)
	if !slices.ContainsFunc(cookies, func(c *http.Cookie) bool { return c.Name == name }) {
		p.t.Fatalf("no cookie %s among %v", name, cookies)
	}
	p.Client.Jar.SetCookies(where, []*http.Cookie{{Name: name, Path: "/", MaxAge: -1}})
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
