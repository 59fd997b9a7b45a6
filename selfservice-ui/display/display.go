// Package display is « Paramètres d’affichage »: the theme and the language of the pages, kept in two cookies that say nothing of a
// person. Package page reads them. It works by a form, without JavaScript.
package display

import (
	"cmp"
	"embed"
	"net/http"
	"net/url"
	"slices"

	"github.com/gorilla/mux"

	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

// Path is the page's.
const Path = sitepath.Display

// Templates holds the page.
//
//go:embed *.html
var Templates embed.FS

// Handler is the page. Secure tells that the site is on https.
type Handler struct {
	Pages     *page.Renderer
	Errors    *page.ErrorHandler
	Languages []string // offered
	Secure    bool
}

// view is the page.
type view struct {
	Theme, Language string // chosen
	Choice          bool   // several languages are offered
	BackURL         string // where the person came from, "" where that is not known
}

// Mount adds the routes.
func (h *Handler) Mount(r *mux.Router) {
	r.Handle(Path, h.Errors.Handle(h.get)).Methods(http.MethodGet, http.MethodHead)
	r.Handle(Path, h.Errors.Handle(h.post)).Methods(http.MethodPost)
}

func (h *Handler) get(w http.ResponseWriter, r *http.Request) error {
	return h.Pages.Write(w, r, displayPage(view{Theme: page.Theme(r), Language: page.Language(r), Choice: len(h.Languages) > 1, BackURL: from(r)}))
}

func displayPage(v view) page.Page {
	return page.Page{Template: "display", Heading: "display.heading", Title: "display.heading", View: v}
}

// post keeps what was chosen, and leads back. What is none of the choices is the system's, or the browser's.
func (h *Handler) post(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return page.BadForm(err, page.Action{Label: "way.login", URL: sitepath.Login})
	}
	if r.PostForm.Has("theme") {
		h.keep(w, page.CookieTheme, r.PostForm.Get("theme"), page.Themes)
	}
	if r.PostForm.Has("langue") {
		h.keep(w, page.CookieLanguage, r.PostForm.Get("langue"), h.Languages)
	}
	http.Redirect(w, r, cmp.Or(ownPath(r.PostForm.Get("retour")), from(r), sitepath.Login), http.StatusSeeOther)
	return nil
}

func (h *Handler) keep(w http.ResponseWriter, name, value string, choices []string) {
	c := page.PreferenceCookie(name, value, h.Secure)
	if !slices.Contains(choices, value) {
		c.Value, c.MaxAge = "", -1
	}
	http.SetCookie(w, c)
}

// from is the page of this site that the person came from, "" where no browser says so.
func from(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host || u.Path == Path || u.Path == "" {
		return ""
	}
	return (&url.URL{Path: u.Path, RawQuery: u.RawQuery}).String()
}

// ownPath is an address of this site, "" for any other.
func ownPath(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || len(u.Path) == 0 || u.Path[0] != '/' || len(u.Path) > 1 && (u.Path[1] == '/' || u.Path[1] == '\\') {
		return ""
	}
	return u.String()
}

// Samples is the page.
func Samples() []page.Sample {
	return []page.Sample{{Name: "display", Page: displayPage(view{Language: "fr", Choice: true, BackURL: sitepath.Login})}}
}
