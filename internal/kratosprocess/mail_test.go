package kratosprocess_test

import (
	"io"
	"net"
	"net/mail"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// relay takes mails and hands each one on, parsed.
type relay chan *mail.Message

func (r relay) NewSession(*smtp.Conn) (smtp.Session, error) { return session{r}, nil }

type session struct{ relay relay }

func (session) Mail(string, *smtp.MailOptions) error { return nil }
func (session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (session) Reset()                               {}
func (session) Logout() error                        { return nil }
func (s session) Data(r io.Reader) error {
	message, err := mail.ReadMessage(r)
	if err == nil {
		s.relay <- message
	}
	return err
}

func startRelay(t *testing.T) (relay, string) {
	t.Helper()
	received := make(relay, 10)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(received)
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return received, listener.Addr().String()
}

// TestMailLeavesWithOurTemplate: the courier runs, finds the relay, and uses the templates that it was given.
func TestMailLeavesWithOurTemplate(t *testing.T) {
	received, address := startRelay(t)
	k := kratostest.Start(t, func(o *kratosprocess.Options) {
		o.SMTPAddr = address
		o.Templates = map[string][]byte{
			"recovery_code/valid/email.subject.gotmpl":        []byte("Code pour {{ .Identity.traits.given_name }}"),
			"recovery_code/valid/email.body.gotmpl":           []byte("<p>{{ .RecoveryCode }}</p>"),
			"recovery_code/valid/email.body.plaintext.gotmpl": []byte("{{ range splitList \"\" .RecoveryCode }}{{ . }} {{ end }}"),
		}
	})
	k.Create(t, kratostest.Identity{Email: email, GivenName: "Camille"})
	recovered(t, k, email) // reads the code from the queue, spaced digits here
	select {
	case message := <-received:
		if got := message.Header.Get("Subject"); got != "Code pour Camille" {
			t.Errorf("subject %q", got)
		}
		if got := message.Header.Get("To"); got != email {
			t.Errorf("to %q", got)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("no mail left")
	}
}

func TestNoMailToAnUnknownAddress(t *testing.T) {
	k := kratostest.Start(t)
	var flow struct{ ID, State string }
	k.Call(t, "GET", k.PublicURL+"/self-service/recovery/api", nil, &flow)
	k.Call(t, "POST", k.PublicURL+"/self-service/recovery?flow="+flow.ID, map[string]string{"method": "code", "email": email}, &flow)
	if flow.State != "sent_email" {
		t.Errorf("state %q tells that the address is unknown", flow.State)
	}
	if mails := k.Mails(t, email); len(mails) != 0 {
		t.Errorf("%d mails to an address that has no account", len(mails))
	}
}
