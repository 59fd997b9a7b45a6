package legal

import "efpconnect.example/selfservice-ui/page"

// A Cookie is one that the site sets: its name, what it is for and how long it lives (word keys).
type Cookie struct {
	Name string
	For  string
	Life string
}

// Cookies are all of them.
func Cookies(session string) []Cookie {
	return []Cookie{
		{Name: session, For: "cookies.for_session", Life: "cookies.life_session"},
		{Name: "efp_reinitialisation", For: "cookies.for_flow", Life: "cookies.life_flow"},
		{Name: "efp_creation", For: "cookies.for_creation", Life: "cookies.life_flow"},
		{Name: "efp_visite", For: "cookies.for_visit", Life: "cookies.life_session"},
		{Name: "efp_connexion", For: "cookies.for_visit", Life: "cookies.life_session"},
		{Name: "efp_identifiant", For: "cookies.for_identifier", Life: "cookies.life_minutes"},
		{Name: "efp_reponse_…", For: "cookies.for_reply", Life: "cookies.life_minutes"},
		{Name: "efp_verifie", For: "cookies.for_pass", Life: "cookies.life_minutes"},
		{Name: "efp_terminee", For: "cookies.for_ended", Life: "cookies.life_minutes"},
		{Name: page.CookieLanguage, For: "cookies.for_display", Life: "cookies.life_year"},
		{Name: page.CookieTheme, For: "cookies.for_display", Life: "cookies.life_year"},
		{Name: "efp_service", For: "cookies.for_service", Life: "cookies.life_session"},
		{Name: "efp_openid", For: "cookies.for_service", Life: "cookies.life_session"},
		{Name: "efp_appareil", For: "cookies.for_device", Life: "cookies.life_device"},
	}
}

type cookiesView struct{ Jars []Cookie }

func (h *Handler) cookies() page.Page {
	return page.Page{Template: "cookies", Heading: "cookies.heading", Title: "cookies.heading", View: cookiesView{h.Jars}}
}
