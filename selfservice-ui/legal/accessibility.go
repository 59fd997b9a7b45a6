package legal

import "efpconnect.example/selfservice-ui/page"

func (h *Handler) accessibility() page.Page {
	return page.Page{Template: "accessibility", Heading: "accessibility.heading", Title: "accessibility.heading", View: h.Facts}
}
