package registration

import (
	"errors"
	"net/http"
	"time"

	"efpconnect.example/internal/limit"
	"efpconnect.example/selfservice-ui/mailedcode"
	"efpconnect.example/selfservice-ui/once"
	"efpconnect.example/selfservice-ui/page"
)

var codeTexts = mailedcode.Texts{
	Kind:    "registration",
	Heading: heading,
	Start:   PathForm,
	Code:    PathCode,
	Resend:  PathResend,
}

// stepTime bounds what is done under a lock, but for step 3 (Times.Password).
const stepTime = 15 * time.Second

// step is step 2, which every kind of flow shares.
func (h *Handler) step() *mailedcode.Step[flow] {
	return &mailedcode.Step[flow]{
		Way:         way{h},
		Texts:       codeTexts,
		Guard:       h.Guard,
		Asks:        h.asks(),
		Pages:       h.Pages,
		Cookie:      h.FlowCookie,
		States:      h.states(),
		Keeper:      h.once(),
		Times:       mailedcode.Times{Flow: h.Times.Flow, Code: h.Times.Code, Pause: h.Times.Resend},
		Box:         h.Box,
		Now:         h.Now,
		Log:         h.Log,
		SendWithin:  h.Times.Send,
		AnswerAfter: h.Times.AnswerAfter,
		Sending:     &h.sending,
	}
}

func (h *Handler) states() *mailedcode.States {
	return &mailedcode.States{Store: h.Store, Box: h.Box, Life: h.Times.Flow}
}

func (h *Handler) once() *once.Keeper {
	return &once.Keeper{
		Store:     h.Store,
		Life:      h.Times.Outcome,
		Log:       h.Log,
		Failpoint: h.Failpoint,
	}
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
	if f.path() != PathCode { // the code was right already: back button, or another tab of this browser
		http.Redirect(w, r, f.path(), http.StatusSeeOther)
		return nil
	}
	step := h.step()
	return step.Hear(w, r, f, func(o codeOutcome) error {
		switch o.Verdict {
		case mailedcode.Right:
			return h.saveAndRedirect(w, r, o.Flow)
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
	f, err := h.posted(r)
	if err != nil {
		return err
	}
	if err := h.Guard.Client(r, limit.AskClient); err != nil {
		return err
	}
	if f.path() != PathCode {
		http.Redirect(w, r, f.path(), http.StatusSeeOther)
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
