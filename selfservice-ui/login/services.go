package login

import (
	"net/http"

	"efpconnect.example/internal/limit"
	"efpconnect.example/selfservice-ui/page"
)

// servicesView is the page of who is signed in.
type servicesView struct {
	Email    string
	Services []page.Link
}

func (h *Handler) getServices(w http.ResponseWriter, r *http.Request) error {
	session, found, asked, err := h.signedIn(r)
	if err != nil {
		return err
	}
	if !asked {
		return h.Guard.Client(r, limit.SessionClient) // says until when
	}
	if !found {
		http.Redirect(w, r, PathLogin, http.StatusSeeOther)
		return nil
	}
	return h.Pages.Write(w, r, page.Page{Template: "services", Heading: "services.heading", Title: "services.heading",
		View: servicesView{Email: session.Email, Services: h.Services}})
}
