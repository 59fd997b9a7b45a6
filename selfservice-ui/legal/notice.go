package legal

import "efpconnect.example/selfservice-ui/page"

func (h *Handler) notice() page.Page {
	return page.Page{Template: "notice", Heading: "notice.heading", Title: "notice.heading", View: h.Facts}
}
