package deploy

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	gosmtp "github.com/emersion/go-smtp"

	"efpconnect.example/config/doctor"
	"efpconnect.example/internal/testkit/kratostest"
)

// parameters of deploy/postfix/main.cf.
func parameters(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for line := range strings.Lines(read(t, "postfix/main.cf")) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(line, "#") {
			all[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	if len(all) < 10 {
		t.Fatalf("only %d parameters are read", len(all))
	}
	return all
}

// TestRelayOfCompose: the container's Postfix has the parameters that the test below tries.
func TestRelayOfCompose(t *testing.T) {
	p, err := doctor.Compose(t.Context(), "../docker-compose.yml", []string{"production"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	given := p.Services["relay"].Environment
	for name, value := range parameters(t) {
		if got := given["POSTFIX_"+name]; got == nil || *got != value {
			t.Errorf("%s is %q in main.cf and not in docker-compose.yml", name, value)
		}
	}
	for variable := range given {
		if name, ours := strings.CutPrefix(variable, "POSTFIX_"); ours && name != "inet_interfaces" {
			if _, there := parameters(t)[name]; !there {
				t.Errorf("%s is in docker-compose.yml and not in main.cf", name)
			}
		}
	}
}

// TestRelay: Debian's Postfix with those parameters takes every recipient at once, keeps what the provider does not take, sends nothing
// in clear, and adds what filters ask for.
func TestRelay(t *testing.T) {
	if _, err := exec.LookPath("postfix"); err != nil || os.Geteuid() != 0 {
		kratostest.Missing(t, "postfix, and root to start it")
	}
	provider := &provider{}
	plain, secure := provider.serve(t, false), provider.serve(t, true)
	relay := startPostfix(t, plain)
	// The last two could not be delivered by anybody; no name server knows any of their domains.
	recipients := []string{"camille.serve@example.test", "o'brien@nowhere.invalid", "a.b+c@no-such-host.test", "root", "nobody@localhost"}
	for _, one := range recipients {
		if err := relay.send(one); err != nil {
			t.Errorf("%s is refused: %v", one, err)
		}
	}
	eventually(t, "what the provider would take in clear waits", func() bool { return strings.Contains(relay.queue(t), "TLS is required") })
	if got := provider.mails(); len(got) > 0 {
		t.Errorf("sent in clear: %s", got)
	}
	relay.set(t, "relayhost", "["+host(secure)+"]:"+port(secure))
	eventually(t, "the provider has them", func() bool { relay.postfix(t, "flush"); return len(provider.mails()) == len(recipients) })
	for _, mail := range provider.mails() {
		if !strings.Contains(mail, "Message-Id: <") && !strings.Contains(mail, "Message-ID: <") || !strings.Contains(mail, "Date: ") {
			t.Errorf("a mail without what filters ask for:\n%s", mail)
		}
	}
}

// provider is the ministry's: it takes mails with TLS or without.
type provider struct {
	mu   sync.Mutex
	have []string
}

func (p *provider) mails() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.have...)
}

func (p *provider) serve(t *testing.T, secure bool) (address string) {
	t.Helper()
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return session{p}, nil }))
	if secure {
		file := filepath.Join(t.TempDir(), "provider.pem")
		writeCertificate(t, file, "provider.example.test")
		pair, err := tls.LoadX509KeyPair(file, file)
		if err != nil {
			t.Fatal(err)
		}
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	return l.Addr().String()
}

type session struct{ to *provider }

func (session) Reset()                                 {}
func (session) Logout() error                          { return nil }
func (session) Mail(string, *gosmtp.MailOptions) error { return nil }
func (session) Rcpt(string, *gosmtp.RcptOptions) error { return nil }
func (s session) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	s.to.mu.Lock()
	defer s.to.mu.Unlock()
	s.to.have = append(s.to.have, string(content))
	return err
}

// postfix is an instance of the test's own, beside the machine's.
type postfix struct{ dir, address string }

func startPostfix(t *testing.T, relayhost string) *postfix {
	t.Helper()
	dir, err := os.MkdirTemp("", "efp-postfix") // postfix walks to it as its own user: not below the test's own folder
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	p := &postfix{dir: dir, address: freeAddress(t)}
	for _, folder := range []string{"etc", "queue", "data"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, owned := range []string{"data"} {
		if output, err := exec.Command("chown", "postfix:", filepath.Join(dir, owned)).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, output)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	// Debian's own, with the port in place of smtp, and nothing in a folder of its own.
	master := strings.ReplaceAll(read(t, "/usr/share/postfix/master.cf.dist"), "\nsmtp      inet  n       -       y ", "\n"+p.address+" inet  n       -       n ")
	if err := os.WriteFile(filepath.Join(dir, "etc", "master.cf"), []byte(strings.ReplaceAll(master, "       y       ", "       n       ")), 0o644); err != nil {
		t.Fatal(err)
	}
	var main bytes.Buffer
	fmt.Fprintf(&main, "compatibility_level = 3.6\nqueue_directory = %s/queue\ndata_directory = %s/data\nmultiple_instances = \nmyhostname = relay.example.test\n", dir, dir)
	fmt.Fprintf(&main, "mynetworks = 127.0.0.0/8\ninet_protocols = ipv4\nrelayhost = [%s]:%s\nalternate_config_directories = %s/etc\n", host(relayhost), port(relayhost), dir)
	for name, value := range parameters(t) {
		fmt.Fprintf(&main, "%s = %s\n", name, value)
	}
	if err := os.WriteFile(filepath.Join(dir, "etc", "main.cf"), main.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	p.postfix(t, "start")
	t.Cleanup(func() { p.postfix(t, "stop") })
	eventually(t, "the relay listens", func() bool { return p.send("") == nil })
	return p
}

func (p *postfix) postfix(t *testing.T, verb string) {
	t.Helper()
	if output, err := exec.Command("postfix", "-c", filepath.Join(p.dir, "etc"), verb).CombinedOutput(); err != nil {
		t.Fatalf("postfix %s: %v: %s", verb, err, output)
	}
}

func (p *postfix) set(t *testing.T, name, value string) {
	t.Helper()
	if output, err := exec.Command("postconf", "-c", filepath.Join(p.dir, "etc"), "-e", name+"="+value).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	p.postfix(t, "reload")
}

func (p *postfix) queue(t *testing.T) string {
	t.Helper()
	output, _ := exec.Command("postqueue", "-c", filepath.Join(p.dir, "etc"), "-p").CombinedOutput()
	return string(output)
}

// send hands one mail over as Kratos's courier does; nothing but a greeting where there is no recipient.
func (p *postfix) send(recipient string) error {
	c, err := smtp.Dial(p.address)
	if err != nil {
		return err
	}
	defer c.Close()
	if recipient == "" {
		return c.Hello("kratos")
	}
	if err := c.Mail("no-reply@example.test"); err != nil {
		return err
	}
	if err := c.Rcpt(recipient); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, "From: EFP Connect <no-reply@example.test>\r\nTo: "+recipient+"\r\nSubject: code\r\n\r\ncode\r\n"); err != nil {
		return err
	}
	return w.Close()
}

func host(address string) string { h, _, _ := net.SplitHostPort(address); return h }
func port(address string) string { _, p, _ := net.SplitHostPort(address); return p }
