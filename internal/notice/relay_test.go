package notice

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"efpconnect.example/internal/email"
	"efpconnect.example/internal/store"
)

// A relay that takes the mail and hangs up without a farewell has the mail: it is not handed over again.
func TestRelayHangsUp(t *testing.T) {
	address, taken := rudeRelay(t)
	k := &kit{}
	n, err := New(Options{SMTP: "smtp://" + address, Texts: texts, Store: store.NewMemory(100, time.Now), Log: slog.New(slog.NewTextHandler(k, nil))})
	if err != nil {
		t.Fatal(err)
	}
	n.Changed(t.Context(), "a change", "account", email.MustParse(person), when)
	closed(t, n)
	if taken.Load() != 1 || !strings.Contains(k.log.String(), "handed to the relay") {
		t.Errorf("the relay took %d mails; the log says\n%s", taken.Load(), &k.log)
	}
}

// rudeRelay closes the connection where it should answer QUIT, and counts the mails that it took.
func rudeRelay(t *testing.T) (address string, taken *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	taken = new(atomic.Int64)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go speak(c, taken)
		}
	}()
	return l.Addr().String(), taken
}

func speak(c net.Conn, taken *atomic.Int64) {
	defer c.Close()
	fmt.Fprint(c, "220 relay\r\n")
	for inMail, lines := false, bufio.NewScanner(c); lines.Scan(); {
		switch line := lines.Text(); {
		case inMail && line == ".":
			taken.Add(1)
			inMail = false
			fmt.Fprint(c, "250 queued\r\n")
		case inMail:
		case line == "DATA":
			inMail = true
			fmt.Fprint(c, "354 go on\r\n")
		case line == "QUIT":
			return
		default:
			fmt.Fprint(c, "250 yes\r\n")
		}
	}
}
