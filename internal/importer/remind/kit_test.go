package remind

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/kratos"
)

// campaignText is a campaign that a test changes.
const campaignText = `{version: 1, public_url: "https://efpconnect.example.test", assistance_url: "https://aide.example.test/", sender: no-reply@example.test,
return_path: retours@example.test, unsubscribe: desinscription@example.test, relay: "smtp://127.0.0.1:25", per_hour: 3600000, total_per_hour: 36000000}`

func campaign(t testing.TB, change func(*Campaign)) Campaign {
	t.Helper()
	c, err := ParseCampaign([]byte(campaignText))
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&c)
	}
	return c
}

// crowd is a Kratos that has any number of imported people and answers at once, by ids. Person n has the address that addressOf gives.
type crowd struct {
	address func(n int) string
	url     string

	mu    sync.Mutex
	reset map[int]bool      // have chosen a password
	when  map[int]time.Time // of those, where it matters
}

const source = "ici"

func personID(n int) uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[8:], uint64(n))
	return id
}

func personNumber(id uuid.UUID) int { return int(binary.BigEndian.Uint64(id[8:])) }

func (c *crowd) choose(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reset[n] = true
}

func (c *crowd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	c.mu.Lock()
	defer c.mu.Unlock()
	made := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	all := []map[string]any{}
	for _, text := range r.URL.Query()["ids"] {
		n := personNumber(uuid.MustParse(text))
		password := map[string]any{"created_at": made, "updated_at": made, "config": map[string]any{}}
		if c.reset[n] {
			at, set := c.when[n]
			if !set {
				at = made.Add(time.Hour)
			}
			password["updated_at"], password["config"] = at, map[string]any{"hashed_password": "x"}
		}
		all = append(all, map[string]any{"id": text, "state": "active", "created_at": made, "credentials": map[string]any{"password": password},
			"traits": map[string]any{"email": c.address(n)}, "metadata_admin": map[string]any{"legacy": map[string]any{"source": source, "id": fmt.Sprintf("%08d", n)}}})
	}
	if err := json.NewEncoder(w).Encode(all); err != nil {
		panic(err)
	}
}

// imported starts a crowd, and writes the journal that its import would have left.
func imported(t testing.TB, people int, address func(int) string) (*crowd, Options) {
	t.Helper()
	c := &crowd{address: address, reset: map[int]bool{}, when: map[int]time.Time{}}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.url = server.URL
	admin, err := kratos.NewAdmin(server.URL, kratos.AdminOptions{})
	if err != nil {
		t.Fatal(err)
	}
	accounts := make([]journal.Account, people)
	for n := range people {
		id := personID(n)
		accounts[n] = journal.Account{LegacyID: fmt.Sprintf("%08d", n), Identity: id[:], Run: 1}
	}
	return c, Options{Kratos: admin, Journal: journalOf(t, accounts), Campaign: campaign(t, nil)}
}

func journalOf(t testing.TB, accounts []journal.Account) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal.sqlite")
	j, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if _, err := j.Begin(t.Context(), source, false, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := j.TakeIn(t.Context(), accounts); err != nil {
		t.Fatal(err)
	}
	return path
}

// received is a mail as the relay took it.
type received struct{ to, text string }

// relayServer is an operator's relay. answer decides of each recipient, end of each mail; nil takes it.
type relayServer struct {
	url string

	mu     sync.Mutex
	sender func(from string) error
	answer func(to string) error
	end    func(to string) error
	mails  []received
}

// does changes what the relay answers, also while it runs.
func (r *relayServer) does(answer, end func(to string) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer, r.end = answer, end
}

// ask calls one of the relay's functions, read under its lock.
func (r *relayServer) ask(which func() func(string) error, text string) error {
	r.mu.Lock()
	f := which()
	r.mu.Unlock()
	if f == nil {
		return nil
	}
	return f(text)
}

func startRelay(t testing.TB) *relayServer {
	t.Helper()
	r := &relayServer{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(r)
	server.ErrorLog = quiet{}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	r.url = "smtp://" + listener.Addr().String()
	return r
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func (r *relayServer) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &relaySession{relay: r, conn: c}, nil
}

func (r *relayServer) taken() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]received{}, r.mails...)
}

type relaySession struct {
	relay *relayServer
	conn  *smtp.Conn
	to    string
}

func (s *relaySession) Mail(from string, _ *smtp.MailOptions) error {
	return s.relay.ask(func() func(string) error { return s.relay.sender }, from)
}

func (s *relaySession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return s.relay.ask(func() func(string) error { return s.relay.answer }, to)
}

func (s *relaySession) Data(body io.Reader) error {
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	s.relay.mu.Lock()
	s.relay.mails = append(s.relay.mails, received{s.to, string(text)})
	s.relay.mu.Unlock()
	err = s.relay.ask(func() func(string) error { return s.relay.end }, s.to)
	if errors.Is(err, errCut) {
		s.conn.Conn().Close()
	}
	return err
}

func (s *relaySession) Reset()        {}
func (s *relaySession) Logout() error { return nil }

// errCut makes the relay hang up where its answer should come.
var errCut = errors.New("cut")

func smtpError(code int, status [3]int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: status, Message: text}
}

// report is what a mail server sends back for a mail.
func report(to, messageID, status string) string {
	return "From: MAILER-DAEMON@relay.example.test\nTo: retours@example.test\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
		"--b\nContent-Type: text/plain\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example.test\n\n" +
		"Final-Recipient: rfc822; " + to + "\nAction: failed\nStatus: " + status + "\nDiagnostic-Code: smtp; 550 no\n\n" +
		"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <" + messageID + ">\n\n--b--\n"
}

// header is the value of a header of a mail that was taken, without angle brackets.
func header(m received, name string) string {
	read, err := mail.ReadMessage(strings.NewReader(m.text))
	if err != nil {
		return ""
	}
	return strings.Trim(strings.TrimSpace(read.Header.Get(name)), "<>")
}

func status(t testing.TB, o Options) Status {
	t.Helper()
	s, err := ReadStatus(t.Context(), o.Journal)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
