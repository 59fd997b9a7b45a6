package registration

import (
	"net/http"

	"efpconnect.example/selfservice-ui/handoff"
	"efpconnect.example/selfservice-ui/page"
)

// existsView is what is said to who has proved an address that has an account. Kratos tells neither its state nor where it comes from,
// so it is one page for all of them.
type existsView struct {
	Made bool // the account may be this flow's: an answer was lost
}

// getExists leads to the reset with the address filled in. A code of the reset is the only way into an account without its
// password: the code that was typed here opens none at Kratos.
func (h *Handler) getExists(w http.ResponseWriter, r *http.Request) error {
	f, moved, err := h.at(w, r, PathExists)
	if err != nil || moved {
		return err
	}
	if err := h.prefill(w, f); err != nil {
		return err
	}
	return h.Pages.Write(w, r, existsPage(existsView{Made: f.Made}))
}

func existsPage(view existsView) page.Page {
	return page.Page{Template: "exists", Heading: heading, Title: "title.register", View: view}
}

// prefill hands the identifier to the login and the reset. Who has proved the mailbox proves nothing else within minutes.
func (h *Handler) prefill(w http.ResponseWriter, f flow) error {
	if f.Exists || f.Token != "" {
		if err := h.Guard.Grant(w); err != nil {
			return err
		}
	}
	return h.PrefillCookie.Set(w, handoff.Prefill{Identifier: f.Email.Display(), ReturnTo: f.ReturnTo})
}
