package mailbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/smtp"
	"strings"
	"syscall"
	"testing"
	"time"
)

const sample = "From: a@example.test\r\nTo: b@example.test\r\nSubject: =?utf-8?q?R=C3=A9initialisation?=\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
	"2 3 8 3 9 2 =C3=A9\r\n--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>238392<script>alert(1)</script></p>\r\n--x--\r\n"

func started(t *testing.T) *Mailbox {
	t.Helper()
	m, err := Start("127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func deliver(t *testing.T, m *Mailbox, to string) {
	t.Helper()
	if err := smtp.SendMail(m.SMTPAddr(), nil, "a@example.test", []string{to}, []byte(sample)); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, url, host string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		r.Host = host
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body), answer.Header
}

func TestMailIsReadAndServed(t *testing.T) {
	m := started(t)
	deliver(t, m, "First@example.test")
	deliver(t, m, "second@example.test")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	got, err := m.Wait(ctx, "first@EXAMPLE.test", 1)
	if err != nil {
		t.Fatal(err)
	}
	if got.Subject != "Réinitialisation" || !strings.Contains(got.Text, "2 3 8 3 9 2 é") || !strings.Contains(got.HTML, "<p>238392") {
		t.Errorf("read as %+v", got)
	}
	_, body, _ := get(t, m.URL()+"/api/messages", "")
	var listed []Message
	if err := json.Unmarshal([]byte(body), &listed); err != nil || len(listed) != 2 || listed[0].To[0] != "second@example.test" {
		t.Errorf("the JSON is not newest first: %v %s", err, body)
	}
}

// A mail's HTML is somebody else's: it may not run anything in the mailbox's origin.
func TestHTMLIsShownWithoutScripts(t *testing.T) {
	m := started(t)
	deliver(t, m, "b@example.test")
	_, body, header := get(t, m.URL()+"/message/1/html", "")
	if !strings.Contains(body, "<p>238392") {
		t.Fatalf("the HTML part is not shown: %s", body)
	}
	policy := header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "sandbox") || strings.Contains(policy, "allow-scripts") || strings.Contains(policy, "allow-same-origin") {
		t.Errorf("policy %q lets the mail run scripts", policy)
	}
}

// DNS rebinding: a page elsewhere makes its own name resolve to loopback and reads the codes.
func TestAnotherHostIsRefused(t *testing.T) {
	m := started(t)
	if status, _, _ := get(t, m.URL()+"/api/messages", "evil.example.test"); status != http.StatusMisdirectedRequest {
		t.Errorf("another Host got %d", status)
	}
}

func TestBusyPortIsNamed(t *testing.T) {
	m := started(t)
	_, err := Start(m.SMTPAddr(), "127.0.0.1:0")
	if err == nil || !strings.Contains(err.Error(), m.SMTPAddr()) {
		t.Errorf("a busy port gives %v", err)
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("%v is no EADDRINUSE", err)
	}
	// The first listener is given back when the second fails.
	free := started(t)
	smtpAddr := free.SMTPAddr()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := Start(smtpAddr, m.httpAddr); err == nil || !strings.Contains(err.Error(), m.httpAddr) {
			t.Errorf("a busy page port gives %v", err)
		}
	}
}

// Whoever reaches the page reads the codes of everybody.
func TestOnlyLoopback(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "mailbox.example.test:0"} {
		if _, err := Start(addr, "127.0.0.1:0"); !errors.Is(err, ErrNotLoopback) {
			t.Errorf("SMTP on %s: %v", addr, err)
		}
		if _, err := Start("127.0.0.1:0", addr); !errors.Is(err, ErrNotLoopback) {
			t.Errorf("page on %s: %v", addr, err)
		}
	}
}

func TestCloseTwice(t *testing.T) {
	m := started(t)
	if err := errors.Join(m.Close(), m.Close()); err != nil {
		t.Error(err)
	}
}

func TestWait(t *testing.T) {
	m := started(t)
	second := make(chan Message, 1)
	go func() {
		got, _ := m.Wait(t.Context(), "b@example.test", 2)
		second <- got
	}()
	deliver(t, m, "b@example.test")
	deliver(t, m, "other@example.test") // wakes the one who waits, for nothing
	deliver(t, m, "b@example.test")
	if got := <-second; got.ID != 3 {
		t.Errorf("the second mail to an address is number %d", got.ID)
	}
	if mails := m.To("B@example.test"); len(mails) != 2 || mails[0].ID != 3 {
		t.Errorf("To gives %d mails, newest first", len(mails))
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Wait(ended, "b@example.test", 3); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting in vain ends with %v", err)
	}
}

func TestMailTooLarge(t *testing.T) {
	m := started(t)
	body := []byte("Subject: x\r\n\r\n" + strings.Repeat(strings.Repeat("a", 76)+"\r\n", maxMail/78+1))
	if err := smtp.SendMail(m.SMTPAddr(), nil, "a@example.test", []string{"b@example.test"}, body); err == nil {
		t.Error("a mail beyond the bound is taken")
	}
	if mails := m.Messages(); len(mails) != 0 {
		t.Errorf("%d mails kept", len(mails))
	}
}

func TestOldestGoFirst(t *testing.T) {
	m := started(t)
	for range maxMails + 1 {
		m.kept.add(Message{To: []string{"b@example.test"}})
	}
	if all := m.Messages(); len(all) != maxMails || all[len(all)-1].ID != 2 {
		t.Errorf("%d mails kept, oldest %d", len(all), all[len(all)-1].ID)
	}
}

// The count alone does not bound memory: 500 mails of 1 MiB are half a gigabyte.
func TestBytesAreBounded(t *testing.T) {
	var s shelf
	for range 100 {
		s.add(Message{size: maxMail})
	}
	if all := s.all(); len(all)*maxMail > maxBytes || all[0].ID != 100 {
		t.Errorf("%d mails of 1 MiB kept, the newest %d", len(all), all[0].ID)
	}
}
