package registration

import (
	"errors"
	"net/http"

	"github.com/gorilla/mux"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/mailedcode"
	"efpconnect.example/selfservice-ui/page"
)

func (h *Handler) links() mailedcode.Links {
	return mailedcode.Links{Box: h.Box, Purpose: "link creation", Life: h.Times.Flow}
}

// getLink continues the button's flow in this browser. A mail scanner may follow it too: it changes nothing but the
// cookie of whoever follows, and it spends nothing.
func (h *Handler) getLink(w http.ResponseWriter, r *http.Request) error {
	linked, err := h.linked(r)
	if err != nil {
		return err
	}
	mine, ok := h.current(r)
	underWay := ok && h.UnderWay(mine.Flow)
	same := ok && h.Account(mine.Email) == h.Account(linked.Email)
	switch {
	case ok && mine.ID == linked.ID:
		// Further along or not, it stays where it is; its forms in other tabs stay good.
		mine.ByMail = true
		return h.SaveAndRedirect(w, r, mine)
	case underWay && same && mine.Token != "" && h.Now().Before(mine.Until):
		return h.SaveAndRedirect(w, r, mine)
	case underWay && same:
		linked.Names = mine.Names // of this very browser
	case underWay:
		view := mailedcode.LeaveView{Current: mine.Email.Display(), Linked: linked.Email.Display(), Path: mine.Path()}
		return h.Pages.Write(w, r, page.Page{Template: "link", Heading: heading, Title: "link.title", View: view})
	}
	return h.SaveAndRedirect(w, r, linked)
}

// postLink leaves the flow under way for the button's.
func (h *Handler) postLink(w http.ResponseWriter, r *http.Request) error {
	linked, err := h.linked(r)
	if err != nil {
		return err
	}
	return h.SaveAndRedirect(w, r, linked)
}

// linked is the button's flow, once it is known to be still open.
func (h *Handler) linked(r *http.Request) (flow, error) {
	if err := h.Guard.Client(r, limit.LinkClient); err != nil {
		return flow{}, err
	}
	l, err := h.links().Open(mux.Vars(r)["link"])
	switch {
	case errors.Is(err, mailedcode.ErrLinkOver):
		return flow{}, errLinkOver
	case err != nil:
		return flow{}, errLinkForged
	}
	at, err := h.Kratos.RegistrationAt(r.Context(), l.ID)
	if err != nil {
		return flow{}, err
	}
	if at.State == kratos.Expired || at.State == kratos.Unknown || at.Email.IsZero() {
		return flow{}, errLinkOver
	}
	if mine, ok := h.current(r); at.State == kratos.Passed && (!ok || mine.ID != l.ID) {
		return flow{}, errUsed
	}
	f := newFlow(l.ID, at.Email, Names{}, l.Opened, l.ReturnTo)
	f.ByMail, f.Device = true, browser.Device(r.UserAgent())
	return f, nil
}
