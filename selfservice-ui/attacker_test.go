package ui_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/captcha/proof"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
	"efpconnect.example/selfservice-ui/page"
)

// attacker has as many client addresses as it likes, no mailbox, and reads security codes without a mistake. Its requests
// come through a proxy of ours, which adds the address it heard to X-Forwarded-For.
type attacker struct {
	t    *testing.T
	site *sitetest.Site
	http *http.Client
}

func attack(t *testing.T, change func(*settings.Settings)) *attacker {
	t.Helper()
	registers := false
	site := sitetest.Start(t, sitetest.Options{
		Settings: func(set *settings.Settings) {
			set.Limits, set.TrustedProxies = nil, []string{"127.0.0.0/8"} // the defaults, with every captcha off
			if change != nil {
				change(set)
			}
			registers = set.Registers()
		},
		Engine: func(e *kratosprocess.Options) {
			if registers {
				openRegistration(e)
			}
		},
	})
	return &attacker{t: t, site: site, http: &http.Client{Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// machine is the attacker's n-th client address, each in a network of its own.
func machine(n int) string { return fmt.Sprintf("198.%d.%d.7", 18+n/256%2, n%256) }

// said is an answer: its status and its page.
type said struct {
	status int
	page   string
}

// send posts a form from a client address, or opens the page when there is none.
func (a *attacker) send(forwarded string, jar http.CookieJar, path string, form url.Values) said {
	a.t.Helper()
	answer, err := a.try(forwarded, jar, path, form)
	if err != nil {
		a.t.Fatal(err)
	}
	return answer
}

// try is send for many at once.
func (a *attacker) try(forwarded string, jar http.CookieJar, path string, form url.Values) (said, error) {
	if form != nil && unopened(jar, a.site.URL+path) {
		if _, err := a.try(forwarded, jar, path, nil); err != nil {
			return said{}, err
		}
	}
	r, err := sitetest.Post(a.site.URL+path, form)
	if err != nil {
		return said{}, err
	}
	if form == nil {
		r.Method, r.Body, r.ContentLength = http.MethodGet, nil, 0
	}
	r.Header.Set("X-Forwarded-For", forwarded)
	for _, c := range jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	response, err := a.http.Do(r)
	if err != nil {
		return said{}, err
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		return said{}, err
	}
	jar.SetCookies(r.URL, response.Cookies())
	if to := saidOn(response); to != "" {
		return a.try(forwarded, jar, to, nil)
	}
	return said{response.StatusCode, string(page)}, nil
}

// saidOn is the address of the page that says what a form is answered, "" where the answer is a page itself.
func saidOn(response *http.Response) string {
	to, _, _ := strings.Cut(response.Header.Get("Location"), "#")
	if !strings.Contains(to, page.FieldHandle+"=") {
		return ""
	}
	return to
}

// proved is a form with a proof of work made for one form.
func (a *attacker) proved(form string) url.Values {
	a.t.Helper()
	proved, err := a.site.NewBrowser().Prove(form)
	if err != nil {
		a.t.Fatal(err)
	}
	return url.Values{proof.FieldName: {proved}}
}

// hold is a flow that the attacker has opened for somebody's address.
type hold struct {
	jar    http.CookieJar
	handle string
}

// open asks for a code; nil when it is refused.
func (a *attacker) open(from, address string) *hold {
	a.t.Helper()
	h := &hold{jar: newJar()}
	if a.send(from, h.jar, "/reinitialisation", url.Values{"identifiant": {address}}).status != http.StatusSeeOther {
		return nil
	}
	found := handleInPage.FindStringSubmatch(a.send(from, h.jar, "/reinitialisation/code", nil).page)
	if found == nil {
		a.t.Fatal("step 2 has no handle")
	}
	h.handle = found[1]
	return h
}

// mailed waits for the n-th mail to an address: a guess before Kratos has a code to compare it with would be wasted.
func (a *attacker) mailed(address string, n int) {
	a.t.Helper()
	if _, _, err := a.site.Code(address, n); err != nil {
		a.t.Fatal(err)
	}
}

// account makes one.
func (a *attacker) account(address string) {
	a.t.Helper()
	if err := a.site.CreateAccount(kratostest.Identity{Email: address, Verified: true}); err != nil {
		a.t.Fatal(err)
	}
}

// resend asks for another code of the flow; it tells whether one was sent.
func (a *attacker) resend(from string, h *hold) bool {
	a.t.Helper()
	answer := a.send(from, h.jar, "/reinitialisation/code/renvoi", url.Values{"demande": {h.handle}})
	return answer.status == http.StatusOK && strings.Contains(answer.page, "Un nouveau code vient de vous être envoyé")
}

// guess tries a code; it tells whether Kratos heard it and called it wrong.
func (a *attacker) guess(from string, h *hold, n int) (judged bool) {
	a.t.Helper()
	answer := a.send(from, h.jar, "/reinitialisation/code", url.Values{"demande": {h.handle}, "code": {fmt.Sprintf("%06d", n)}})
	if answer.status == http.StatusSeeOther {
		a.t.Skip("a guess was right: one in a million")
	}
	return answer.status == http.StatusUnprocessableEntity &&
		(strings.Contains(answer.page, "Le code de validation est incorrect") || strings.Contains(answer.page, "Vous avez utilisé tous les essais ici"))
}

// login tries a password.
func (a *attacker) login(from, address string) (status int) {
	a.t.Helper()
	return a.send(from, newJar(), "/connexion", url.Values{"identifiant": {address}, "mot-de-passe": {"un mot faux"}}).status
}

// solved answers the security code of a page without a mistake.
func (a *attacker) solved(page string, form url.Values) url.Values {
	a.t.Helper()
	found := challengeInPage.FindStringSubmatch(page)
	if found == nil {
		a.t.Fatal("the page asks for no security code")
	}
	challenges := captcha.Challenges{Store: a.site.Store, Now: a.site.Clock.Now}
	c, ok, err := challenges.Find(context.Background(), found[1])
	if err != nil || !ok {
		a.t.Fatalf("its security code is not in the store: %v", err)
	}
	form.Set("defi", c.ID)
	form.Set("code-de-securite", c.Answer)
	return form
}
