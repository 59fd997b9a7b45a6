package registration

import (
	"errors"
	"net/http"

	"efpconnect.example/internal/limit"
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

// postDone is « Terminer »: it ends whatever session this browser still has (somebody else's, on a shared machine) and
// goes to the login page with the identifier filled in.
func (h *Handler) postDone(w http.ResponseWriter, r *http.Request) error {
	f, err := h.posted(r)
	if errors.Is(err, errNone) { // pressed before: the way is behind this person, nothing has gone wrong
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
		h.Log.ErrorContext(r.Context(), "registration: the browser's session could not be ended", "cause", err.Error())
	}
	for _, cookie := range h.Kratos.ExpireSessions(r.Host, h.DeviceCookie.Secure) {
		http.SetCookie(w, cookie)
	}
	h.FlowCookie.Clear(w)
	// Who has just proved the mailbox proves nothing else within minutes.
	if err := h.Guard.Grant(w); err != nil {
		return err
	}
	if err := h.PrefillCookie.Set(w, handoff.Prefill{Identifier: f.Email.Display(), ReturnTo: f.ReturnTo, Created: true}); err != nil {
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
