package ui_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"efpconnect.example/internal/testkit/chromiumtest"
	"efpconnect.example/internal/testkit/kratostest"
	ui "efpconnect.example/selfservice-ui"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/page"
)

// pictured is a site with everything an administrator can set, so that every page is as full as it can be.
var pictured = page.Site{
	Ministry: []string{"Ministère", "du Travail,", "du Plein emploi", "et de l’Insertion"}, Service: "EFP Connect", Environment: "RCT", Languages: page.Languages,
	Assistance: "https://assistance.example.test/", Contacts: "https://assistance.example.test/contacts",
	CreateAccount: "https://assistance.example.test/creer", Feedback: "https://jedonnemonavis.example.test/", OldPortal: "Mes Démarches", MailSender: "no-reply@example.test",
	Own: page.Own{
		Accessibility:      "/accessibilite",
		Notice:             "/mentions-legales",
		Personal:           "/donnees-personnelles",
		Cookies:            "/cookies",
		AccessibilityState: "none",
	},
}

// samples serves every sample at /NAME with the headers of the real site, in the DSFR's look or the plain one.
func samples(t *testing.T, dsfr bool) *httptest.Server {
	t.Helper()
	pages, err := page.NewRenderer(pictured, ui.Templates()...)
	if err != nil {
		t.Fatal(err)
	}
	if dsfr && !pages.Assets.DSFR {
		kratostest.Missing(t, "the DSFR's files (make assets)")
	}
	pages.Assets.DSFR = dsfr
	log := slog.New(slog.DiscardHandler)
	door := &page.ErrorHandler{Pages: pages, Log: log}
	routes := http.NewServeMux()
	routes.Handle(page.AssetPrefix, pages.Assets)
	for _, sample := range ui.Samples() {
		routes.Handle("GET /"+sample.Name, door.Handle(func(w http.ResponseWriter, r *http.Request) error {
			return pages.Write(w, r, sample.Page)
		}))
	}
	// The page that sends itself stays in sight where the answer has no content.
	routes.HandleFunc("POST /service-post", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	server := httptest.NewUnstartedServer(nil)
	address := &url.URL{Scheme: "http", Host: server.Listener.Addr().String()}
	guard := &browser.Guard{PublicURL: address, Timeout: time.Minute, MaxBody: 1 << 10, Languages: page.Languages[:1], Log: log, Errors: door}
	server.Config.Handler = guard.Wrap(routes)
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// Nobody looks at fifty pages in four ways after each change: axe and a ruler do, and leave the pictures to who mends one.
func TestEveryPageInEveryLook(t *testing.T) {
	type look struct {
		width int64
		dark  bool
		rules []string // of axe; none: all
	}
	colours := []string{"color-contrast"} // all that differs from the look before it
	for name, looks := range map[string][]look{
		"dsfr":  {{320, false, nil}, {320, true, colours}, {1280, true, nil}, {1280, false, colours}},
		"plain": {{320, false, nil}, {1280, true, nil}}, // the look of who has no right to the DSFR, or no network
	} {
		t.Run(name, func(t *testing.T) {
			site, b := samples(t, name == "dsfr"), chromiumtest.Start(t)
			for _, sample := range ui.Samples() {
				b.Look(chromiumtest.Light())
				visit(t, b, site.URL, sample)
				for _, l := range looks {
					theme, option := "light", chromiumtest.Light()
					if l.dark {
						theme, option = "dark", chromiumtest.Dark()
					}
					b.Look(option, chromiumtest.Viewport(l.width, 900))
					b.Until(`document.documentElement.dataset.frTheme === "` + theme + `"`)
					judge(t, b, fmt.Sprintf("%s-%s-%d-%s", name, sample.Name, l.width, theme), l.rules...)
				}
			}
			if refused := b.Refused(); len(refused) != 0 {
				t.Errorf("the Content-Security-Policy refused %q", refused)
			}
		})
	}
}

// visit opens a sample. The page of an error would pass every rule, too: the status tells that it is not one.
func visit(t *testing.T, b *chromiumtest.Browser, site string, sample page.Sample) {
	t.Helper()
	if status := b.Open(site + "/" + sample.Name); status != sample.Page.StatusCode() {
		t.Errorf("%s answers %d, not %d", sample.Name, status, sample.Page.StatusCode())
	}
}

func judge(t *testing.T, b *chromiumtest.Browser, name string, rules ...string) {
	t.Helper()
	b.Screenshot("site/" + name)
	for _, violation := range b.Axe(rules...) {
		t.Errorf("%s: %s", name, violation)
	}
	if wide := b.Overflowing(); wide != nil {
		t.Errorf("%s sticks out: %q", name, wide)
	}
}
