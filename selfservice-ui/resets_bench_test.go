package ui_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"efpconnect.example/internal/email"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/mailbox"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
	"efpconnect.example/selfservice-ui/hook"
)

// resetsBar is the least share of the bare calls' resets a second that whole resets through the site have to reach.
const resetsBar = 0.9

// kratosFull is the least share of its processor that Kratos has to be seen at, on both sides, for resets a second to be compared: below
// it the waits of people were measured, or a machine that others use.
const kratosFull = 0.85

const (
	resetRounds = 3
	resetPeople = 160 // at once through the site: they wait four seconds in all, and Kratos is to be busy all the same
	bareCallers = 24  // at once without it: they wait for nothing but the mail
	resetWarmUp = 10 * time.Second
	resetWindow = 15 * time.Second
	resetFailed = 0.01 // most resets that may fail, of all: on SQLite a Kratos this busy finds its database locked now and then
	resetSpare  = 2000 // accounts a round, more than anybody gets through: a run that uses them up fails
)

// BenchmarkResets lets people walk the whole reset, mail included, through the site's own program, and calls Kratos
// for the same without a site, in turns; the middle of the rounds' ratios counts. Kratos has a processor of its own. What it takes of it
// a reset, without a site against with one, is how many resets a second there are where it is full; where it is full on both sides they
// are counted too. What the site takes itself is beside it. On both sides a hash costs next to nothing and the mail comes at once.
// Nobody is asked for a security code, which the bare calls do not have.
func BenchmarkResets(b *testing.B) {
	w := startWorkshop(b)
	for b.Loop() {
		var through, bare []rate
		var counted, taken []float64
		for range resetRounds {
			site, calls := w.perSecond(b, resetPeople, w.throughTheSite), w.perSecond(b, bareCallers, w.bareCalls)
			b.Logf("site %+v, bare %+v", site, calls)
			through, bare = append(through, site), append(bare, calls)
			counted, taken = append(counted, site.resets/calls.resets), append(taken, calls.kratosMS/site.kratosMS)
		}
		full := min(report(b, "site", through), report(b, "bare", bare))
		b.ReportMetric(medianOf(through, func(r rate) float64 { return r.siteMS }), "site-ms/reset")
		b.ReportMetric(median(taken), "site/bare-by-processor")
		b.ReportMetric(median(counted), "site/bare")
		if got := median(taken); got < resetsBar {
			b.Errorf("Kratos takes 1/%.3f of what it takes for the bare calls, the bar is 1/%.2f", got, resetsBar)
		}
		if got := median(counted); full >= kratosFull && got < resetsBar {
			b.Errorf("%.3f of the bare calls' resets a second, the bar is %.2f", got, resetsBar)
		} else if full < kratosFull {
			b.Logf("Kratos took %.2f of its processor: resets a second are not compared", full)
		}
		reportMemory(b, w.process)
	}
	b.ReportMetric(0, "ns/op") // a whole measurement: says nothing
}

// rate is what one window saw.
type rate struct {
	resets           float64 // a second
	kratosMS, siteMS float64 // of processor, a reset
	full             float64 // share of its processor that Kratos took
}

func medianOf(rates []rate, of func(rate) float64) float64 {
	var all []float64
	for _, r := range rates {
		all = append(all, of(r))
	}
	return median(all)
}

// report tells how full Kratos was.
func report(b *testing.B, side string, rates []rate) (full float64) {
	b.Helper()
	full = medianOf(rates, func(r rate) float64 { return r.full })
	b.ReportMetric(medianOf(rates, func(r rate) float64 { return r.resets }), side+"-resets/s")
	b.ReportMetric(medianOf(rates, func(r rate) float64 { return r.kratosMS }), side+"-kratos-ms/reset")
	b.ReportMetric(full, side+"-kratos-full")
	return full
}

// workshop is the site's own program before a real Kratos, on PostgreSQL where one is named.
type workshop struct {
	kratos  *kratostest.Kratos
	client  *kratos.Client
	box     *mailbox.Mailbox
	site    string // its address
	process int
	without atomic.Bool // bare calls: the hook lets every password through
}

func startWorkshop(b *testing.B) *workshop {
	host, internal, key := freePort(b), freePort(b), seal.NewKey()
	w := &workshop{site: "http://" + host}
	var err error
	if w.box, err = mailbox.Start("127.0.0.1:0", "127.0.0.1:0"); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = w.box.Close() })
	real := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: internal})
	hooks := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		if w.without.Load() {
			answer.WriteHeader(http.StatusNoContent)
			return
		}
		real.ServeHTTP(answer, r)
	}))
	b.Cleanup(hooks.Close)
	w.kratos = kratostest.Start(b, func(o *kratosprocess.Options) {
		o.SiteURL, o.SMTPAddr, o.HookURL, o.HookKey = w.site, w.box.SMTPAddr(), hooks.URL+hook.Path, key
		o.Overrides["courier.worker.pull_count"] = 100 // a fetch of 10, as delivered, is ten mails a second: anything would pass
	})
	if w.client, err = kratos.New(w.kratos.PublicURL, kratos.Options{Timeout: time.Minute}); err != nil {
		b.Fatal(err)
	}
	w.process = startProgram(b, key, "--public-url="+w.site, "--listen="+host, "--internal-listen="+internal, "--kratos-url="+w.kratos.PublicURL,
		"--kratos-timeout=20s", "--request-timeout=90s", "--protect-reset=", "--protect-login=", "--limits="+strings.Join(sitetest.Wide(), ","))
	pin(b, "0", w.kratos.PID())
	others := "1"
	if n := runtime.NumCPU(); n > 2 {
		others = fmt.Sprintf("1-%d", n-1)
	}
	pin(b, others, w.process, os.Getpid())
	b.Cleanup(func() { pin(b, fmt.Sprintf("0-%d", runtime.NumCPU()-1), os.Getpid()) })
	return w
}

// pin gives processes, with all their threads, processors of their own.
func pin(b *testing.B, processors string, processes ...int) {
	b.Helper()
	for _, process := range processes {
		if output, err := exec.Command("taskset", "-apc", processors, strconv.Itoa(process)).CombinedOutput(); err != nil {
			b.Fatalf("taskset, with two processors or more: %v: %s", err, output)
		}
	}
}

// perSecond lets so many people reset over and over, and counts who ends within the window.
func (w *workshop) perSecond(b *testing.B, people int, reset func(address string) error) rate {
	accounts := make(chan string, resetSpare)
	for range resetSpare {
		address := strings.ToLower(rand.Text()[:12]) + "@example.test"
		w.kratos.Create(b, kratostest.Identity{Email: address, Verified: true})
		accounts <- address
	}
	var everybody errgroup.Group
	var finished, failed atomic.Int64
	over := make(chan struct{})
	for range people {
		everybody.Go(func() error {
			for {
				select {
				case <-over:
					return nil
				case address := <-accounts:
					if err := reset(address); err != nil {
						failed.Add(1)
						b.Logf("a reset failed: %.300s", err)
						continue
					}
					finished.Add(1)
				}
			}
		})
	}
	<-time.After(resetWarmUp)
	before, kratosBefore, siteBefore, began := finished.Load(), groupTime(b, w.kratos.PID()), groupTime(b, w.process), time.Now()
	<-time.After(resetWindow)
	n, took := float64(finished.Load()-before), time.Since(began)
	kratos, site := groupTime(b, w.kratos.PID())-kratosBefore, groupTime(b, w.process)-siteBefore
	if len(accounts) == 0 {
		b.Error("everybody has reset: fewer could be counted than there would have been")
	}
	close(over)
	if err := everybody.Wait(); err != nil {
		b.Fatal(err)
	}
	if failed.Load() > int64(resetFailed*float64(finished.Load())) {
		b.Errorf("%d resets failed, %d did not", failed.Load(), finished.Load())
	}
	return rate{
		resets:   n / took.Seconds(),
		kratosMS: milliseconds(kratos) / n,
		siteMS:   milliseconds(site) / n,
		full:     kratos.Seconds() / took.Seconds(),
	}
}

func (w *workshop) bareCalls(address string) error {
	w.without.Store(true)
	ctx := context.Background()
	flow, err := w.client.OpenRecovery(ctx)
	if err != nil {
		return err
	}
	if _, err := w.client.SendFirstCode(ctx, flow.ID, email.MustParse(address), nil); err != nil {
		return err
	}
	code, err := w.code(address)
	if err != nil {
		return err
	}
	right, err := w.client.SubmitCode(ctx, flow.ID, code)
	if err != nil || right.Outcome != kratos.CodeRight {
		return fmt.Errorf("the code: %s, %v", right.Outcome, err)
	}
	set, err := w.client.SetPassword(ctx, right.Token, right.SettingsFlow, newPassword)
	if err != nil || set.Outcome != kratos.PasswordSet {
		return fmt.Errorf("the password: %s, %v", set.Outcome, err)
	}
	return w.client.RevokeSession(ctx, right.Token)
}

func (w *workshop) code(address string) (string, error) {
	code, _, err := (&sitetest.Site{Mailbox: w.box}).Code(address, 1)
	return code, err
}

// throughTheSite is the same by its pages, as little read as can be: the browser's work is not the site's.
func (w *workshop) throughTheSite(address string) error {
	w.without.Store(false)
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	p := &hurried{client: http.Client{Jar: jar, Timeout: time.Minute}, site: w.site}
	if err := p.open("/reinitialisation"); err != nil {
		return err
	}
	if err := p.post("identifiant", address); err != nil {
		return err
	}
	code, err := w.code(address)
	if err != nil {
		return err
	}
	if err := p.post("code", code); err != nil {
		return err
	}
	if err := p.post("mot-de-passe", newPassword, "confirmation", newPassword); err != nil {
		return err
	}
	if p.at != "/reinitialisation/terminee" {
		return fmt.Errorf("a reset ended on %s", p.at)
	}
	return nil
}

// hurried is somebody who reads of a page where it is and what its form hides.
type hurried struct {
	client   http.Client
	site, at string
	hidden   [][]string
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

func (p *hurried) open(path string) error {
	r, err := http.NewRequest(http.MethodGet, p.site+path, nil)
	if err != nil {
		return err
	}
	return p.do(r)
}

// post sends the page's form, no sooner than a person could: a robot is refused.
func (p *hurried) post(fields ...string) error {
	<-time.After(time.Second)
	form := url.Values{}
	for _, field := range p.hidden {
		form.Set(field[1], field[2])
	}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	r, err := sitetest.Post(p.site+p.at, form)
	if err != nil {
		return err
	}
	return p.do(r)
}

func (p *hurried) do(r *http.Request) error {
	answer, err := p.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s\n%s", answer.Request.URL.Path, answer.Status, page)
	}
	p.at, p.hidden = answer.Request.URL.Path, hiddenField.FindAllStringSubmatch(string(page), -1)
	return nil
}
