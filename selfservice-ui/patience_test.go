package ui_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/sitetest"
)

// Where Kratos is late, and right in the end.

// The service that knows leaked passwords is down: Kratos asks five times before it goes on, and a person must not be sent away
// meanwhile, or nobody could reset a password for as long as it lasts.
func TestBreachServiceDown(t *testing.T) {
	t.Parallel()
	site := sitetest.Start(t, sitetest.Options{
		Engine: func(e *kratosprocess.Options) {
			e.Overrides["selfservice.methods.password.config.haveibeenpwned_enabled"] = true
			e.Overrides["selfservice.methods.password.config.haveibeenpwned_host"] = "127.0.0.1:1" // nobody listens
		},
		Settings: func(s *settings.Settings) {
			defaults := settings.Defaults()
			s.KratosPasswordTimeout, s.RequestTimeout = defaults.KratosPasswordTimeout, defaults.RequestTimeout
		},
	})
	const address = "patience@example.test"
	_, b, code, _ := asked(t, site, address)
	must(t, b.Fill("code", code))
	must(t, b.Submit("Suivant"))
	choose(t, b, newPassword)
	before := time.Now()
	both, err := b.AtOnce(2, "Suivant") // a double click, longer than a lock lives without its holder
	must(t, err)
	if took := time.Since(before); took < 12*time.Second {
		t.Errorf("%s: Kratos did not wait for the service, so this proves nothing", took)
	}
	for _, b := range both {
		if b.URL.Path != "/reinitialisation/terminee" {
			t.Errorf("at %s: %d %.200s", b.URL.Path, b.Status, b.Text())
		}
	}
	posted := regexp.MustCompile(`"method":"POST","path":"/self-service/settings"[^\n]*started handling`)
	if n := len(posted.FindAllString(site.Record.KratosLog.String(), -1)); n != 1 {
		t.Errorf("the password was given to Kratos %d times", n)
	}
	if _, ok := site.Kratos.Login(t, address, newPassword); !ok {
		t.Error("the new password does not open")
	}
}

// Kratos queues the mail, then notes the address in the flow. Who presses the button in between must not be taken for nobody.
func TestLinkBeforeTheAddressIsNoted(t *testing.T) {
	var flow string
	var note sync.Once
	site := sitetest.Start(t, sitetest.Options{KratosURL: func(real string) string {
		target, err := url.Parse(real)
		must(t, err)
		forward := httputil.NewSingleHostReverseProxy(target)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			forward.ServeHTTP(w, r)
			if r.URL.Path == "/self-service/recovery/flows" {
				note.Do(func() {
					answer, err := http.Post(real+"/self-service/recovery?flow="+flow, "application/json",
						strings.NewReader(`{"method":"code","email":"personne@example.test"}`))
					if err == nil {
						answer.Body.Close()
					}
				})
			}
		}))
		t.Cleanup(server.Close)
		return server.URL
	}})
	var opened struct{ ID string }
	site.Kratos.Call(t, http.MethodGet, site.Kratos.PublicURL+"/self-service/recovery/api", nil, &opened)
	flow = opened.ID
	box, err := seal.New(site.Settings.Keys, time.Now)
	must(t, err)
	sealed, err := box.Seal("link suite", time.Hour, map[string]any{"id": flow, "opened": time.Now()})
	must(t, err)
	b := site.NewBrowser()
	must(t, b.Open("/reinitialisation/suite/"+sealed))
	if b.URL.Path != "/reinitialisation/code" || !strings.Contains(b.Text(), "personne@example.test") {
		t.Errorf("at %s: %d %.300s", b.URL.Path, b.Status, b.Text())
	}
}
