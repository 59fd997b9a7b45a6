package registration

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/email"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/flows"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/handoff"
	"efpconnect.example/selfservice-ui/once"
	"efpconnect.example/selfservice-ui/page"
)

// formView is step 1.
type formView struct {
	Names      Names
	Identifier string // as typed
	Suggestion string // what was probably meant, "" when there is nothing to ask
	ReturnTo   string
	UnderWay   string // where the request under way in this browser goes on, "" without one
}

func (h *Handler) getForm(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query().Get("return_to")
	view := formView{ReturnTo: h.ReturnTo.Carried(asked), UnderWay: h.underWay(r)}
	h.ReturnTo.Note(r.Context(), h.Log, asked, view.ReturnTo)
	var prefill handoff.Prefill
	if f, ok := h.current(r); ok && !f.Done {
		view.Identifier, view.Names, view.ReturnTo = f.Email.Display(), f.Names, cmp.Or(view.ReturnTo, f.ReturnTo)
	} else if h.PrefillCookie.Get(r, &prefill) {
		view.Identifier, view.ReturnTo = prefill.Identifier, cmp.Or(view.ReturnTo, h.ReturnTo.Carried(prefill.ReturnTo))
	}
	if before, carried := h.nonce(r); carried && view.Names.IsZero() {
		view.Names = before.Names
	}
	// Each showing makes another nonce: who comes back to ask for another code gets one, within the minute too.
	if err := h.NonceCookie.Set(w, nonce{Nonce: flows.NewNonce(), Names: view.Names}); err != nil {
		return err
	}
	return h.Guard.Write(w, r, h.Pages, captcha.FormRegister, h.asks(), formPage(view))
}

func (h *Handler) asks() formguard.Ask { return h.Guard.Asks[captcha.FormRegister] }

// underWay is the way back for who came to change something and does not.
func (h *Handler) underWay(r *http.Request) string {
	if f, ok := h.current(r); ok && h.UnderWay(f.Flow) {
		return f.Path()
	}
	return ""
}

func formPage(view formView, problems ...page.Problem) page.Page {
	p := page.Page{Template: "register", Heading: heading, Step: 1, Problems: problems, View: view}
	if len(problems) > 0 {
		p.Status = http.StatusUnprocessableEntity
	}
	return p
}

// writeForm shows step 1 with a fresh security code, to a browser that keeps its nonce.
func (h *Handler) writeForm(w http.ResponseWriter, r *http.Request, p page.Page) error {
	if v, carried := h.nonce(r); !carried {
		if err := h.NonceCookie.Set(w, v); err != nil {
			return err
		}
	}
	return h.Guard.Write(w, r, h.Pages, captcha.FormRegister, h.asks(), p)
}

// postForm hears the form once formguard has let it through. A typo is told before the security code is used up. The answer
// leaves at a fixed instant, the same for every address.
func (h *Handler) postForm(w http.ResponseWriter, r *http.Request) error {
	arrived := h.Now()
	if err := h.Guard.Client(r, limit.AskClient); err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return page.BadForm(err, actionRestart, actionLogin)
	}
	view := formView{
		Names:      typedNames(r),
		Identifier: flows.Typed(r),
		ReturnTo:   h.ReturnTo.Carried(r.PostForm.Get("return_to")),
		UnderWay:   h.underWay(r),
	}
	if formguard.Renewed(r) {
		return h.writeForm(w, r, formPage(view))
	}
	mine, ok := h.nonce(r)
	if !ok { // nothing of ours comes back: step 2 would send this browser here again, with another mail each time
		return h.writeForm(w, r, formPage(view, page.Problem{Key: "cookies.refused"}))
	}
	to, fault := email.Parse(view.Identifier)
	problems := h.faults(view.Names, to, fault)
	view.Suggestion = h.Suggestion(r, view.Identifier)
	if len(problems) > 0 || view.Suggestion != "" {
		return h.mend(w, r, view, problems)
	}
	if key, err := h.Guard.CheckHoneypot(r, captcha.FormRegister); err != nil {
		return err
	} else if key != "" {
		return h.writeForm(w, r, formPage(view, page.Problem{Key: key}))
	}
	answer, err := h.Guard.Answered(r)
	if err != nil {
		return err
	}
	o, err := once.Do(r.Context(), h.Keeper(), mine.Submission("creation", to.Fold(), view.Names.String(), view.ReturnTo, answer.String()), func(ctx context.Context) (formOutcome, error) {
		return h.ask(ctx, to, view, browser.Device(r.UserAgent()), answer)
	})
	if err != nil {
		// The page that says so has no form: step 1 finds again what was typed.
		mine.Names = view.Names
		return errors.Join(err, h.NonceCookie.Set(w, mine), h.PrefillCookie.Set(w, handoff.Prefill{Identifier: view.Identifier, ReturnTo: view.ReturnTo}))
	}
	if o.Key != "" {
		return h.writeForm(w, r, formPage(view, page.Problem{Field: o.Field, Key: o.Key}))
	}
	if err := h.Guard.Wait(r.Context(), arrived, h.Times.AnswerAfter); err != nil {
		return err
	}
	return h.SaveAndRedirect(w, r, o.Flow)
}

// faults is what has to be mended in the form's own fields, in their order.
func (h *Handler) faults(names Names, to email.Address, fault email.Fault) []page.Problem {
	problems := names.faults()
	switch {
	case fault != "":
		problems = append(problems, page.Problem{Field: "identifiant", Key: string(fault)})
	case len(h.Domains) > 0 && !slices.Contains(h.Domains, strings.ToLower(to.Domain())):
		problems = append(problems, page.Problem{Field: "identifiant", Key: "register.domain", Args: []any{"domains", strings.Join(h.Domains, ", ")}})
	}
	return problems
}

// mend shows the form again. Whether another address was meant is asked once, and is no fault: the same form sent again goes on.
func (h *Handler) mend(w http.ResponseWriter, r *http.Request, view formView, problems []page.Problem) error {
	all, kept, err := h.Guard.Mend(w, r, captcha.FormRegister, h.asks(), problems)
	if err != nil {
		return err
	}
	p := formPage(view, all...)
	p.Guard.Passed = kept
	if view.Suggestion != "" {
		p.Notice = &page.Notice{Kind: "info", Key: "address.suggest", Args: []any{"address", view.Suggestion}}
	}
	return h.writeForm(w, r, p)
}

// formOutcome is what came of step 1: a flow, or what the security code has against the form.
type formOutcome struct {
	Flow  flow   `json:"flow"`
	Key   string `json:"key,omitzero"`
	Field string `json:"field,omitzero"`
}

func (formOutcome) Passing() bool { return false }

// ask opens a flow, which tells whether Kratos lives but nothing of the address, then hands the address over in a call
// that the answer does not wait for. Known and unknown addresses draw on the same limits.
func (h *Handler) ask(ctx context.Context, to email.Address, view formView, device string, answer formguard.Answer) (formOutcome, error) {
	if problem, err := h.Guard.Check(ctx, captcha.FormRegister, h.asks(), answer); err != nil {
		return formOutcome{}, err
	} else if problem != nil {
		return formOutcome{Key: problem.Key, Field: problem.Field}, nil
	}
	if err := h.Guard.Site(ctx, limit.AskSite, limit.AskKept, false); err != nil {
		return formOutcome{}, err
	}
	if err := h.Guard.Key(ctx, limit.MailEmail, h.Account(to), "limit.mail"); err != nil {
		return formOutcome{}, err
	}
	opened, err := h.Kratos.OpenRegistration(ctx)
	if err != nil {
		return formOutcome{}, err
	}
	h.Reached("flow: opened")
	f := newFlow(opened.ID, to, view.Names, h.Now(), view.ReturnTo)
	f.Device = device
	h.note(ctx, metrics.Started, f)
	h.step().SendDetached(ctx, f)
	return formOutcome{Flow: f}, nil
}

// nonce is a browser at step 1, with the names as typed before something failed.
type nonce struct {
	flows.Nonce
	Names Names `json:"names,omitzero"`
}

// nonce is the one this browser carries, or a new one that it does not carry yet.
func (h *Handler) nonce(r *http.Request) (v nonce, carried bool) {
	if h.NonceCookie.Get(r, &v) && v.Sound() {
		return v, true
	}
	return nonce{Nonce: flows.NewNonce()}, false
}
