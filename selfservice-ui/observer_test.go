package ui_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
)

// hashOfAnother is bcrypt, cost 8: Kratos spends 15 ms on who has an account, 4 ms on who has none.
const hashOfAnother = "$2a$08$qbwWw.cbEsMAAM.cblXpfOcj8pLMZtcgw9/KwSa/mBA5LTSqurR3q"

// observer is somebody with one connection, one known and one unknown address.
type observer struct {
	site  *sitetest.Site
	http  *http.Client
	flows map[string]*seenFlow // by form and address, for resends
}

type seenFlow struct {
	jar    http.CookieJar
	handle string
}

// answer is what the observer sees of one.
type answer struct {
	took, next time.Duration // of the next request on the same connection
	shape      string        // status, headers, length of the body
}

// way is a request that could tell.
type way func(o *observer, address string) (answer, error)

var ways = []struct {
	name string
	send way
}{
	{"step1", (*observer).step1},
	{"resend", (*observer).resend},
	{"code", (*observer).code},
	{"login", (*observer).login},
	{"register", (*observer).register},
	{"register-resend", (*observer).registerResend},
	{"register-code", (*observer).registerCode},
}

// knownAddress and strangeAddress of one observer are equally long.
func knownAddress(n int) string   { return fmt.Sprintf("connu.%03d@example.test", n) }
func strangeAddress(n int) string { return fmt.Sprintf("autre.%03d@example.test", n) }

// silenceSite has an account for each observer, and resends without a pause.
func silenceSite(t testing.TB, answerAfter time.Duration, observers int) *sitetest.Site {
	t.Helper()
	site := sitetest.Start(t, sitetest.Options{Settings: func(set *settings.Settings) {
		set.AnswerAfter, set.ResendAfter = answerAfter, time.Millisecond
		set.KratosTimeout = 15 * time.Second // a machine that others keep busy is no failure of ours
		set.Registration = settings.RegistrationOpen
		set.BreakerFloor, set.BreakerPerDay = 1_000_000, 1_000_000 // the observer is no attack on codes
	}, Engine: openRegistration})
	for n := range observers {
		if err := site.CreateAccount(kratostest.Identity{Email: knownAddress(n), PasswordHash: hashOfAnother, Verified: true}); err != nil {
			t.Fatal(err)
		}
	}
	return site
}

// call sends one request on the observer's connection, with the cookies of jar, and reads the answer to its end.
func (o *observer) call(jar http.CookieJar, method, path string, form url.Values) (answer, string, error) {
	if method == http.MethodPost && unopened(jar, o.site.URL+path) {
		if _, _, err := o.call(jar, http.MethodGet, path, nil); err != nil { // who sends a form has opened its page
			return answer{}, "", err
		}
	}
	r, err := sitetest.Post(o.site.URL+path, form)
	if err != nil {
		return answer{}, "", err
	}
	if r.Method = method; method == http.MethodGet {
		r.Body, r.ContentLength = nil, 0
	}
	for _, c := range jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	began := time.Now()
	response, err := o.http.Do(r)
	if err != nil {
		return answer{}, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	took := time.Since(began)
	jar.SetCookies(r.URL, response.Cookies())
	first := answer{took: took, shape: shape(response, body)}
	to := saidOn(response)
	if err != nil || to == "" {
		return first, string(body), err
	}
	// What a form is answered is said by the page that follows: both are compared, and the form's answer is what takes its time.
	next, said, err := o.call(jar, http.MethodGet, to, nil)
	first.shape += "\n" + next.shape
	return first, said, err
}

// tabHandle is new with each tab.
var tabHandle = regexp.MustCompile(`(reponse[=_])[A-Z2-7]{10}`)

// shape leaves out what differs from one answer to the next in any case: date, request id, and the cookies' sealed text,
// whose length goes with how many digits a time needs.
func shape(r *http.Response, body []byte) string {
	lines := []string{r.Status, fmt.Sprint(len(body))}
	for name, values := range r.Header {
		for _, value := range values {
			switch name {
			case "Date", "X-Request-Id":
				value = ""
			case "Set-Cookie":
				value, _, _ = strings.Cut(value, "=")
			}
			value = tabHandle.ReplaceAllString(value, "$1")
			lines = append(lines, name+": "+value)
		}
	}
	slices.Sort(lines[2:])
	return strings.Join(lines, "\n")
}

// unopened tells that a form is to be sent whose page was never opened: it would be asked for its cookie first.
func unopened(jar http.CookieJar, address string) bool {
	at, err := url.Parse(address)
	if err != nil {
		return false
	}
	needs := map[string]string{"/connexion": "efp_connexion", "/reinitialisation": "efp_visite", "/creer-un-compte": "efp_visite"}[at.Path]
	return needs != "" && !slices.ContainsFunc(jar.Cookies(at), func(c *http.Cookie) bool { return c.Name == needs })
}

func newJar() http.CookieJar {
	jar, _ := cookiejar.New(nil) // fails for no reason
	return jar
}

// then adds how long the next request of the connection takes.
func (o *observer) then(first answer, jar http.CookieJar, path string) (answer, error) {
	next, _, err := o.call(jar, http.MethodGet, path, nil)
	first.next = next.took
	first.shape += "\n" + next.shape
	return first, err
}

// The first pages of the flows that mail a code.
const (
	resetForm    = "/reinitialisation"
	registerForm = "/creer-un-compte"
)

// typed is what the observer types on the first page of a flow. The reset takes no names.
func typed(address string) url.Values {
	return url.Values{"identifiant": {address}, "prenom": {"Camille"}, "nom": {"SERVE"}}
}

func (o *observer) step1(address string) (answer, error)    { return o.ask(resetForm, address) }
func (o *observer) register(address string) (answer, error) { return o.ask(registerForm, address) }

// ask sends the first page of a flow.
func (o *observer) ask(form, address string) (answer, error) {
	jar := newJar()
	a, _, err := o.call(jar, http.MethodPost, form, typed(address))
	if err != nil {
		return a, err
	}
	return o.then(a, jar, form+"/code")
}

func (o *observer) login(address string) (answer, error) {
	jar := newJar()
	a, _, err := o.call(jar, http.MethodPost, "/connexion", url.Values{"identifiant": {address}, "mot-de-passe": {"un mot faux"}})
	if err != nil {
		return a, err
	}
	return o.then(a, jar, "/connexion")
}

var (
	handleInPage  = regexp.MustCompile(`name="demande" value="([^"]+)"`)
	sendingInPage = regexp.MustCompile(`name="envoi" value="([^"]*)"`)
)

// open begins a flow and reads what its forms carry.
func (o *observer) open(form, address string) (*seenFlow, error) {
	f := &seenFlow{jar: newJar()}
	if _, _, err := o.call(f.jar, http.MethodPost, form, typed(address)); err != nil {
		return nil, err
	}
	_, page, err := o.call(f.jar, http.MethodGet, form+"/code", nil)
	found := handleInPage.FindStringSubmatch(page)
	if err != nil || found == nil {
		return nil, errors.Join(err, errors.New("step 2 has no handle"))
	}
	f.handle = found[1]
	return f, nil
}

func (o *observer) resend(address string) (answer, error) { return o.again(resetForm, address) }
func (o *observer) registerResend(address string) (answer, error) {
	return o.again(registerForm, address)
}

// again asks for another code in the flow that the observer has of an address, as its page does: with the sending that the page knew
// of, else it would be the same form sent again.
func (o *observer) again(form, address string) (answer, error) {
	f := o.flows[form+address]
	if f == nil {
		var err error
		if f, err = o.open(form, address); err != nil {
			return answer{}, err
		}
		o.flows[form+address] = f
	}
	_, page, err := o.call(f.jar, http.MethodGet, form+"/code", nil)
	sending := sendingInPage.FindStringSubmatch(page)
	if err != nil || sending == nil {
		return answer{}, errors.Join(err, errors.New("step 2 has no resend"))
	}
	typed := url.Values{"demande": {f.handle}, "envoi": {sending[1]}, "reponse": {"ABCDEFGHIJ"}} // one tab
	a, _, err := o.call(f.jar, http.MethodPost, form+"/code/renvoi", typed)
	if err != nil {
		return a, err
	}
	return o.then(a, f.jar, form+"/code")
}

func (o *observer) code(address string) (answer, error) { return o.wrongCode(resetForm, address) }
func (o *observer) registerCode(address string) (answer, error) {
	return o.wrongCode(registerForm, address)
}

// wrongCode types a wrong code, in a flow of its own each time: a flow takes but a few.
func (o *observer) wrongCode(form, address string) (answer, error) {
	f, err := o.open(form, address)
	if err != nil {
		return answer{}, err
	}
	a, _, err := o.call(f.jar, http.MethodPost, form+"/code", url.Values{"demande": {f.handle}, "code": {"000000"}})
	if err != nil {
		return a, err
	}
	return o.then(a, f.jar, form+"/code")
}

// findings of many pairs.
type findings struct {
	pairs, slower, nextSlower int
	refused                   int             // pairs of which one was turned away
	took                      []time.Duration // all of them, sorted
	shapes                    map[string]int  // known add one, unknown take one away
}

func (f findings) share() float64 { return float64(f.slower) / float64(f.pairs) * 100 }

// at is the time by which that share of the answers had come.
func (f findings) at(share float64) time.Duration {
	return f.took[int(share*float64(len(f.took)-1))].Round(100 * time.Microsecond)
}

func (f findings) nextShare() float64 { return float64(f.nextSlower) / float64(f.pairs) * 100 }

// observe sends pairs, by so many observers at a time.
func observe(t testing.TB, site *sitetest.Site, send way, pairs, observers int) findings {
	t.Helper()
	f := findings{shapes: map[string]int{}}
	var mu sync.Mutex
	var group errgroup.Group
	for n := range observers {
		group.Go(func() error {
			o := newObserver(site)
			defer o.http.CloseIdleConnections()
			for i := range pairs / observers {
				known, unknown, err := o.pair(send, n, i%2 == 0)
				if err != nil {
					return err
				}
				mu.Lock()
				f.add(known, unknown)
				mu.Unlock()
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(f.took)
	t.Logf("%d pairs: known slower in %.1f %%, at the next request in %.1f %%; answered after %v, 99.9 %% by %v", f.pairs, f.share(), f.nextShare(),
		f.at(0.5), f.at(0.999))
	return f
}

func newObserver(site *sitetest.Site) *observer {
	return &observer{site: site, flows: map[string]*seenFlow{}, http: &http.Client{
		Timeout: 30 * time.Second, Transport: &http.Transport{MaxConnsPerHost: 1},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (o *observer) pair(send way, n int, knownFirst bool) (known, unknown answer, err error) {
	if knownFirst {
		if known, err = send(o, knownAddress(n)); err != nil {
			return known, unknown, err
		}
	}
	if unknown, err = send(o, strangeAddress(n)); err != nil || knownFirst {
		return known, unknown, err
	}
	known, err = send(o, knownAddress(n))
	return known, unknown, err
}

func (f *findings) add(known, unknown answer) {
	f.pairs++
	if known.took > unknown.took {
		f.slower++
	}
	if known.next > unknown.next {
		f.nextSlower++
	}
	if strings.HasPrefix(known.shape, "5") || strings.HasPrefix(unknown.shape, "5") {
		f.refused++
	}
	f.took = append(f.took, known.took, unknown.took)
	f.shapes[known.shape]++
	f.shapes[unknown.shape]--
}
