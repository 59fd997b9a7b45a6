package registration

import (
	"errors"
	"net/http"

	"efpconnect.example/internal/limit"
	"efpconnect.example/selfservice-ui/flows"
	"efpconnect.example/selfservice-ui/mailedcode"
	"efpconnect.example/selfservice-ui/page"
)

var codeTexts = mailedcode.Texts{
	Heading: heading,
	Start:   PathForm,
	Code:    PathCode,
	Resend:  PathResend,
}

// step is step 2, which every kind of flow shares.
func (h *Handler) step() *mailedcode.Step[flow] {
	return flows.Step(&h.Frame, way{h}, codeTexts, h.asks())
}

type codeOutcome = mailedcode.Outcome[flow]

func (h *Handler) getCode(w http.ResponseWriter, r *http.Request) error {
	f, moved, err := h.at(w, r, PathCode)
	if err != nil || moved {
		return err
	}
	return h.step().Write(w, r, f, http.StatusOK, nil)
}

func (h *Handler) postCode(w http.ResponseWriter, r *http.Request) error {
	f, err := h.posted(r)
	if err != nil {
		return err
	}
	if f.Path() != PathCode { // the code was right already: back button, or another tab of this browser
		http.Redirect(w, r, f.Path(), http.StatusSeeOther)
		return nil
	}
	step := h.step()
	return step.Hear(w, r, f, func(o codeOutcome) error {
		switch o.Verdict {
		case mailedcode.Right:
			return h.SaveAndRedirect(w, r, o.Flow)
		case mailedcode.Used:
			return errors.Join(errUsed, h.prefill(w, o.Flow))
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
		if o.Verdict == mailedcode.AskAgain {
			p := formPage(formView{Names: o.Flow.Names, Identifier: o.Flow.Email.Display(), ReturnTo: o.Flow.ReturnTo})
			p.Notice = &page.Notice{Kind: "info", Key: "register.again"}
			return h.writeForm(w, r, p)
		}
		return step.Answer(w, r, o)
	})
}
