package mailbox

import (
	"bytes"
	"io"
	"log"
	"slices"
	"time"

	"github.com/emersion/go-smtp"
)

// quiet drops what the servers would write to the terminal of a demo: a client that hung up.
var quiet = log.New(io.Discard, "", 0)

func newServer(kept *shelf) *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{kept: kept}, nil }))
	server.Domain = "mailbox.example.test"
	server.MaxMessageBytes = maxMail
	server.MaxRecipients = 50
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute // Kratos keeps a connection between two mails
	server.EnableSMTPUTF8 = true
	server.ErrorLog = quiet
	return server
}

// session is one client's connection. go-smtp calls it from one goroutine.
type session struct {
	kept *shelf
	from string
	to   []string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r) // bounded by MaxMessageBytes, which is an error here
	if err != nil {
		return err
	}
	m := parse(bytes.NewReader(raw))
	m.From, m.To, m.Received, m.size = s.from, slices.Clone(s.to), time.Now(), len(raw)
	s.kept.add(m)
	return nil
}

func (s *session) Reset() { s.from, s.to = "", nil }

func (s *session) Logout() error { return nil }
