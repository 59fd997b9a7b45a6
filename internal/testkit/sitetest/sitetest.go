// Package sitetest gives a test the whole site in front of a real Kratos with a real mailbox, and a browser without
// JavaScript to walk it. Tests only.
package sitetest

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	mail "efpconnect.example/courier-templates"
	"efpconnect.example/internal/hydraprocess"
	"efpconnect.example/internal/instant"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/lifetime"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/mailbox"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/store"
	"efpconnect.example/internal/testkit/kratostest"
	ui "efpconnect.example/selfservice-ui"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/sitepath"
)

// Site is a running site.
type Site struct {
	URL         string
	Kratos      *kratostest.Kratos
	Hydra       *hydraprocess.Process // nil where no service speaks OpenID Connect
	Mailbox     *mailbox.Mailbox
	Store       store.Store
	Settings    settings.Settings
	Clock       *Clock
	Log         *Log
	HoneypotOff bool
	Faults      *Faults
	Record      *Record
	stop        context.CancelFunc
	ended       chan struct{}
}

// Options change what is started; nil functions change nothing.
type Options struct {
	Settings  func(*settings.Settings)
	Engine    func(*kratosprocess.Options)
	Failpoint func(point string)
	// KratosURL, given Kratos's own address, is what the site talks to instead: a proxy that misbehaves.
	KratosURL func(real string) string
	// Record, shared by several sites, notes what they show, use and log; nil is one of the site's own.
	Record *Record
	// Issuer is Hydra's public port as browsers know it, where a test has a front before it.
	Issuer string
	// HoneypotOn keeps the least time to fill a form in: the clock stands still but for what the script moves it on.
	HoneypotOn bool
}

// Start starts everything on free ports and stops it when the test ends.
func Start(t testing.TB, o Options) *Site {
	t.Helper()
	public, internal := listen(t), listen(t)
	s := &Site{URL: "http://" + public.Addr().String(), Clock: &Clock{}, Log: &Log{}, HoneypotOff: !o.HoneypotOn, ended: make(chan struct{})}
	if o.HoneypotOn { // a busy machine takes as long to send a form at once as a person to fill it in
		s.Clock.stopped = time.Now()
	}
	if s.Record = o.Record; s.Record == nil {
		s.Record = NewRecord()
	}
	s.Faults = &Faults{record: s.Record}
	s.Settings = defaults(s.URL)
	if o.Settings != nil {
		o.Settings(&s.Settings)
	}
	s.startHydra(t, o.Issuer)
	s.Record.Secret("hook key", s.Settings.HookKey)
	for _, key := range s.Settings.Keys {
		s.Record.Secret("site key", key)
	}
	s.Mailbox = mailboxFor(t)
	t.Cleanup(func() { s.Record.mailed(s) }) // before the mailbox closes, once Kratos has stopped
	s.Kratos = kratostest.Start(t, func(e *kratosprocess.Options) {
		e.SiteURL, e.SMTPAddr, e.HookKey = s.URL, s.Mailbox.SMTPAddr(), s.Settings.HookKey
		e.HookURL = s.Faults.hookFront(t, "http://"+internal.Addr().String()) + sitepath.PermitHook
		e.Log = io.MultiWriter(e.Log, &s.Record.KratosLog)
		e.Overrides["log.format"] = "json"
		e.Overrides["courier.smtp.from_address"] = s.Settings.MailSender // as package deployment does
		e.Templates = templates(t, s.Settings)
		origins := []string{s.URL}
		e.Overrides["selfservice.allowed_return_urls"] = append(origins, s.Settings.ReturnTo...)
		if o.Engine != nil {
			o.Engine(e)
		}
	})
	s.Settings.KratosURL = s.Faults.front(t, s.Kratos.PublicURL)
	if o.KratosURL != nil {
		s.Settings.KratosURL = o.KratosURL(s.Kratos.PublicURL)
	}
	s.serve(t, public, internal, o.Failpoint)
	return s
}

func (s *Site) serve(t testing.TB, public, internal net.Listener, reached func(string)) {
	t.Helper()
	log := slog.New(browser.LogHandler{Handler: slog.NewJSONHandler(io.MultiWriter(s.Log, &s.Record.Log), &slog.HandlerOptions{Level: slog.LevelDebug})})
	s.Store = newFlakyStore(func() store.Store { return store.NewMemory(s.Settings.StoreMax, s.Clock.Now) })
	spend := limit.Memory(s.Settings.StoreMax, s.Clock.Now)
	if s.Settings.RedisURL != "" {
		var err error
		if s.Store, spend, err = ui.OpenStore(s.Settings, log); err != nil {
			t.Fatal(err)
		}
	}
	var shared *instant.Shared // of the settings, where a test chooses one
	if s.Settings.AnswerAfter == answerAfter {
		shared = instant.New(LoginAfter, nil)
	}
	site, err := ui.New(s.Settings, ui.Parts{Instant: shared, Store: s.Store, Spend: spend, HoneypotOff: s.HoneypotOff, OnPage: s.Record.Shown, Log: log, Now: s.Clock.Now, Failpoint: reached})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	go func() {
		defer close(s.ended)
		_ = site.ServeOn(ctx, public, internal, s.Settings, log)
	}()
	t.Cleanup(s.Stop)
}

// Stop ends the site and leaves the rest running.
func (s *Site) Stop() {
	s.stop()
	<-s.ended
}

// Answers leave early, so that tests do not wait. A login waits longer: Kratos has to judge it by then on a busy machine too.
const (
	answerAfter = 60 * time.Millisecond
	LoginAfter  = 2 * time.Second
)

func defaults(url string) settings.Settings {
	// KratosTimeout outlives the five seconds that Kratos's courier and a request may wait for each other on SQLite.
	return settings.Settings{PublicURL: url, KratosTimeout: 12 * time.Second, SessionCookie: "ory_kratos_session", StoreMax: 100_000, KratosHashes: 6, ProofDifficulty: 2000,
		Keys: []string{seal.NewKey()}, HookKey: seal.NewKey(), Languages: []string{"fr"}, Ministry: "Ministère|du Travail,|du Plein emploi|et de l’Insertion",
		ServiceName: "EFP Connect", OldPortal: "Mes Démarches", AssistanceURL: "https://assistance.example.test/", MailSender: "no-reply@example.test",
		Services: []string{"Déclarer une formation=https://formation.example.test/"}, Notice: true,
		ResendAfter: time.Minute, AnswerAfter: answerAfter, RequestTimeout: 20 * time.Second, StopAfter: 5 * time.Second,
		BreakerFloor: limit.DefaultBreaker().Floor, BreakerPerDay: limit.DefaultBreaker().PerDay,
		SecurityContact:  "mailto:securite@example.test",
		Limits:           Wide(), // all journeys share one client; limits have scripts of their own
		EnvironmentLabel: "RCT", Legal: []string{"Mentions légales=https://assistance.example.test/mentions"}}
}

// Wide is every limit far away, for the setting limits.
func Wide() []string {
	var texts []string
	for _, rule := range limit.Defaults() {
		texts = append(texts, string(rule.Name)+"=1000000+1000000/1h")
	}
	return texts
}

func templates(t testing.TB, set settings.Settings) map[string][]byte {
	t.Helper()
	files, err := mail.Files(mail.Constants{PublicURL: set.PublicURL, EnvironmentLabel: set.EnvironmentLabel, Ministry: set.Ministry,
		ServiceName: set.ServiceName, AssistanceURL: set.AssistanceURL, Sender: set.MailSender, CodeLifetime: lifetime.Code})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func mailboxFor(t testing.TB) *mailbox.Mailbox {
	t.Helper()
	box, err := mailbox.Start("127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	return box
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Clock is the site's time: the machine's, moved on by what a test decides. Kratos keeps its own.
type Clock struct {
	stopped time.Time // where it stands still; zero: it runs

	mu    sync.Mutex
	ahead time.Duration
}

// Now is the site's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stopped.IsZero() {
		return c.stopped.Add(c.ahead)
	}
	return time.Now().Add(c.ahead)
}

// Advance moves the site's time on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// Log keeps what the site logs.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps one entry.
func (l *Log) Write(entry []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(entry)
}

// String is everything logged so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Since is what was logged after the first n bytes.
func (l *Log) Since(n int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text.Bytes()[n:])
}
