package ui

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/display"
	"efpconnect.example/selfservice-ui/help"
	"efpconnect.example/selfservice-ui/legal"
	"efpconnect.example/selfservice-ui/login"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/recovery"
	"efpconnect.example/selfservice-ui/sitepath"
)

// routes is the site map. Each package mounts its own pages and documents them in its doc.go:
//
//	/                          → /connexion
//	/connexion                 login
//	/services                  login: who is signed in
//	/deconnexion               login
//	/reinitialisation…         recovery: the three steps, the mail's link, the last page
//	/creer-un-compte…          registration: its three steps, the mail's link, the last page
//	/aide/premiere-connexion   help: the user's guide
//	/cas/…                     cas: sign-in to services, under each of the setting cas_prefixes
//	/connexion/service         consent: sign-in to services by OpenID Connect; /consentement, /deconnexion?logout_challenge=…
//	/accessibilite …           legal: what a State site owes its visitors
//	/affichage                 display: theme and language
//	/securite/…                formguard: the security code as a picture and as a sound
//	/static/…                  page: style sheets, scripts, fonts
//	…/, /aide                  → the page that whoever typed it means
//	/robots.txt                nothing to index
//	/.well-known/…             change-password, security.txt
func (s *Site) routes() http.Handler {
	r := mux.NewRouter()
	r.Use(browser.NoteRoute)
	r.Handle("/", http.RedirectHandler(login.PathLogin, http.StatusSeeOther))
	if s.consent != nil {
		s.consent.Mount(r) // before the login: it takes the log-outs that have a challenge
	}
	s.login.Mount(r)
	s.recovery.Mount(r)
	if s.registration != nil {
		s.registration.Mount(r)
	}
	if s.cas != nil {
		s.cas.Mount(r)
	}
	(&help.Handler{Pages: s.pages, Errors: s.errors, ReturnTo: s.recovery.ReturnTo, Asks: s.forms.Asks, Paper: s.paper}).Mount(r)
	s.legal.Mount(r)
	(&display.Handler{Pages: s.pages, Errors: s.errors, Languages: s.pages.Site.Languages, Secure: s.secure}).Mount(r)
	s.forms.Mount(r, s.errors)
	mountTyped(r)
	r.PathPrefix(page.AssetPrefix).Handler(s.pages.Assets).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc("/robots.txt", text("User-agent: *\nDisallow: /\n"))
	r.Handle("/.well-known/change-password", http.RedirectHandler(sitepath.Reset, http.StatusSeeOther))
	if s.securityContact != "" {
		r.HandleFunc("/.well-known/security.txt", s.securityText)
	}
	r.NotFoundHandler = s.refuse(http.StatusNotFound, "error.not_found")
	r.MethodNotAllowedHandler = s.refuse(http.StatusMethodNotAllowed, "error.method")
	return r
}

// mountTyped leads addresses that people type or copy a little wrong to the page. A form is not led on: it would lose what it
// brings.
func mountTyped(r *mux.Router) {
	typed := map[string]string{sitepath.HelpFolder: help.Path, sitepath.HelpFolder + "/": help.Path}
	for _, path := range slices.Concat(legal.Paths(), []string{display.Path, login.PathLogin, login.PathServices, help.Path,
		recovery.PathEmail, recovery.PathCode, recovery.PathPassword, recovery.PathDone}) {
		typed[path+"/"] = path
	}
	for from, to := range typed {
		r.HandleFunc(from, func(w http.ResponseWriter, r *http.Request) {
			target := url.URL{Path: to, RawQuery: r.URL.RawQuery}
			http.Redirect(w, r, target.String(), http.StatusSeeOther)
		}).Methods(http.MethodGet, http.MethodHead)
	}
}

// refuse is the page of an address or a method that the map does not have.
func (s *Site) refuse(status int, key string) http.Handler {
	return s.errors.Handle(func(http.ResponseWriter, *http.Request) error {
		return refusal(status, key)
	})
}

func refusal(status int, key string) *page.Message {
	heading := "error.heading"
	if status == http.StatusNotFound {
		heading = "error.not_found_heading"
	}
	return &page.Message{Status: status, Heading: heading, Text: key, Actions: []page.Action{{Label: "way.login", URL: login.PathLogin}}}
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(body))
	}
}

// securityText is RFC 9116; Expires must lie ahead, less than a year.
func (s *Site) securityText(w http.ResponseWriter, r *http.Request) {
	expires := s.now().AddDate(0, 6, 0).UTC().Format("2006-01-02T15:04:05Z")
	text("Contact: "+s.securityContact+"\nExpires: "+expires+"\nPreferred-Languages: "+strings.Join(page.Languages, ", ")+"\n")(w, r)
}
