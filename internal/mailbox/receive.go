package mailbox

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	_ "github.com/emersion/go-message/charset" // mails in other encodings than UTF-8
	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-smtp"
)

// NewSession takes mails from anybody: go-smtp calls it for each connection.
func (m *Mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{mailbox: m}, nil }

// session is one SMTP connection.
type session struct {
	mailbox *Mailbox
	from    string
	to      []string
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	message, err := parse(r)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: err.Error()}
	}
	message.From, message.To, message.Received = s.from, s.to, time.Now()
	s.mailbox.add(message)
	return nil
}

// parse reads a mail's headers and its text and HTML parts; attachments are left out.
func parse(r io.Reader) (Message, error) {
	reader, err := mail.CreateReader(r)
	if err != nil {
		return Message{}, fmt.Errorf("not a mail: %w", err)
	}
	message := Message{Headers: map[string][]string{}}
	if message.Subject, err = reader.Header.Subject(); err != nil {
		return Message{}, fmt.Errorf("subject: %w", err)
	}
	for fields := reader.Header.Fields(); fields.Next(); {
		message.Headers[fields.Key()] = append(message.Headers[fields.Key()], fields.Value())
	}
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return message, nil
		}
		if err != nil {
			return Message{}, fmt.Errorf("part: %w", err)
		}
		header, inline := part.Header.(*mail.InlineHeader)
		if !inline {
			continue
		}
		body, err := io.ReadAll(io.LimitReader(part.Body, maxBytes))
		if err != nil {
			return Message{}, fmt.Errorf("part: %w", err)
		}
		if kind, _, err := header.ContentType(); err == nil && strings.EqualFold(kind, "text/html") {
			message.HTML += string(body)
		} else {
			message.Text += string(body)
		}
	}
}
