package notice

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	"efpconnect.example/internal/email"
	"efpconnect.example/internal/mailbox"
	"efpconnect.example/internal/store"
)

var texts = Texts{PublicURL: "https://efpconnect.example.test/", EnvironmentLabel: "RCT", Ministry: "Ministère|du Travail", ServiceName: "EFP Connect",
	AssistanceURL: "https://aide.example.test/", Sender: "no-reply@efpconnect.example.test"}

const (
	person = "camille.serve@example.test"
	when   = "24 novembre 2026 à 10 h 32"
)

// kit is a relay that does what a test says, and what was seen.
type kit struct {
	mu      sync.Mutex
	tries   int
	pauses  []time.Duration
	counted map[string]int
	log     bytes.Buffer
}

func (k *kit) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.log.Write(p)
}

func start(t *testing.T, k *kit, send func(try int) error, after func(time.Duration) <-chan time.Time) *Notices {
	t.Helper()
	k.counted = map[string]int{}
	o := Options{Texts: texts, Store: store.NewMemory(100, time.Now), Log: slog.New(slog.NewTextHandler(k, nil)), After: after,
		Count: func(outcome string) { k.mu.Lock(); k.counted[outcome]++; k.mu.Unlock() },
		send: func(context.Context, *mail.Msg) error {
			k.mu.Lock()
			k.tries++
			try := k.tries
			k.mu.Unlock()
			return send(try)
		}}
	if after == nil {
		o.After = func(d time.Duration) <-chan time.Time {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.pauses = append(k.pauses, d)
			now := make(chan time.Time, 1)
			now <- time.Time{}
			return now
		}
	}
	n, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func closed(t *testing.T, n *Notices) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := n.Close(ctx); err != nil {
		t.Fatal(err)
	}
}

// The real way: over SMTP, into a mailbox.
func TestMail(t *testing.T) {
	box, err := mailbox.Start("127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	n, err := New(Options{SMTP: "smtp://" + box.SMTPAddr(), Texts: texts, Store: store.NewMemory(100, time.Now), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	n.Changed(t.Context(), "settings-1", "k3y3d", email.MustParse(person), when)
	closed(t, n)
	mails := box.To(person)
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	m := mails[0]
	if m.Subject != "[ENVIRONNEMENT TEST : RCT] - Votre mot de passe EFP Connect a été modifié" || m.From != texts.Sender {
		t.Errorf("%q from %s", m.Subject, m.From)
	}
	for part, content := range map[string]string{"text": m.Text, "HTML": m.HTML} {
		day := map[string]string{"text": when, "HTML": "24\u00a0novembre\u00a02026 à 10\u00a0h\u00a032"}[part] // no line breaks inside it
		for _, want := range []string{day, "https://efpconnect.example.test/reinitialisation", texts.AssistanceURL, "messagerie", "Ministère"} {
			if !strings.Contains(content, want) {
				t.Errorf("the %s does not say %q", part, want)
			}
		}
		if strings.Contains(content, "{{") || strings.Contains(content, "[[") || strings.Contains(content, "example.test//") {
			t.Errorf("the %s is not filled:\n%s", part, content)
		}
	}
	if strings.ContainsAny(m.Text, "’\u00a0") {
		t.Error("the text part has typographic signs")
	}
	if m.Headers["Auto-Submitted"] == nil {
		t.Error("vacation notices would come back")
	}
}

func TestRetried(t *testing.T) {
	k := &kit{}
	n := start(t, k, func(try int) error {
		if try <= 3 {
			return &net.OpError{Op: "dial", Err: errors.New("refused for " + person)}
		}
		return nil
	}, nil)
	n.Changed(t.Context(), "settings-1", "k3y3d", email.MustParse(person), when)
	for k.sum("sent") == 0 { // the pauses are instants: Close would shorten them
		<-time.After(time.Millisecond)
	}
	closed(t, n)
	if k.tries != 4 || k.counted["sent"] != 1 || k.counted["retried"] != 3 || len(k.pauses) != 3 {
		t.Errorf("%d tries after %v: %v", k.tries, k.pauses, k.counted)
	}
	for i := 1; i < len(k.pauses); i++ {
		if k.pauses[i] <= k.pauses[i-1] {
			t.Errorf("the pauses do not grow: %v", k.pauses)
		}
	}
}

func (k *kit) sum(outcome string) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.counted[outcome]
}

func TestGivenUp(t *testing.T) {
	k := &kit{}
	n := start(t, k, func(int) error { return errors.New("no route to " + person) }, nil)
	n.Changed(t.Context(), "settings-1", "k3y3d", email.MustParse(person), when)
	for k.sum("given_up") == 0 {
		<-time.After(time.Millisecond)
	}
	closed(t, n)
	if k.tries != len(pauses)+1 {
		t.Errorf("%d tries", k.tries)
	}
	if log := k.log.String(); !strings.Contains(log, "k3y3d") || strings.Contains(log, person) {
		t.Errorf("the log names the person, or says nothing:\n%s", log)
	}
}

// Two hours of tries would not make an address of none.
func TestNoAddress(t *testing.T) {
	k := &kit{}
	n := start(t, k, func(int) error { return nil }, nil)
	n.Changed(t.Context(), "settings-1", "k3y3d", email.Address{}, when)
	n.Changed(t.Context(), "settings-2", "k3y3d", email.MustParse(person), when) // the next one goes
	closed(t, n)
	if k.tries != 1 || k.counted["given_up"] != 1 || k.counted["retried"] != 0 || k.counted["sent"] != 1 {
		t.Errorf("%d times at the relay: %v", k.tries, k.counted)
	}
	if log := k.log.String(); !strings.Contains(log, "no address") || strings.Contains(log, "relay cannot") || strings.Contains(log, "camille") {
		t.Errorf("the log says\n%s", log)
	}
}

// A form sent twice, or taken by another replica after a crash, is one change.
func TestOnce(t *testing.T) {
	k := &kit{}
	n := start(t, k, func(int) error { return nil }, nil)
	for _, change := range []string{"settings-1", "settings-1", "settings-2"} {
		n.Changed(t.Context(), change, "k3y3d", email.MustParse(person), when)
	}
	closed(t, n)
	if k.counted["sent"] != 2 {
		t.Errorf("%v, want the two changes", k.counted)
	}
}

// The person waits for nothing: not for a relay that hangs, and not when too many wait.
func TestNeverBlocks(t *testing.T) {
	k := &kit{}
	hang := make(chan struct{})
	n := start(t, k, func(int) error { <-hang; return nil }, nil)
	for i := range waiting + 5 {
		n.Changed(t.Context(), strings.Repeat("x", i+1), "k3y3d", email.MustParse(person), when)
	}
	if dropped := k.sum("dropped"); dropped != 5 {
		t.Errorf("%d dropped", dropped)
	}
	close(hang)
	closed(t, n)
	if k.counted["sent"] != waiting {
		t.Errorf("%v: what waited is handed over", k.counted)
	}
}

// A stop does not wait an hour for the next try, and does not lose the notice without one.
func TestCloseTriesAtOnce(t *testing.T) {
	k := &kit{}
	paused := make(chan struct{})
	n := start(t, k, func(try int) error {
		if try == 1 {
			return errors.New("down")
		}
		return nil
	}, func(time.Duration) <-chan time.Time { close(paused); return nil }) // a pause without end
	n.Changed(t.Context(), "settings-1", "k3y3d", email.MustParse(person), when)
	<-paused
	closed(t, n)
	if k.counted["sent"] != 1 {
		t.Errorf("%v", k.counted)
	}
}

func TestNobody(t *testing.T) {
	var n *Notices
	n.Changed(t.Context(), "settings-1", "k3y3d", email.MustParse(person), when)
	if err := n.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestRelayAddress(t *testing.T) {
	for address, ok := range map[string]bool{"smtp://relay": true, "smtp://u:p@relay:2525": true, "smtps://relay": true, "smtp+starttls://relay:587": true,
		"": false, "relay:25": false, "http://relay": false, "smtp://relay:port": false} {
		_, err := newClient(address)
		if (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := newClient("smtp://u:s3cr3t-w0rd@:25"); err == nil || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("%v: no relay, or its password", err)
	}
}
