package formguard

import (
	"net/http"

	"efpconnect.example/internal/limit"
	"efpconnect.example/selfservice-ui/page"
)

// Write sends a page whose form passes the gate: it adds what the form asks. A page that asks something takes room in the
// store until its question expires, so a client gets so many of them: one machine must not fill the room of all.
func (g *Guard) Write(w http.ResponseWriter, r *http.Request, pages *page.Renderer, form string, ask Ask, p page.Page) error {
	if ask.Picture || ask.Proof {
		if err := g.Client(r, limit.PageClient); err != nil {
			return err
		}
	}
	before, err := g.Answered(r)
	if err != nil {
		return err
	}
	if p.Guard.Passed && before.Pass == "" {
		before.Pass = "kept" // with this very answer
	}
	guard, err := g.Question(r.Context(), form, ask, before)
	if err != nil {
		return err
	}
	p.Guard = guard
	return pages.Write(w, r, p)
}
