package recovery

import (
	"errors"
	"net/http"
	"time"

	"efpconnect.example/internal/limit"
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
	if f.path() != PathDone {
		http.Redirect(w, r, f.path(), http.StatusSeeOther)
		return nil
	}
	return h.Pages.Write(w, r, page.Page{Template: "done", Heading: "reset.heading", Title: "done.title", View: doneView{f.recap()}})
}

// postDone is « Terminer »: it ends whatever session this browser still has (somebody else's, on a shared machine) and
// goes to the login page with the identifier filled in.
func (h *Handler) postDone(w http.ResponseWriter, r *http.Request) error {
	f, err := h.posted(r)
	if errors.Is(err, errNoFlow) || errors.Is(err, errEnded) { // pressed before: the way is behind this person, nothing has gone wrong
		http.Redirect(w, r, sitepath.Login, http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	if f.path() != PathDone {
		http.Redirect(w, r, f.path(), http.StatusSeeOther)
		return nil
	}
	if err := h.endSessions(r); err != nil {
		// The password is changed and every session of the account ended: that person must reach the login page.
		h.Log.ErrorContext(r.Context(), "recovery: the browser's session could not be ended", "cause", err.Error())
	}
	for _, cookie := range h.Kratos.ExpireSessions(r.Host, h.DeviceCookie.Secure) {
		http.SetCookie(w, cookie)
	}
	h.FlowCookie.Clear(w)
	if err := h.FinishedCookie.Set(w, finished{}); err != nil {
		return err
	}
	if err := h.PrefillCookie.Set(w, handoff.Prefill{Identifier: f.Email.Display(), ReturnTo: f.ReturnTo, Changed: true}); err != nil {
		return err
	}
	// Who has just proved the mailbox proves nothing else within minutes.
	if err := h.Guard.Grant(w); err != nil {
		return err
	}
	http.Redirect(w, r, sitepath.Login, http.StatusSeeOther)
	return nil
}

// endSessions ends what the browser brings, within its client's limit for that.
func (h *Handler) endSessions(r *http.Request) error {
	if len(h.Kratos.Sessions(r.Cookies())) == 0 {
		return nil
	}
	within, err := h.Guard.Within(r, limit.LogoutClient)
	if err != nil || !within {
		return err
	}
	return h.Kratos.Logout(r.Context(), r.Cookies())
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
