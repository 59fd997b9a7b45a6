package demo

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"efpconnect.example/config"
	"efpconnect.example/internal/testkit/kratostest"
)

// started is a demonstration on free ports that serves until its test ends; its folder is under temp.
func started(t *testing.T) (d *Demo, temp string) {
	t.Helper()
	kratostest.Binary(t) // -short has none
	temp = t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, stop := context.WithCancel(context.Background())
	d, err := Start(ctx, Ports{}, io.Discard)
	if err != nil {
		stop()
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- d.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil && !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if left, _ := filepath.Glob(filepath.Join(temp, "efp-connect-demo-*")); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
		for _, address := range []string{d.SiteURL, d.Mailbox.URL(), d.Kratos.PublicURL, d.Kratos.AdminURL, "http://" + d.Mailbox.SMTPAddr(), "http://" + d.internal.Addr().String(),
			d.Hydra.PublicURL, d.Hydra.AdminURL, d.CAS.url, d.OpenID.url} {
			if l, err := net.Listen("tcp", strings.TrimPrefix(address, "http://")); err != nil {
				t.Errorf("still taken: %v", err)
			} else {
				l.Close()
			}
		}
	})
	return d, temp
}

func page(t *testing.T, url string) string {
	t.Helper()
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, answer.Status, err)
	}
	return string(body)
}

// What the three lines promise is there: the page to open, an account to type, a mailbox to read. Afterwards nothing is left.
func TestDemo(t *testing.T) {
	d, temp := started(t)
	if login := page(t, d.SiteURL); !strings.Contains(login, "Je m’identifie avec mon compte EFP Connect") || !strings.Contains(login, "DÉMO") {
		t.Errorf("not the login page of a test environment:\n%.500s", login)
	}
	if mails := page(t, d.Mailbox.URL()+"/api/messages"); strings.Contains(mails, "subject") {
		t.Errorf("mails before anybody asked: %.200s", mails)
	}
	for _, account := range d.Accounts {
		if found := page(t, d.Kratos.AdminURL+"/admin/identities?credentials_identifier="+account.Email); !strings.Contains(found, account.Email) {
			t.Errorf("no account %s", account.Email)
		}
	}
	set, err := Settings(d.SiteURL)
	if err != nil || len(set.LoginCanaries) == 0 {
		t.Fatal("the instant has nothing to be measured by: ", err)
	}
	for _, canary := range set.LoginCanaries {
		if found := page(t, d.Kratos.AdminURL+"/admin/identities?include_credential=password&credentials_identifier="+canary); !strings.Contains(found, "hashed_password") {
			t.Errorf("no account with a password for the canary %s", canary)
		}
	}
	invitation := d.Invitation()
	// The real importer has run: every row of its export is accounted for.
	for _, want := range []string{"300 lues", d.SiteURL, d.Accounts[0].Email, d.Mailbox.URL(), d.CAS.url, d.OpenID.url, LogFile()} {
		if !strings.Contains(invitation, want) {
			t.Errorf("the invitation does not name %s:\n%s", want, invitation)
		}
	}
	written, err := os.ReadFile(filepath.Join(d.dir, config.DocumentFile))
	if err != nil || !strings.Contains(string(written), "from_address: "+set.MailSender+"\n") {
		t.Errorf("the pages say that mails come from %s; Kratos reads (%v)\n%s", set.MailSender, err, written)
	}
	if left, _ := filepath.Glob(filepath.Join(temp, "efp-connect-demo-*")); len(left) != 1 {
		t.Errorf("folders: %q", left)
	}
}

// Whoever has another demonstration still running must read which port is taken, and find nothing half started.
func TestABusyPortIsNamed(t *testing.T) {
	kratostest.Binary(t)
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	port := busy.Addr().(*net.TCPAddr).Port
	for what, ports := range map[string]Ports{
		"the site": {Site: port}, "the permit hook": {Internal: port}, "the mailbox": {Mailbox: port}, "its SMTP": {SMTP: port},
		"Kratos": {Public: port}, "Kratos's admin API": {Admin: port}, "Hydra": {Hydra: port}, "Hydra's admin API": {HydraAdmin: port},
		"a service of CAS": {CAS: port}, "a service of OpenID Connect": {OpenID: port},
	} {
		t.Run(what, func(t *testing.T) {
			temp := t.TempDir()
			t.Setenv("TMPDIR", temp)
			d, err := Start(t.Context(), ports, io.Discard)
			if d != nil || err == nil || !strings.Contains(err.Error(), strconv.Itoa(port)) {
				t.Errorf("%v", err)
			}
			if left, _ := os.ReadDir(temp); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
	if _, err := listen("the site", port); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("%v", err)
	}
}

// A start that fails late gives back what it had taken.
func TestAFailedStartGivesItsPortsBack(t *testing.T) {
	kratostest.Binary(t)
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	site := free.Addr().(*net.TCPAddr).Port
	free.Close()
	if _, err := Start(t.Context(), Ports{Site: site, Admin: busy.Addr().(*net.TCPAddr).Port}, io.Discard); err == nil {
		t.Fatal("it started")
	}
	if l, err := net.Listen("tcp", local(site)); err != nil {
		t.Errorf("the site's port is still taken: %v", err)
	} else {
		l.Close()
	}
}

func TestDefaultPortsDiffer(t *testing.T) {
	seen := map[int]bool{}
	p := DefaultPorts
	for _, port := range []int{p.Site, p.Internal, p.Mailbox, p.SMTP, p.Public, p.Admin, p.Hydra, p.HydraAdmin, p.CAS, p.OpenID} {
		if port == 0 || seen[port] {
			t.Errorf("port %d", port)
		}
		seen[port] = true
	}
}
