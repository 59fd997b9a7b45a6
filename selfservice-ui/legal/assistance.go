package legal

import "efpconnect.example/selfservice-ui/page"

func (h *Handler) assistance() page.Page {
	return page.Page{Template: "assistance", Heading: "assistance.heading", Title: "assistance.heading", View: h.Facts}
}
