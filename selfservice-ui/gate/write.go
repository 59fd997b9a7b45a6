package gate

import (
	"net/http"

	"efpconnect.example/selfservice-ui/page"
)

// Write sends a page whose form passes the gate: it adds what the form asks.
func (g *Gate) Write(w http.ResponseWriter, r *http.Request, pages *page.Renderer, form string, ask Ask, p page.Page) error {
	guard, err := g.Question(r.Context(), form, ask)
	if err != nil {
		return err
	}
	p.Guard = guard
	return pages.Write(w, r, p)
}
