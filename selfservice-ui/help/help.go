// Package help is the user's guide as a page of the site: what to do at the first login, step by step.
//
//	/aide/premiere-connexion      help.go
//
// Only the server mounts it. Its sentences are those of the guide, in words/; its pictures are drawn from the same words.
package help

import (
	"embed"
	"net/http"

	"github.com/gorilla/mux"

	"efpconnect.example/internal/password"
	"efpconnect.example/selfservice-ui/page"
)

// Templates holds the page.
//
//go:embed *.html
var Templates embed.FS

// Path is where the guide is.
const Path = "/aide/premiere-connexion"

// Handler is the guide.
type Handler struct {
	Pages *page.Renderer
	Door  *page.Door
}

// Mount adds the route.
func (h *Handler) Mount(r *mux.Router) {
	r.Handle(Path, h.Door.Handle(h.show)).Methods(http.MethodGet, http.MethodHead)
}

func (h *Handler) show(w http.ResponseWriter, r *http.Request) error {
	return h.Pages.Write(w, r, guide())
}

func guide() page.Page {
	return page.Page{Template: "help", Heading: "help.heading", Title: "help.heading", View: password.Default()}
}

// Samples is the page.
func Samples() []page.Sample { return []page.Sample{{Name: "help", Page: guide()}} }
