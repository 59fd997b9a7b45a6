// Package mailbox is a mailbox for development: SMTP in, a page and JSON out, nothing kept on disk. The demo shows it to
// people, the tests read it. It accepts every sender and recipient, so it listens on loopback alone.
package mailbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

const (
	maxMessages = 1000      // the oldest go first
	maxBytes    = 256 << 10 // of one message
)

// Message is one received mail.
type Message struct {
	ID       int                 `json:"id"`
	To       []string            `json:"to"` // recipients of the envelope
	From     string              `json:"from"`
	Subject  string              `json:"subject"`
	Text     string              `json:"text"`
	HTML     string              `json:"html"`
	Headers  map[string][]string `json:"headers"`
	Received time.Time           `json:"received"`
}

// Mailbox is a running mailbox.
type Mailbox struct {
	smtp     *smtp.Server
	web      *http.Server
	smtpAddr string
	webAddr  string

	mu       sync.Mutex
	last     int
	messages []Message     // oldest first
	arrived  chan struct{} // closed and replaced at each arrival
}

// Start listens on two loopback addresses ("127.0.0.1:0" takes a free port). An address that somebody else has is named
// in the error.
func Start(smtpAddr, httpAddr string) (*Mailbox, error) {
	in, err := listen("SMTP", smtpAddr)
	if err != nil {
		return nil, err
	}
	out, err := listen("page", httpAddr)
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	m := &Mailbox{smtpAddr: in.Addr().String(), webAddr: out.Addr().String(), arrived: make(chan struct{})}
	m.smtp = smtp.NewServer(m)
	m.smtp.MaxMessageBytes, m.smtp.MaxRecipients = maxBytes, 10
	m.smtp.ReadTimeout, m.smtp.WriteTimeout = 10*time.Second, 10*time.Second
	m.web = &http.Server{Handler: m.pages(), ReadHeaderTimeout: 5 * time.Second}
	// Both end with Close alone, and say so by an error that tells nothing new.
	go func() { _ = m.smtp.Serve(in) }()
	go func() { _ = m.web.Serve(out) }()
	return m, nil
}

func listen(what, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("mailbox: %s: %w", what, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("mailbox: %s: %s is not on loopback; anybody could read the codes", what, address)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("mailbox: its %s needs %s, which another program has taken: %w", what, address, err)
	}
	return l, nil
}

// SMTPAddr is where mails go in: host:port.
func (m *Mailbox) SMTPAddr() string { return m.smtpAddr }

// URL is where people read them.
func (m *Mailbox) URL() string { return "http://" + m.webAddr }

// Close ends both listeners and forgets the mails.
func (m *Mailbox) Close() error { return errors.Join(m.smtp.Close(), m.web.Close()) }

// Messages are the mails received, newest first.
func (m *Mailbox) Messages() []Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	newest := make([]Message, 0, len(m.messages))
	for i := len(m.messages) - 1; i >= 0; i-- {
		newest = append(newest, m.messages[i])
	}
	return newest
}

// To are the mails of one recipient, newest first; case does not matter.
func (m *Mailbox) To(recipient string) []Message {
	var own []Message
	for _, message := range m.Messages() {
		for _, to := range message.To {
			if strings.EqualFold(to, recipient) {
				own = append(own, message)
			}
		}
	}
	return own
}

// Wait returns the n-th mail of a recipient, counted from 1, once it has come.
func (m *Mailbox) Wait(ctx context.Context, recipient string, n int) (Message, error) {
	for {
		m.mu.Lock()
		arrived := m.arrived
		m.mu.Unlock()
		if own := m.To(recipient); len(own) >= n {
			return own[len(own)-n], nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return Message{}, fmt.Errorf("mailbox: no mail number %d came: %w", n, ctx.Err())
		}
	}
}

func (m *Mailbox) add(message Message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last++
	message.ID = m.last
	m.messages = append(m.messages, message)
	if len(m.messages) > maxMessages {
		m.messages = m.messages[1:]
	}
	close(m.arrived)
	m.arrived = make(chan struct{})
}
