// Package legal holds the pages that a State site owes its visitors and that this product alone can write: it knows what it keeps, for
// how long, and which cookies it sets. What it cannot know (who publishes, who hosts) is a setting, and an open one is marked on the
// page and fails kratos-config doctor.
//
//	/accessibilite             accessibility.go
//	/mentions-legales          notice.go
//	/donnees-personnelles      personal.go
//	/cookies                   cookies.go
//	/assistance                assistance.go
//	/plan-du-site              sitemap.go
//
// Only the server mounts it. An administrator may replace a page by an address of his own: the footer then leads there.
package legal

import (
	"embed"
	"net/http"

	"github.com/gorilla/mux"

	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

// Templates holds the pages.
//
//go:embed *.html
var Templates embed.FS

// The site's paths.
const (
	PathAccessibility = sitepath.Accessibility
	PathNotice        = sitepath.LegalNotice
	PathPersonal      = sitepath.PersonalData
	PathCookies       = sitepath.Cookies
	PathAssistance    = sitepath.Assistance
	PathSitemap       = sitepath.Sitemap
)

// Facts are what an administrator says, each in a line or a few words; "" is a hole, and the page says so.
type Facts struct {
	PublicURL  string
	Publisher  string // name and postal address
	Director   string // of the publication
	Host       string // name, postal address, telephone
	Controller string // who answers for the processing of personal data
	LegalBasis string // article 6 GDPR
	Recipients string
	DPO        string // how to reach the data protection officer

	AccessibilityContact string
	AccessibilityState   string // word key's end: none, partial, full

	AccountsKept, LogsKept, RelayKept, ImportKept string
}

// Handler is the pages.
type Handler struct {
	Pages  *page.Renderer
	Errors *page.ErrorHandler
	Facts  Facts
	Jars   []Cookie
}

// Mount adds the routes.
func (h *Handler) Mount(r *mux.Router) {
	for path, p := range h.pages() {
		r.Handle(path, h.Errors.Handle(func(w http.ResponseWriter, r *http.Request) error {
			return h.Pages.Write(w, r, p)
		})).Methods(http.MethodGet, http.MethodHead)
	}
}

func (h *Handler) pages() map[string]page.Page {
	return map[string]page.Page{
		PathAccessibility: h.accessibility(),
		PathNotice:        h.notice(),
		PathPersonal:      h.personal(),
		PathCookies:       h.cookies(),
		PathAssistance:    h.assistance(),
		PathSitemap:       h.sitemap(),
	}
}

// Paths are the pages' addresses.
func Paths() []string {
	return []string{PathAccessibility, PathNotice, PathPersonal, PathCookies, PathAssistance, PathSitemap}
}

// Samples is each page, filled in, and one with its holes open.
func Samples() []page.Sample {
	full := Handler{Jars: Cookies("ory_kratos_session"), Facts: Facts{
		PublicURL:            "https://connexion.example.test",
		Publisher:            "Direction de l’exemple, 1 rue de l’Exemple, 75000 Paris",
		Director:             "La directrice de l’exemple",
		Host:                 "Hébergeur de l’exemple, 2 rue de l’Exemple, 75000 Paris, 01 00 00 00 00",
		Controller:           "Direction de l’exemple",
		LegalBasis:           "mission d’intérêt public (article 6, 1, e du RGPD)",
		Recipients:           "les agents habilités de la Direction de l’exemple et son hébergeur",
		DPO:                  "dpo@example.test",
		AccessibilityContact: "accessibilite@example.test",
		AccessibilityState:   "none",
		AccountsKept:         "tant que le compte existe",
		LogsKept:             "6 mois",
		RelayKept:            "30 jours",
		ImportKept:           "jusqu’à la fin de la reprise",
	}}
	bare := Handler{Facts: Facts{AccessibilityState: "none"}}
	return []page.Sample{
		{Name: "accessibility", Page: full.accessibility()},
		{Name: "legal-notice", Page: full.notice()},
		{Name: "personal-data", Page: full.personal()},
		{Name: "cookies", Page: full.cookies()},
		{Name: "assistance", Page: full.assistance()},
		{Name: "sitemap", Page: full.sitemap()},
		{Name: "legal-notice-holes", Page: bare.notice()},
		{Name: "personal-data-holes", Page: bare.personal()},
	}
}
