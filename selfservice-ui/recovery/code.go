package recovery

import (
	"errors"
	"net/http"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/email"
	"efpconnect.example/internal/limit"
	"efpconnect.example/selfservice-ui/flows"
	"efpconnect.example/selfservice-ui/mailedcode"
	"efpconnect.example/selfservice-ui/page"
)

var codeTexts = mailedcode.Texts{
	Heading: "reset.heading",
	Start:   PathEmail,
	Code:    PathCode,
	Resend:  PathResend,
	Silent:  true,
}

// step is step 2, which every kind of flow shares.
func (h *Handler) step() *mailedcode.Step[flow] {
	return flows.Step(&h.Frame, way{h}, codeTexts, h.Guard.Asks[captcha.FormRecovery])
}

type codeOutcome = mailedcode.Outcome[flow]

func (h *Handler) getCode(w http.ResponseWriter, r *http.Request) error {
	f, ok := h.current(r)
	if !ok {
		return h.noFlow(r)
	}
	if f.Path() != PathCode {
		http.Redirect(w, r, f.Path(), http.StatusSeeOther)
		return nil
	}
	if finished, err := h.finishedElsewhere(r.Context(), f); err != nil {
		return err
	} else if finished && f.Owned {
		return errDone
	}
	if elsewhere, err := h.elsewhere(r.Context(), f); err != nil {
		return err
	} else if elsewhere && f.Owned {
		return errElsewhere
	}
	notice, err := h.otherSession(r, f)
	if err != nil {
		return err
	}
	return h.step().Write(w, r, f, http.StatusOK, notice)
}

// otherSession tells who is signed in here with another account that this reset is not about that one. It costs a call
// only where the browser brings what may be a session, and none for a client past its limit: it is left out then.
func (h *Handler) otherSession(r *http.Request, f flow) (*page.Notice, error) {
	if len(h.Kratos.Sessions(r.Cookies())) == 0 {
		return nil, nil
	}
	if within, err := h.Guard.Within(r, limit.SessionClient); err != nil || !within {
		return nil, err
	}
	session, found, err := h.Kratos.Whoami(r.Context(), r.Cookies())
	if err != nil || !found {
		return nil, err
	}
	if theirs, fault := email.Parse(session.Email); fault == "" && theirs.Fold() == f.Email.Fold() {
		return nil, nil
	}
	return &page.Notice{Kind: "info", Key: "code.other_session", Args: []any{"current", session.Email, "address", f.Email.Display()}}, nil
}

func (h *Handler) postCode(w http.ResponseWriter, r *http.Request) error {
	f, err := h.posted(r)
	if err != nil {
		return err
	}
	switch f.Path() {
	case PathDone:
		return errDone
	case PathPassword: // the code was right already: back button, or another tab of this browser
		http.Redirect(w, r, PathPassword, http.StatusSeeOther)
		return nil
	}
	step := h.step()
	return step.Hear(w, r, f, func(o codeOutcome) error {
		switch o.Verdict {
		case mailedcode.Right:
			return h.SaveAndRedirect(w, r, o.Flow)
		case mailedcode.Used:
			return errCodeUsed
		case mailedcode.Finished:
			return errors.Join(errDone, h.FlowCookie.Set(w, o.Flow))
		case mailedcode.Over:
			return errOver
		case mailedcode.Inactive:
			return inactive(h.Pages.Site.Assistance)
		}
		return step.Answer(w, r, o)
	})
}

// postResend sends another code.
func (h *Handler) postResend(w http.ResponseWriter, r *http.Request) error {
	if err := h.Guard.Client(r, limit.AskClient); err != nil {
		return err
	}
	f, err := h.posted(r)
	if err != nil {
		return err
	}
	if f.Path() != PathCode {
		http.Redirect(w, r, f.Path(), http.StatusSeeOther)
		return nil
	}
	step := h.step()
	return step.HearResend(w, r, f, func(o codeOutcome) error {
		switch o.Verdict {
		case mailedcode.AskAgain:
			// Step 1 finds the address in the flow's cookie.
			return h.Guard.Answer(w, r, PathEmail, page.Page{Notice: &page.Notice{Kind: "info", Key: "address.again"}})
		case mailedcode.Finished:
			return errDone
		}
		return step.Answer(w, r, o)
	})
}
