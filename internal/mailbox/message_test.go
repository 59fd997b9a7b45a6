package mailbox

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for name, c := range map[string]struct {
		raw                 string
		subject, text, html string
	}{
		"plain": {"Subject: x\n\nbody\n", "x", "body\n", ""},
		"latin-1": {"Subject: =?iso-8859-1?q?=E9?=\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n=E9",
			"é", "é", ""},
		"base64":          {"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\nPGI+w6k8L2I+\n", "", "", "<b>é</b>"},
		"unknown charset": {"Content-Type: text/plain; charset=klingon\n\nqapla' \xff", "", "qapla' \ufffd", ""},
		"attachment": {"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nbody\n--x\n" +
			"Content-Type: text/plain\nContent-Disposition: attachment\n\nsecret\n--x--\n", "", "body", ""},
		"nested": {"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/alternative; boundary=y\n\n" +
			"--y\nContent-Type: text/plain\n\nbody\n--y\nContent-Type: text/html\n\n<p>\n--y--\n--x--\n", "", "body", "<p>"},
		// What cannot be read is said where it would be read.
		"unknown encoding": {"Content-Transfer-Encoding: rot13\n\nobql", "", "illisible", ""},
		"encoding of a part": {"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nbody\n--x\n" +
			"Content-Transfer-Encoding: rot13\n\nobql\n--x--\n", "", "body\n[la suite du mail est illisible", ""},
		"cut":       {"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nbody", "", "illisible", ""},
		"no header": {"\x00\x01\n", "", "illisible", ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := parse(strings.NewReader(strings.ReplaceAll(c.raw, "\n", "\r\n")))
			if m.Subject != c.subject || !strings.Contains(m.Text, c.text) || m.HTML != c.html {
				t.Errorf("read as %+v", m)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	m := parse(strings.NewReader("Received: one\r\nReceived: two\r\nX-Note: =?utf-8?q?=C3=A9?=\r\n\r\n"))
	if got := m.Headers["Received"]; len(got) != 2 || got[0] != "one" {
		t.Errorf("a header that comes twice: %q", got)
	}
	if got := m.Headers["X-Note"]; len(got) != 1 || got[0] != "é" {
		t.Errorf("an encoded header: %q", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Add("Subject: x\n\nbody")
	f.Add("Content-Transfer-Encoding: rot13\r\n\r\nx")
	f.Fuzz(func(_ *testing.T, raw string) { parse(strings.NewReader(raw)) })
}
