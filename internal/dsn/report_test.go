package dsn

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// mail is a report as servers write it: the machine's part and the returned headers are given.
func mail(status, returned string) string {
	return "From: MAILER-DAEMON@relay.example.test\nTo: retours@example.test\nSubject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n" +
		"Auto-Submitted: auto-replied\nContent-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"b/relay\"\n\nThis is a MIME-encapsulated message.\n\n" +
		"--b/relay\nContent-Type: text/plain; charset=us-ascii\n\nThe mail could not be delivered.\n\n" +
		"--b/relay\nContent-Type: message/delivery-status\n\n" + status + "\n--b/relay\n" + returned + "\n--b/relay--\n"
}

const headers = "Content-Type: text/rfc822-headers\n\nSubject: Votre compte\nMessage-ID: <k7.1@example.test>\nTo: camille@example.org\n"

func TestRead(t *testing.T) {
	for _, c := range []struct {
		why, mail string
		want      Report
		unknown   bool
	}{
		{
			why: "Postfix",
			mail: mail("Reporting-MTA: dns; relay.example.test\nX-Postfix-Queue-ID: 4ZkQ\nX-Postfix-Sender: rfc822; retours@example.test\n"+
				"Arrival-Date: Mon, 30 Nov 2026 10:32:00 +0100 (CET)\n\nFinal-Recipient: rfc822; camille@example.org\n"+
				"Original-Recipient: rfc822;camille@example.org\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.example.org\n"+
				"Diagnostic-Code: smtp; 550 5.1.1 <camille@example.org>: Recipient address\n    rejected: User unknown\n", headers),
			want: Report{MessageID: "k7.1@example.test", Reporter: "relay.example.test", Recipients: []Recipient{{
				Address: "camille@example.org", Original: "camille@example.org", Action: Failed, Status: "5.1.1", Code: 550, Remote: "mx.example.org",
				Diagnostic: "550 5.1.1 <camille@example.org>: Recipient address rejected: User unknown"}}},
			unknown: true,
		},
		{
			why: "Exchange: a diagnostic with its number after a sign, an envelope id, the whole mail returned",
			mail: mail("Original-Envelope-Id: 7\nReporting-MTA: dns;mail.example.org\n\nFinal-Recipient: rfc822;camille@example.org\nAction: Failed\n"+
				"Status: 5.2.2\nDiagnostic-Code: smtp;#552 5.2.2 mailbox full\nX-Display-Name: Camille Serve\n",
				"Content-Type: message/rfc822\n\nMessage-Id: <k7.2@example.test>\n\nbody\n"),
			want: Report{MessageID: "k7.2@example.test", EnvelopeID: "7", Reporter: "mail.example.org", Recipients: []Recipient{{
				Address: "camille@example.org", Action: Failed, Status: "5.2.2", Code: 552, Diagnostic: "#552 5.2.2 mailbox full"}}},
		},
		{
			why: "two recipients, one only late; no headers returned; a line that is no field; a comment after the status",
			mail: mail("Reporting-MTA: dns; relay.example.test\nthis is no field\n\nFinal-Recipient: rfc822; <a@example.org>\nAction: delayed\nStatus: 4.4.1 (no answer)\n\n"+
				"Final-Recipient: rfc822; b@example.org\nAction: failed\nStatus: none\nDiagnostic-Code: X-Unix; 67\n", ""),
			want: Report{Reporter: "relay.example.test", Recipients: []Recipient{
				{Address: "a@example.org", Action: Delayed, Status: "4.4.1"},
				{Address: "b@example.org", Action: Failed, Diagnostic: "67"}}},
		},
		{
			why:  "the machine's part in base64, no empty line before the recipient",
			mail: strings.Replace(mail("UmVwb3J0aW5nLU1UQTogZG5zO2EKRmluYWwtUmVjaXBpZW50OiByZmM4MjI7YUBleGFtcGxlLm9yZwpBY3Rpb246IGZhaWxlZAo=\n", headers), "message/delivery-status\n", "message/delivery-status\nContent-Transfer-Encoding: base64\n", 1),
			want: Report{MessageID: "k7.1@example.test", Reporter: "a", Recipients: []Recipient{{Address: "a@example.org", Action: Failed}}},
		},
		{
			why:  "an address beyond ASCII (RFC 6533), lines that end in CRLF",
			mail: strings.ReplaceAll(strings.Replace(mail("Reporting-MTA: dns;a\n\nFinal-Recipient: utf-8; zoé@example.org\nAction: failed\nStatus: 5.1.10\n", headers), "message/delivery-status", "message/global-delivery-status", 1), "\n", "\r\n"),
			want: Report{MessageID: "k7.1@example.test", Reporter: "a", Recipients: []Recipient{{Address: "zoé@example.org", Action: Failed, Status: "5.1.10"}}}, unknown: true,
		},
	} {
		got, err := Read(strings.NewReader(c.mail))
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		got.Arrived = c.want.Arrived
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.why, diff)
		} else if got.Recipients[0].Unknown() != c.unknown {
			t.Errorf("%s: an address that does not exist: %v", c.why, !c.unknown)
		}
	}
}

// A report that is cut says what it says up to there; what is none is told apart from a disk that fails.
func TestWhatIsNone(t *testing.T) {
	whole := mail("Reporting-MTA: dns;a\n\nFinal-Recipient: rfc822;a@example.org\nAction: failed\n", headers)
	if got, err := Read(strings.NewReader(whole[:strings.Index(whole, "Message-ID")])); err != nil || len(got.Recipients) != 1 || got.MessageID != "" {
		t.Errorf("a report that is cut: %+v, %v", got, err)
	}
	for why, text := range map[string]string{
		"nothing":            "",
		"a person's answer":  "From: camille@example.org\nSubject: Re: Votre compte\n\nBonjour",
		"an absence":         "From: camille@example.org\nAuto-Submitted: auto-replied\nContent-Type: text/plain\n\nJe suis absente.",
		"a read receipt":     strings.Replace(whole, "message/delivery-status\n", "message/disposition-notification\n", 1),
		"no recipient":       mail("Reporting-MTA: dns;a\n", headers),
		"no mail":            "\x00\x01\x02",
		"a complaint of ARF": strings.ReplaceAll(whole, "message/delivery-status", "message/feedback-report"),
	} {
		if got, err := Read(strings.NewReader(text)); !errors.Is(err, ErrNoReport) {
			t.Errorf("%s: %+v, %v", why, got, err)
		}
	}
	broken := errors.New("the disk")
	if _, err := Read(io.MultiReader(strings.NewReader(whole[:200]), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("a disk that fails: %v", err)
	}
}

func TestUnknown(t *testing.T) {
	for _, c := range []struct {
		status string
		code   int
		want   bool
	}{{"5.1.1", 550, true}, {"5.1.2", 0, true}, {"5.2.1", 550, true}, {"5.2.2", 552, false}, {"5.7.1", 550, false}, {"4.4.7", 0, false},
		{"5.0.0", 550, true}, {"", 550, true}, {"", 554, false}, {"5.1.8", 501, false}} {
		if got := (Recipient{Action: Failed, Status: c.status, Code: c.code}).Unknown(); got != c.want {
			t.Errorf("%q %d: %v", c.status, c.code, got)
		}
	}
	if (Recipient{Action: Delayed, Status: "5.1.1"}).Unknown() {
		t.Error("a mail that is only late")
	}
}

// Strangers write to this mailbox. Whatever they send: no panic, bounded values, and a failure is only what says so.
func FuzzRead(f *testing.F) {
	f.Add(mail("Reporting-MTA: dns;a\n\nFinal-Recipient: rfc822;a@example.org\nAction: failed\nStatus: 5.1.1\n", headers))
	f.Add(mail(" folded: first\n\n\nFinal-Recipient:\n rfc822;\n a@b\nAction: FAILED", ""))
	f.Add("Content-Type: multipart/report; boundary=\n\n--\n")
	f.Fuzz(func(t *testing.T, text string) {
		report, err := Read(strings.NewReader(text))
		if err != nil && len(report.Recipients) > 0 || err == nil && (len(report.Recipients) == 0 || len(report.Recipients) > maxRecipients) {
			t.Fatalf("%+v, %v", report, err)
		}
		for _, r := range report.Recipients {
			if r.Address+r.Original == "" || len(r.Diagnostic) > maxText || len(r.Address) > maxText || r.Code != 0 && (r.Code < 200 || r.Code > 599) {
				t.Fatalf("%+v", r)
			}
		}
	})
}
