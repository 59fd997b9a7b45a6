package ui_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/settings"
)

// Ways around a limit or a single use that need no botnet: everything at once, other spellings, other ways of sending.

// together sends forms in parallel, each from a machine of its own with cookies of its own, and counts their statuses.
func (a *attacker) together(n int, form func(i int) (path string, jar http.CookieJar, values url.Values)) map[int]int {
	a.t.Helper()
	var counts [600]atomic.Int64
	var group errgroup.Group
	for i := range n {
		path, jar, values := form(i)
		group.Go(func() error {
			answer, err := a.try(machine(i), jar, path, values)
			counts[answer.status].Add(1)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		a.t.Fatal(err)
	}
	all := map[int]int{}
	for status := range counts {
		if got := counts[status].Load(); got > 0 {
			all[status] = int(got)
		}
	}
	return all
}

// One answer, or one proof, sent to both forms at the same moment by many: it serves once at most, and not at the form it
// was not made for.
func TestOneAnswerAtBothForms(t *testing.T) {
	a := attack(t, func(set *settings.Settings) {
		set.ProtectReset, set.ProtectLogin = []string{"picture", "proof"}, []string{"picture", "proof"}
	})
	for name, answer := range map[string]func() url.Values{
		"picture": func() url.Values {
			return a.solved(a.send(machine(0), newJar(), "/reinitialisation", nil).page, url.Values{})
		},
		"proof": func() url.Values { return a.proved("reinitialisation") },
	} {
		values := answer()
		values.Set("mot-de-passe", "un mot faux")
		got := a.together(60, func(i int) (string, http.CookieJar, url.Values) {
			one := url.Values{"identifiant": {fmt.Sprintf("%s%d@example.test", name, i)}}
			for field, value := range values {
				one[field] = value
			}
			return []string{"/reinitialisation", "/connexion"}[i%2], newJar(), one
		})
		if got[http.StatusSeeOther] > 1 || got[http.StatusSeeOther]+got[http.StatusUnprocessableEntity] != 60 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Sixty machines ask for one address at the same moment; then one flow is sent sixty codes, and asked for mails under
// sixty names of its last sending.
func TestLimitsHoldAtOnce(t *testing.T) {
	const victim, other = "victime@example.test", "autre@example.test"
	a := attack(t, nil)
	a.account(victim)
	a.account(other)
	asked := a.together(60, func(int) (string, http.CookieJar, url.Values) {
		return "/reinitialisation", newJar(), url.Values{"identifiant": {victim}}
	})
	if most := budget(limit.MailEmail).Burst; asked[http.StatusSeeOther] != most || asked[http.StatusTooManyRequests] != 60-most {
		t.Errorf("one address, asked for 60 times at once: %v, want %d accepted", asked, most)
	}
	h := a.open(machine(100), other)
	a.mailed(other, 1)
	judged := a.together(60, func(i int) (string, http.CookieJar, url.Values) {
		return "/reinitialisation/code", h.jar, url.Values{"demande": {h.handle}, "code": {fmt.Sprintf("%06d", i)}}
	})
	if want := limit.TriesPerFlow - limit.TriesKept; judged[http.StatusUnprocessableEntity] != want {
		t.Errorf("one flow, 60 codes at once: %v, want %d judged", judged, want)
	}
	second := a.open(machine(101), other)
	a.mailed(other, 2)
	a.site.Clock.Advance(2 * time.Minute)
	a.together(60, func(i int) (string, http.CookieJar, url.Values) {
		return "/reinitialisation/code/renvoi", second.jar, url.Values{"demande": {second.handle}, "envoi": {fmt.Sprint(i)}}
	})
	a.site.Stop() // Kratos has been handed all there is
	if got := len(a.site.Kratos.Mails(t, other)); got != 3 {
		t.Errorf("60 resends at once: %d mails, want one more than 2", got)
	}
}

// spellings are six ways to write one address.
func spellings(address string) []string {
	local, domain, _ := strings.Cut(address, "@")
	return []string{
		address,
		strings.ToUpper(address),
		strings.ReplaceAll(local, "'", "’") + "@" + strings.ToUpper(domain[:3]) + domain[3:],
		"\u200b" + local + "@" + domain[:4] + "\u00ad" + domain[4:] + "\ufeff",
		" " + address + "\t",
		"\u00a0" + address + "\u2003",
	}
}

// However an address is written, and whether it has an account or not, its mails come out of one budget, those of a reset and of a
// registration together, and so do its logins: sixty requests to each of the three flows. What Kratos takes for another address is
// another.
func TestSpellingsOfOneAddress(t *testing.T) {
	a := attack(t, func(set *settings.Settings) {
		set.Registration = settings.RegistrationOpen
		for _, wide := range []limit.Name{limit.AskSite, limit.LoginSite} { // two addresses, 360 requests
			set.Limits = append(set.Limits, string(wide)+"=1000000+1000000/1h")
		}
	})
	const victim, nobody = "o'kevin.skill@example.test", "o'personne.du-tout@example.test"
	a.account(victim)
	asked := map[string]int{}
	for n, address := range []string{victim, nobody} {
		accepted, tried := map[string]int{}, 0
		for i, spellings := 0, spellings(address); i < 60; i++ {
			form := url.Values{
				"identifiant":  {spellings[i%len(spellings)]},
				"mot-de-passe": {"un mot faux"},
				"prenom":       {"Camille"},
				"nom":          {"SERVE"},
			}
			for _, path := range []string{"/reinitialisation", "/creer-un-compte"} {
				if a.send(machine(100*n+i), newJar(), path, form).status == http.StatusSeeOther {
					accepted[path]++
				}
			}
			if a.send(machine(100*n+i), newJar(), "/connexion", form).status == http.StatusUnprocessableEntity {
				tried++
			}
		}
		asked[address] = accepted["/reinitialisation"] + accepted["/creer-un-compte"]
		if most := budget(limit.MailEmail).Burst; asked[address] != most || len(accepted) != 2 {
			t.Errorf("%s: mails were asked for %v times, want %d together", address, accepted, most)
		}
		if most := budget(limit.LoginEmail).Burst; tried != most {
			t.Errorf("%s: %d logins were tried, want %d", address, tried, most)
		}
	}
	for _, stranger := range []string{"okevin.skill@example.test", "o'\u212aevin.skill@example.test", "o'kévin.skill@example.test", "o'kevin.skill+1@example.test"} {
		a.send(machine(250), newJar(), "/reinitialisation", url.Values{"identifiant": {stranger}})
	}
	a.site.Stop()
	if got := len(a.site.Kratos.Mails(t, victim)); got != asked[victim] {
		t.Errorf("%d mails came, %d were asked for", got, asked[victim])
	}
}

// Sixty forms down one connection without waiting for an answer, another path, method or type: each request is counted.
func TestOtherWaysOfSending(t *testing.T) {
	a := attack(t, nil)
	most := budget(limit.AskClient).Burst
	shown, err := http.Get(a.site.URL + "/reinitialisation") // a browser that keeps no cookie is told so, and asks for nothing
	must(t, err)
	must(t, shown.Body.Close())
	var kept []string
	for _, cookie := range shown.Cookies() {
		kept = append(kept, cookie.Name+"="+cookie.Value)
	}
	connection, err := net.Dial("tcp", strings.TrimPrefix(a.site.URL, "http://"))
	must(t, err)
	defer connection.Close()
	const all = 60
	for i := range all {
		body := url.Values{"identifiant": {fmt.Sprintf("tuyau%d@example.test", i)}}.Encode()
		_, err := fmt.Fprintf(connection, "POST /reinitialisation HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nCookie: %s\r\nContent-Length: %d\r\n\r\n%s",
			connection.RemoteAddr(), strings.Join(kept, "; "), len(body), body)
		must(t, err)
	}
	accepted := 0
	for answers := bufio.NewReader(connection); ; {
		answer, err := http.ReadResponse(answers, nil)
		must(t, err)
		_ = answer.Body.Close()
		if answer.StatusCode == http.StatusSeeOther {
			accepted++
		} else if answer.StatusCode == http.StatusTooManyRequests {
			break
		}
	}
	if accepted < most || accepted > most+5 {
		t.Errorf("%d of %d pipelined requests were accepted, want %d", accepted, all, most)
	}
	for _, path := range []string{"/reinitialisation/", "//reinitialisation", "/Reinitialisation", "/./reinitialisation", "/reinitialisation;x", "/reinitialisation%2f", "/reinitialisation?identifiant=a%40example.test"} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, "post", "PROPFIND"} {
			r, err := http.NewRequestWithContext(context.Background(), method, a.site.URL+path, strings.NewReader("identifiant=b%40example.test"))
			must(t, err)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			answer, err := a.http.Do(r)
			must(t, err)
			_ = answer.Body.Close()
			if strings.Contains(answer.Header.Get("Location"), "/code") {
				t.Errorf("%s %s went around the limit: %d %s", method, path, answer.StatusCode, answer.Header.Get("Location"))
			}
		}
	}
}

// « Afficher un nouveau code » for ever: as many as requests for a code.
func TestNewPicturesForEver(t *testing.T) {
	a := attack(t, func(set *settings.Settings) { set.ProtectReset = []string{"picture"} })
	shown := 0
	for range 60 {
		if a.send(machine(0), newJar(), "/reinitialisation", url.Values{"nouveau-code": {"1"}}).status == http.StatusOK {
			shown++
		}
	}
	if most := budget(limit.AskClient).Burst; shown < most || shown > most+5 {
		t.Errorf("%d new pictures, want %d", shown, most)
	}
	for range 2 * budget(limit.PageClient).Burst {
		if a.send(machine(0), newJar(), "/reinitialisation", nil).status == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("pages with a picture have no end")
}
