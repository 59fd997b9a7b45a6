package cluster

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"efpconnect.example/config"
	mail "efpconnect.example/courier-templates"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/lifetime"
	"efpconnect.example/internal/mailbox"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/redistest"
	"efpconnect.example/internal/testkit/sitetest"
	"efpconnect.example/selfservice-ui/sitepath"
)

const newPassword = "Nouveau-Passe-2026"

// neighbours are what all sites of these tests share: Kratos on PostgreSQL, Redis, a mailbox, the proxy.
type neighbours struct {
	*proxy
	t       *testing.T // of the whole: processes outlive the part that starts them
	kratos  *kratostest.Kratos
	box     *mailbox.Mailbox
	prefix  string
	redis   string
	hookKey string
	dir     string // of Kratos's configuration

	front     *sitetest.Faults // through which the sites reach Kratos
	kratosURL string
}

func startNeighbours(t *testing.T) *neighbours {
	t.Helper()
	client, prefix := redistest.Redis(t)
	n := &neighbours{proxy: startProxy(t), t: t, prefix: prefix, redis: "redis://" + client.Options().Addr, hookKey: seal.NewKey()}
	if os.Getenv("EFP_TEST_POSTGRES") == "" {
		if connection, err := net.DialTimeout("tcp", "127.0.0.1:5432", time.Second); err == nil {
			connection.Close()
			t.Setenv("EFP_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable")
		} else {
			kratostest.Missing(t, "PostgreSQL at 127.0.0.1:5432 (EFP_TEST_POSTGRES names another)")
		}
	}
	var err error
	if n.box, err = mailbox.Start("127.0.0.1:0", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.box.Close() })
	templates, err := mail.Files(mail.Constants{PublicURL: n.url, Ministry: "Ministère", ServiceName: "EFP Connect", AssistanceURL: "https://aide.example.test/", CodeLifetime: lifetime.Code})
	if err != nil {
		t.Fatal(err)
	}
	// The document of production, on https: Kratos runs without --dev.
	n.kratos = kratostest.Start(t, func(o *kratosprocess.Options) {
		n.dir = o.Dir
		o.Environment, o.SiteURL, o.SMTPAddr, o.Templates = "production", n.url, n.box.SMTPAddr(), templates
		o.HookURL, o.HookKey = n.hooks+sitepath.PermitHook, n.hookKey
		o.Overrides[config.Registration] = config.RegistrationOpen
		o.Overrides["cookies.domain"] = "127.0.0.1"
		o.Overrides["selfservice.methods.password.config.haveibeenpwned_enabled"] = false // the tests have no Internet
	})
	n.front, n.kratosURL = sitetest.Before(t, n.kratos.PublicURL)
	return n
}

// site starts one process with these keys and gives it to the proxy.
func (n *neighbours) site(x *proxy, keys []string, env ...string) *process {
	p := startProcess(n.t, append(env, "EFP_KEYS="+strings.Join(keys, ","), "EFP_HOOK_KEY="+n.hookKey, "EFP_REDIS_URL="+n.redis, keyPrefix+"="+n.prefix,
		"EFP_NOTICE_SMTP=smtp://"+n.box.SMTPAddr()),
		"--public-url", x.url, "--registration", settings.RegistrationOpen, "--kratos-url", n.kratosURL, "--protect-reset=", "--protect-login=", "--limits", strings.Join(sitetest.Wide(), ","),
		"--answer-after", "300ms", "--resend-after", "2s", "--drain", "300ms", "--trusted-proxies", "127.0.0.0/8")
	x.add(p)
	return p
}

// account makes one and names it.
func (n *neighbours) account(t *testing.T) string {
	t.Helper()
	address := strings.ToLower(rand.Text()[:12]) + "@example.test"
	n.kratos.Create(t, kratostest.Identity{Email: address, Title: "Madame", GivenName: "Camille", FamilyName: "Serve", Verified: true})
	return address
}

// TestCluster is one test so that Kratos, on a migrated PostgreSQL, starts once.
func TestCluster(t *testing.T) {
	started := time.Now()
	n := startNeighbours(t)
	t.Logf("Kratos on a fresh PostgreSQL after %s", time.Since(started).Round(time.Second))
	keys := []string{seal.NewKey()}
	first := []*process{n.site(n.proxy, keys), n.site(n.proxy, keys), n.site(n.proxy, keys)}
	t.Run("every request lands on another process", func(t *testing.T) { everyRequestElsewhere(t, n, first) })
	t.Run("one ticket, two replicas", func(t *testing.T) { oneTicketTwoReplicas(t, n, keys) })
	t.Run("killed", func(t *testing.T) { killed(t, n) })
	t.Run("rolling restart and key rotation under 50 resets", func(t *testing.T) { rolling(t, n, first, keys) })
	t.Run("admin port closed", func(t *testing.T) { adminClosed(t, n) })
	t.Run("kratos stopped", func(t *testing.T) { kratosStopped(t, n) })
}

func everyRequestElsewhere(t *testing.T, n *neighbours, sites []*process) {
	p := n.person(n.url, n.account(t))
	if err := p.reset(true); err != nil {
		t.Fatal(err)
	}
	if p.reloads != 0 {
		t.Errorf("%d pages failed", p.reloads)
	}
	served := n.served
	for i := 1; i < len(served); i++ {
		if served[i] == served[i-1] {
			t.Errorf("two requests in a row on one process: %v", served)
		}
	}
	for _, site := range sites {
		if !slices.Contains(served, site.public) {
			t.Errorf("one process served nothing: %v", served)
		}
		if got := metricsOf(t, site); !strings.Contains(got, `efp_ready{part="kratos"} 1`) || !strings.Contains(got, `efp_request_seconds_count{route="/reinitialisation`) {
			t.Errorf("a process counts nothing:\n%.500s", got)
		}
	}
	if ok, err := login(n, p.address); err != nil || !ok {
		t.Errorf("Kratos accepts the new password: %v, %v", ok, err)
	}
	notice, err := n.box.Wait(t.Context(), p.address, 2)
	if err != nil || !strings.Contains(notice.Subject, "a été modifié") {
		t.Errorf("the notice: %q, %v", notice.Subject, err)
	}
	trail := read(sites[0].log) + read(sites[1].log) + read(sites[2].log)
	for _, outcome := range []string{"started", "sent", "right", "finished"} {
		if strings.Count(trail, `"outcome":"`+outcome+`"`) != 1 {
			t.Errorf("the trail does not say %s once", outcome)
		}
	}
	if strings.Contains(trail, p.address) {
		t.Error("a log names the person")
	}
	t.Logf("%d requests on %d processes", len(served), len(sites))
}

func metricsOf(t *testing.T, p *process) string {
	t.Helper()
	answer, err := asker.Get("http://" + p.internal + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func login(n *neighbours, address string) (bool, error) {
	return (&sitetest.Site{Kratos: n.kratos}).Login(address, newPassword)
}

// notices counts those to an address, waiting for the first one.
func (n *neighbours) notices(address string, patience time.Duration) (told int) {
	deadline := time.After(patience)
	for {
		for _, m := range n.box.To(address) {
			if strings.Contains(m.Subject, "a été modifié") {
				told++
			}
		}
		if told > 0 {
			return told
		}
		select {
		case <-deadline:
			return 0
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// rolling restarts each process in turn, twice, while 50 people reset: the new key is added last everywhere, then promoted.
func rolling(t *testing.T, n *neighbours, sites []*process, old []string) {
	const people = 50
	crowd := make([]*person, people)
	for i := range crowd {
		crowd[i] = n.person(n.url, n.account(t))
	}
	begun := make(chan struct{}, people)
	faults := make(chan error, people)
	var all sync.WaitGroup
	for i, p := range crowd {
		all.Go(func() {
			begun <- struct{}{}
			// Some every now and then, so that there is somebody at each step at any moment.
			<-time.After(time.Duration(i) * 100 * time.Millisecond)
			if err := p.reset(i%5 == 0); err != nil {
				faults <- fmt.Errorf("person %d: %w", i, err)
			}
		})
	}
	<-begun
	fresh := seal.NewKey()
	for _, keys := range [][]string{{old[0], fresh}, {fresh, old[0]}} {
		for i, site := range sites {
			sites[i] = n.site(n.proxy, keys)
			site.stop(t)
			n.remove(site)
		}
	}
	restarted := time.Now()
	all.Wait()
	close(faults)
	for err := range faults {
		t.Error(err)
	}
	reloads, finished := 0, 0
	for _, p := range crowd {
		reloads += p.reloads
		if p.reloads > 1 {
			t.Errorf("%s had %d pages that failed", p.address, p.reloads)
		}
		if p.URL != nil && p.URL.Path == "/reinitialisation/terminee" {
			finished++
		}
	}
	t.Logf("%d of %d finished, %d reloads in all, 6 processes replaced; the last person %s after the last restart", finished, people, reloads, time.Since(restarted).Round(100*time.Millisecond))
}

// kratosStopped: people see our page, and whoever watches knows within two seconds.
func kratosStopped(t *testing.T, n *neighbours) {
	site := n.all()[0]
	if got := status(site, "/health/ready"); got != http.StatusOK {
		t.Fatalf("/health/ready is %d before", got)
	}
	if err := n.kratos.Stop(); err != nil {
		t.Fatal(err)
	}
	stopped := time.Now()
	turned := within(t, site, "/health/ready", http.StatusServiceUnavailable)
	if got := status(site, "/health/serving"); got != http.StatusOK {
		t.Errorf("/health/serving is %d: the proxy would show its own page", got)
	}
	b := (&sitetest.Site{URL: n.url}).NewBrowser()
	if err := errors.Join(b.Open("/reinitialisation"), b.Fill("identifiant", "camille.serve@example.test"), b.Submit("Suivant")); err != nil {
		t.Fatal(err)
	}
	if b.Status != http.StatusServiceUnavailable || !strings.Contains(b.Text(), "indisponible") {
		t.Errorf("people see %d %.300s", b.Status, b.Text())
	}
	t.Logf("/health/ready turned %s after the stop", turned.Sub(stopped).Round(10*time.Millisecond))
	if err := n.kratos.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	back := time.Now()
	t.Logf("and back %s after Kratos", within(t, site, "/health/ready", http.StatusOK).Sub(back).Round(10*time.Millisecond))
	if err := errors.Join(b.Open("/reinitialisation"), b.Fill("identifiant", "camille.serve@example.test"), b.Submit("Suivant")); err != nil || b.URL.Path != "/reinitialisation/code" {
		t.Errorf("%d %s, %v after Kratos is back", b.Status, b.URL, err)
	}
}

// within waits two seconds at most for an answer.
func within(t *testing.T, p *process, path string, want int) time.Time {
	t.Helper()
	deadline := time.After(2 * time.Second)
	for status(p, path) != want {
		select {
		case <-deadline:
			t.Fatalf("%s is not %d within 2 s", path, want)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return time.Now()
}
