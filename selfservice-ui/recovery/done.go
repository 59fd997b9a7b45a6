package recovery

import (
	"errors"
	"net/http"
	"time"

	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/handoff"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

// doneView is the last page.
type doneView struct {
	recap
}

func (h *Handler) getDone(w http.ResponseWriter, r *http.Request) error {
	f, ok := h.current(r)
	if !ok {
		return h.noFlow(r)
	}
	if f.Path() != PathDone {
		http.Redirect(w, r, f.Path(), http.StatusSeeOther)
		return nil
	}
	return h.Pages.Write(w, r, page.Page{Template: "done", Heading: "reset.heading", Title: "done.title", View: doneView{f.recap()}})
}

// postDone is « Terminer ».
func (h *Handler) postDone(w http.ResponseWriter, r *http.Request) error {
	f, err := h.posted(r)
	if errors.Is(err, errNoFlow) || errors.Is(err, errEnded) { // pressed before: the way is behind this person, nothing has gone wrong
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
	if err := h.FinishedCookie.Set(w, finished{}); err != nil {
		return err
	}
	return h.Finish(w, r, handoff.Prefill{Identifier: f.Email.Display(), ReturnTo: f.ReturnTo, Changed: true})
}

// finished is the trace of a reset that came to its end in this browser, for who goes back to its pages: nothing of the person.
type finished struct{}

// FinishedCookie carries it.
func FinishedCookie(j browser.SealedCookie) *browser.SealedCookie {
	j.Name, j.TTL = "efp_terminee", 10*time.Minute
	return &j
}

// noFlow is what a step says to a browser that is in no flow. Whoever has just finished is not sent for another code.
func (h *Handler) noFlow(r *http.Request) error {
	if h.FinishedCookie.Get(r, new(finished)) {
		return errEnded
	}
	return errNoFlow
}
