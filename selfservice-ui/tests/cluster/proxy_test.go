package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"
)

// proxy is what deploy/proxy does: TLS ends here, each request goes to the next process whose /health/serving says yes, and a
// connection that was never made is tried elsewhere. Nothing is ever sent twice.
type proxy struct {
	url   string // https://127.0.0.1:port
	hooks string // http://…, the internal listeners taken in turn, as Docker's name server gives them to Kratos

	mu      sync.Mutex
	next    int
	members []*process
	served  []string // the process of each request, in order
}

func startProxy(t *testing.T) *proxy {
	t.Helper()
	x := &proxy{}
	front := httptest.NewTLSServer(x.forward(func(p *process) string { return p.public }, true))
	hooks := httptest.NewServer(x.forward(func(p *process) string { return p.internal }, false))
	t.Cleanup(front.Close)
	t.Cleanup(hooks.Close)
	x.url, x.hooks = front.URL, hooks.URL
	trust(t, front.Certificate())
	return x
}

// trust makes the browsers of these tests know the proxy's certificate.
func trust(t *testing.T, certificate *x509.Certificate) {
	t.Helper()
	before := http.DefaultTransport
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	http.DefaultTransport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	t.Cleanup(func() { http.DefaultTransport = before })
}

func (x *proxy) forward(address func(*process) string, note bool) http.Handler {
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		var last error
		for range 2 * len(x.all()) {
			member := x.turn()
			connection, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, network, address(member))
			if err == nil {
				if note {
					x.mu.Lock()
					x.served = append(x.served, member.public)
					x.mu.Unlock()
				}
				return connection, nil
			}
			last = err
		}
		return nil, last
	}
	target := &url.URL{Scheme: "http", Host: "site"}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		// A connection for each request, so that each goes to another process.
		Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true},
	}
}

// turn is the next process that wants requests.
func (x *proxy) turn() *process {
	for range 2 * len(x.all()) {
		x.mu.Lock()
		x.next++
		member := x.members[x.next%len(x.members)]
		x.mu.Unlock()
		if status(member, "/health/serving") == http.StatusOK {
			return member
		}
	}
	return x.all()[0]
}

func (x *proxy) all() []*process {
	x.mu.Lock()
	defer x.mu.Unlock()
	return append([]*process(nil), x.members...)
}

func (x *proxy) add(p *process) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.members = append(x.members, p)
}

func (x *proxy) remove(p *process) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i, member := range x.members {
		if member == p {
			x.members = append(x.members[:i:i], x.members[i+1:]...)
			return
		}
	}
}

var asker = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 4 * time.Second}

// status is what a process's internal listener answers, 0 when nobody does.
func status(p *process, path string) int {
	answer, err := asker.Get("http://" + p.internal + path)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

// sibling is another front with processes of its own, under the same certificate.
func (x *proxy) sibling(t *testing.T) *proxy {
	t.Helper()
	y := &proxy{hooks: x.hooks}
	front := httptest.NewTLSServer(y.forward(func(p *process) string { return p.public }, true)) // httptest has one certificate
	t.Cleanup(front.Close)
	y.url = front.URL
	return y
}
