package mailbox

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/testkit/chromiumtest"
)

func TestHosts(t *testing.T) {
	for host, own := range map[string]bool{
		"127.0.0.1:4436": true, "127.0.0.1": true, "localhost:4436": true, "localhost": true, "[::1]:4436": true,
		"evil.example.test": false, "evil.example.test:4436": false, "127.0.0.1.evil.example.test": false, "localhost.evil.example.test": false,
		"": false,
	} {
		if got := ownHost(host); got != own {
			t.Errorf("%q is own: %t", host, got)
		}
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	m := started(t)
	deliver(t, m, "b@example.test")
	for path, want := range map[string]int{
		"/": 200, "/message/1": 200, "/message/1/html": 200, "/api/messages": 200, "/style.css": 200,
		"/message/2": 404, "/message/x": 404, "/message/-1/html": 404, "/nothing": 404,
	} {
		status, _, header := get(t, m.URL()+path, "")
		if status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
		for name, value := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := header.Get(name); got != value {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if status, _, _ := get(t, m.URL()+path, "evil.example.test"); status != http.StatusMisdirectedRequest {
			t.Errorf("%s: another Host got %d", path, status)
		}
	}
}

// In the frame, a link of the mail must not lead where the site refuses to be shown.
func TestLinksOpenANewTab(t *testing.T) {
	m := started(t)
	m.kept.add(Message{HTML: `<html><HEAD lang="fr"><title>x</title></HEAD><body><a href="https://efpconnect.example.test">`})
	_, body, _ := get(t, m.URL()+"/message/1/html", "")
	if !strings.Contains(body, `<HEAD lang="fr"><base target="_blank"><title>`) {
		t.Errorf("no base: %s", body)
	}
}

// A mail came at the hour that it says itself: both are those of Paris, on a machine of any time zone.
func TestHoursOfParis(t *testing.T) {
	for utc, want := range map[string]string{"2026-11-26T02:38:16Z": "26/11/2026 à 03:38:16", "2026-07-31T22:00:00Z": "01/08/2026 à 00:00:00"} {
		came, err := time.Parse(time.RFC3339, utc)
		if err != nil {
			t.Fatal(err)
		}
		if got := at(came); got != want {
			t.Errorf("%s is shown as %s", utc, got)
		}
	}
}

// A subject is shown, not run.
func TestSubjectIsEscaped(t *testing.T) {
	m := started(t)
	m.kept.add(Message{Subject: "<script>alert(1)</script>", Text: "</pre><script>", Headers: map[string][]string{"X": {"<b>"}}})
	for _, path := range []string{"/", "/message/1"} {
		if _, body, _ := get(t, m.URL()+path, ""); strings.Contains(body, "<script>") || strings.Contains(body, "<b>") {
			t.Errorf("%s shows markup of the mail as its own", path)
		}
	}
}

func TestInABrowser(t *testing.T) {
	m := started(t)
	b := chromiumtest.Start(t, chromiumtest.Viewport(320, 640))
	b.Open(m.URL())
	b.See("Aucun message pour le moment")
	deliver(t, m, "camille.serve@example.test")
	for theme, option := range map[string]chromiumtest.Option{"light": chromiumtest.Light(), "dark": chromiumtest.Dark()} {
		b.Look(option)
		b.Open(m.URL())
		look(t, b, "list-"+theme)
		b.Submit("Réinitialisation")
		b.See("2 3 8 3 9 2 é") // the text part; what is in the frame is another document
		look(t, b, "message-"+theme)
	}
	if refused := b.Refused(); len(refused) != 0 {
		t.Errorf("our own policy refuses %q", refused)
	}
}

func look(t *testing.T, b *chromiumtest.Browser, name string) {
	t.Helper()
	for _, violation := range b.Axe() {
		t.Errorf("%s: %s", name, violation)
	}
	if out := b.Overflowing(); out != nil {
		t.Errorf("%s: sticks out: %q", name, out)
	}
	b.Screenshot("mailbox-" + name)
}
