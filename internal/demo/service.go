package demo

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"html/template"
	"net"
	"net/http"
	"sync"
	"time"
)

// service is a sample of what people sign in to. It knows who is there by a cookie of its own, until it is told of the end.
type service struct {
	name, cookie string
	url          string
	site         string // where the page leads back
	server       *http.Server

	mu     sync.Mutex
	visits map[string]visit // by the cookie's value
}

// visit is somebody signed in. By is what the site calls the visit when it ends: a ticket of CAS, a session of Hydra.
type visit struct {
	By, User, GivenName, FamilyName string
}

func newService(name, cookie, site string, l net.Listener) *service {
	return &service{name: name, cookie: cookie, url: "http://" + l.Addr().String(), site: site, visits: map[string]visit{}}
}

// serve answers until close.
func (s *service) serve(l net.Listener, h http.Handler) {
	s.server = &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(l) }() // it ends by close alone
}

func (s *service) close() error {
	if s == nil || s.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := s.server.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return s.server.Close() // a browser keeps a connection open
}

func (s *service) enter(w http.ResponseWriter, v visit) {
	value := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.visits[value] = v
	http.SetCookie(w, &http.Cookie{Name: s.cookie, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func (s *service) who(r *http.Request) (v visit, found bool) {
	cookie, err := r.Cookie(s.cookie)
	if err != nil {
		return visit{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v, found = s.visits[cookie.Value]
	return v, found
}

// ended forgets a visit.
func (s *service) ended(by string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for value, v := range s.visits {
		if v.By == by {
			delete(s.visits, value)
		}
	}
}

//go:embed service.html
var serviceText string

var servicePage = template.Must(template.New("service").Parse(serviceText))

func (s *service) show(w http.ResponseWriter, v visit) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = servicePage.Execute(w, struct {
		Name, Site string
		visit
	}{s.name, s.site, v}) // the reader has gone
}

// fail is for what does not happen on one machine.
func fail(w http.ResponseWriter, text string) {
	http.Error(w, "La connexion n’a pas abouti : "+text+". Ouvrez de nouveau le service.", http.StatusBadGateway)
}
