// Package mailbox is where mails end on a developer's machine: it takes them by SMTP, delivers them nowhere, and shows them on a
// page and as JSON. The demo and the tests start it. Never production: whoever reaches its page reads every code.
package mailbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/emersion/go-smtp"
)

// Mailbox is a running mailbox.
type Mailbox struct {
	kept shelf
	smtp *smtp.Server
	http *http.Server
	in   net.Listener

	smtpAddr, httpAddr string
}

// ErrNotLoopback is returned for an address that other machines could reach: they would read the codes.
var ErrNotLoopback = errors.New("not an address of loopback")

// Start listens on two addresses of loopback ("127.0.0.1:0" takes a free port) and serves until Close. A busy port is named by
// the error, which errors.Is syscall.EADDRINUSE.
func Start(smtpAddr, httpAddr string) (*Mailbox, error) {
	in, err := listen("SMTP", smtpAddr)
	if err != nil {
		return nil, err
	}
	out, err := listen("page", httpAddr)
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	m := &Mailbox{in: in, smtpAddr: in.Addr().String(), httpAddr: out.Addr().String()}
	m.smtp = newServer(&m.kept)
	m.http = &http.Server{
		Handler: m.handler(), ErrorLog: quiet,
		ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
	// Both end with Close, which is the only error they can meet on a listener that is open.
	go func() { _ = m.smtp.Serve(in) }()
	go func() { _ = m.http.Serve(out) }()
	return m, nil
}

func listen(what, addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("mailbox: %s: %w", what, err)
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("mailbox: %s: %s: %w", what, addr, ErrNotLoopback)
	}
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("mailbox: %s: another program already listens on %s: %w", what, addr, syscall.EADDRINUSE)
	}
	if err != nil {
		return nil, fmt.Errorf("mailbox: %s: %w", what, err)
	}
	return l, nil
}

// SMTPAddr is the host:port to send mails to.
func (m *Mailbox) SMTPAddr() string { return m.smtpAddr }

// URL is the address of the page, without a slash at the end.
func (m *Mailbox) URL() string { return "http://" + m.httpAddr }

// Messages returns the mails that are kept, newest first.
func (m *Mailbox) Messages() []Message { return m.kept.all() }

// To returns the mails that were sent to an address, newest first. The case of the address does not matter.
func (m *Mailbox) To(address string) []Message {
	mails, _ := m.kept.to(address)
	slices.Reverse(mails)
	return mails
}

// Wait returns the n-th mail (1: the first) that was sent to an address, as soon as it is there. It counts the mails that are
// kept; the case of the address does not matter. Its error is the context's.
func (m *Mailbox) Wait(ctx context.Context, to string, n int) (Message, error) {
	for {
		mails, changed := m.kept.to(to)
		if len(mails) >= n && n > 0 {
			return mails[n-1], nil
		}
		select {
		case <-ctx.Done():
			return Message{}, fmt.Errorf("mailbox: waiting for mail %d, %d are there: %w", n, len(mails), ctx.Err())
		case <-changed:
		}
	}
}

// Close frees both ports and ends what is open. It may be called twice.
func (m *Mailbox) Close() error {
	err := m.smtp.Close()
	if errors.Is(err, smtp.ErrServerClosed) {
		err = nil
	}
	// go-smtp closes the listeners that Serve has told it of, which may not have happened yet.
	if in := m.in.Close(); in != nil && !errors.Is(in, net.ErrClosed) {
		err = errors.Join(err, in)
	}
	return errors.Join(err, m.http.Close())
}
