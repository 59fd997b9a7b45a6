package dsn

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// collect reads what is new in a mailbox.
func collect(t *testing.T, m *Mailbox) (mails []string) {
	t.Helper()
	err := m.Next(func(r io.Reader) error {
		text, err := io.ReadAll(r)
		mails = append(mails, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return mails
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, path string) *Mailbox {
	t.Helper()
	m, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func same(t *testing.T, why string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", why, diff)
	}
}

func TestMaildir(t *testing.T) {
	path := filepath.Join(t.TempDir(), "Maildir")
	if _, err := Open(t.TempDir()); err == nil {
		t.Error("any folder is taken for a Maildir")
	}
	write(t, filepath.Join(path, "cur", "1.a.host:2,S"), "one")
	write(t, filepath.Join(path, "new", "2.b.host"), "two")
	m := open(t, path)
	same(t, "at first", collect(t, m), "two", "one")
	if err := os.Rename(filepath.Join(path, "new", "2.b.host"), filepath.Join(path, "cur", "2.b.host:2,S")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(path, "tmp", "4.d.host"), "half a ma")
	same(t, "a mail that somebody has read", collect(t, m))
	write(t, filepath.Join(path, "new", "3.c.host"), "three")
	failed := errors.New("full")
	if err := m.Next(func(io.Reader) error { return failed }); !errors.Is(err, failed) {
		t.Errorf("%v", err)
	}
	same(t, "a mail that could not be noted", collect(t, m), "three")
}

func TestMbox(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mbox")
	m := open(t, path)
	same(t, "not there yet", collect(t, m))
	const one, half = "From MAILER-DAEMON Mon Nov 30\nSubject: 1\n\n>From here on\n>>From him\n\n", "From MAILER-DAEMON Mon Nov 30\nSubject: 2\n\nha"
	write(t, path, one+half)
	same(t, "the second is being written", collect(t, m), "Subject: 1\n\nFrom here on\n>From him\n\n", "Subject: 2\n\nha")
	same(t, "nothing new", collect(t, m))
	write(t, path, one+half+"lf\n\n")
	same(t, "the second is whole", collect(t, m), "Subject: 2\n\nhalf\n\n")
	write(t, path, "From x\nSubject: 3\n\n")
	same(t, "another file", collect(t, m), "Subject: 3\n\n")
}

func TestPipe(t *testing.T) {
	for stream, want := range map[string][]string{
		"": nil,
		"Subject: 1\n\nFrom here on\n\nFrom there": {"Subject: 1\n\nFrom here on\n\nFrom there"},
		"From a\nA: 1\n\nFrom b\nA: 2\n":           {"A: 1\n\n", "A: 2\n"},
	} {
		var got []string
		if err := Split(strings.NewReader(stream), func(r io.Reader) error {
			text, err := io.ReadAll(r)
			got = append(got, string(text))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		same(t, stream, got, want...)
	}
}

// However a stream is written, mails lose nothing but their separators, and none is beyond the bound by more than a line.
func FuzzSplit(f *testing.F) {
	f.Add([]byte("From a\nA: 1\n\n>From b\n\nFrom c\n"))
	f.Add([]byte("A: 1\r\n\r\nFrom c\r\n"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		total := 0
		if err := Split(bytes.NewReader(stream), func(r io.Reader) error {
			n, err := io.Copy(io.Discard, r)
			total += int(n)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if mbox := bytes.HasPrefix(stream, []byte(fromLine)); total > len(stream) || !mbox && total != len(stream) {
			t.Fatalf("%d bytes of %d", total, len(stream))
		}
	})
}
