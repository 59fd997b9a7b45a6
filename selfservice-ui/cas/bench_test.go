package cas_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/testkit/servicetest"
)

// leastRatio is how many validations the site makes while Kratos answers one whoami: validating asks no Kratos.
const leastRatio = 3.0

// BenchmarkValidations compares validations of tickets with Kratos's whoami, in turns of the same run, both from here over one
// connection kept open. The middle of five turns counts.
func BenchmarkValidations(b *testing.B) {
	s := servicetest.Start(b, aRegistry)
	p := s.Person(b)
	p.Client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), s.Front) {
			return http.ErrUseLastResponse
		}
		return nil
	}
	p.Open(s.Front + "/cas/login?service=" + url.QueryEscape(aService))
	p.LogIn()
	const turn = 200
	n := 0
	for b.Loop() {
		var ratios []float64
		for range 5 {
			validations := make([]string, turn)
			for i := range validations {
				n++
				service := fmt.Sprint(aService, "?n=", n)
				location := location(b, p, s.Front+"/cas/login?service="+url.QueryEscape(service))
				validations[i] = s.Site.URL + "/cas/serviceValidate?" + url.Values{"service": {service}, "ticket": {location.Query().Get("ticket")}}.Encode()
			}
			ours := took(b, validations, hostOf(b, s), nil, "authenticationSuccess")
			theirs := took(b, slices.Repeat([]string{s.Kratos.PublicURL + "/sessions/whoami"}, turn), "", session(b, s, p), `"active":true`)
			ratios = append(ratios, float64(theirs)/float64(ours))
			b.ReportMetric(turn/ours.Seconds(), "validations/s")
			b.ReportMetric(turn/theirs.Seconds(), "whoami/s")
		}
		slices.Sort(ratios)
		b.ReportMetric(ratios[2], "ratio")
		if ratios[2] < leastRatio {
			b.Errorf("%.1f validations for one whoami, at least %.0f are promised", ratios[2], leastRatio)
		}
	}
}

const aService = "http://127.0.0.1:1/app"

const aRegistry = `services: [{id: formation, name: Formation, addresses: ["` + aService + `"], protocol: cas, identifier: email}]`

// location is where a page sends the browser on to.
func location(b *testing.B, p *servicetest.Person, address string) *url.URL {
	b.Helper()
	response, err := p.Client.Get(address)
	servicetest.Must(b, err)
	defer response.Body.Close()
	at, err := response.Location()
	servicetest.Must(b, err)
	return at
}

// hostOf is the name under which the site is served; the bench goes round the TLS in front of it, as Kratos has none.
func hostOf(b *testing.B, s *servicetest.Site) string {
	b.Helper()
	at, err := url.Parse(s.Front)
	servicetest.Must(b, err)
	return at.Host
}

// session is the cookie of Kratos that the person has.
func session(b *testing.B, s *servicetest.Site, p *servicetest.Person) *http.Cookie {
	b.Helper()
	at, err := url.Parse(s.Front)
	servicetest.Must(b, err)
	for _, cookie := range p.Client.Jar.Cookies(at) {
		if cookie.Name == s.Settings.SessionCookie {
			return cookie
		}
	}
	b.Fatal("nobody is signed in")
	return nil
}

// took is how long the addresses take one after another, each answering what is wanted.
func took(b *testing.B, addresses []string, host string, cookie *http.Cookie, want string) time.Duration {
	b.Helper()
	begun := time.Now()
	for _, address := range addresses {
		r, err := http.NewRequest(http.MethodGet, address, nil)
		servicetest.Must(b, err)
		r.Host = host
		if cookie != nil {
			r.AddCookie(cookie)
		}
		response, err := http.DefaultClient.Do(r)
		servicetest.Must(b, err)
		body, err := io.ReadAll(response.Body)
		servicetest.Must(b, err)
		_ = response.Body.Close()
		if !strings.Contains(string(body), want) {
			b.Fatalf("%d %s", response.StatusCode, body)
		}
	}
	return time.Since(begun)
}
