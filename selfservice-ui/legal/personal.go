package legal

import "efpconnect.example/selfservice-ui/page"

func (h *Handler) personal() page.Page {
	return page.Page{Template: "personal", Heading: "personal.heading", Title: "personal.heading", View: h.Facts}
}
