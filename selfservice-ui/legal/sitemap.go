package legal

import "efpconnect.example/selfservice-ui/page"

func (h *Handler) sitemap() page.Page {
	return page.Page{Template: "sitemap", Heading: "sitemap.heading", Title: "sitemap.heading", View: h.Facts}
}
