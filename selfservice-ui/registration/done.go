package registration

import (
	"errors"
	"net/http"

	"efpconnect.example/selfservice-ui/handoff"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

// doneView is the last page.
type doneView struct{ Handle string }

func (h *Handler) getDone(w http.ResponseWriter, r *http.Request) error {
	f, moved, err := h.at(w, r, PathDone)
	if err != nil || moved {
		return err
	}
	return h.Pages.Write(w, r, donePage(f))
}

func donePage(f flow) page.Page {
	return page.Page{Template: "registered", Heading: heading, Title: "register.done_title", View: doneView{f.Handle}}
}

// postDone is « Terminer ».
func (h *Handler) postDone(w http.ResponseWriter, r *http.Request) error {
	f, err := h.posted(r)
	if errors.Is(err, errNone) { // pressed before: the way is behind this person, nothing has gone wrong
		http.Redirect(w, r, sitepath.Login, http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	if f.Path() != PathDone {
		http.Redirect(w, r, f.Path(), http.StatusSeeOther)
		return nil
	}
	return h.Finish(w, r, handoff.Prefill{Identifier: f.Email.Display(), ReturnTo: f.ReturnTo, Created: true})
}
