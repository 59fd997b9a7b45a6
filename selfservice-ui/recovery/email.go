package recovery

import (
	"cmp"
	"context"
	"errors"
	"net/http"

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

type emailVerdict string

// Verdicts of step 1.
const (
	emailTaken emailVerdict = "taken"
	emailAsked emailVerdict = "asked" // the security code has to be mended
)

// emailView is step 1.
type emailView struct {
	Identifier string // as typed
	Suggestion string // what was probably meant, "" when there is nothing to ask
	ReturnTo   string
	UnderWay   string // where the request under way in this browser goes on, "" without one
}

func (h *Handler) getEmail(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query().Get("return_to")
	view := emailView{ReturnTo: h.ReturnTo.Carried(asked), UnderWay: h.underWay(r)}
	h.ReturnTo.Note(r.Context(), h.Log, asked, view.ReturnTo)
	said, answered, err := h.Guard.Recall(w, r)
	if err != nil {
		return err
	}
	var prefill handoff.Prefill
	if answered && r.PostForm.Has("identifiant") {
		view.Identifier, view.ReturnTo = flows.Typed(r), cmp.Or(view.ReturnTo, h.ReturnTo.Carried(r.PostForm.Get("return_to")))
		if said.Notice != nil || len(said.Problems) > 0 {
			view.Suggestion = h.Suggestion(r, view.Identifier)
		}
	} else if h.PrefillCookie.Get(r, &prefill) { // typed after whatever flow this browser is in
		view.Identifier, view.ReturnTo = prefill.Identifier, cmp.Or(view.ReturnTo, h.ReturnTo.Carried(prefill.ReturnTo))
	} else if f, ok := h.current(r); ok && !f.Done {
		view.Identifier, view.ReturnTo = f.Email.Display(), cmp.Or(view.ReturnTo, f.ReturnTo)
	}
	// Each showing makes another nonce: who comes back to ask for another code gets one, within the minute too.
	if err := h.NonceCookie.Set(w, flows.NewNonce()); err != nil {
		return err
	}
	p := emailPage(view)
	if answered {
		said.On(&p)
	}
	return h.Guard.Write(w, r, h.Pages, captcha.FormRecovery, h.Guard.Asks[captcha.FormRecovery], p)
}

// underWay is the way back for who came to change the address and does not: the browser's own Back would ask whether to send a
// refused code again.
func (h *Handler) underWay(r *http.Request) string {
	if f, ok := h.current(r); ok && h.UnderWay(f.Flow) {
		return f.Path()
	}
	return ""
}

func emailPage(view emailView, problems ...page.Problem) page.Page {
	p := page.Page{Template: "email", Heading: "reset.heading", Step: 1, Problems: problems, View: view}
	if len(problems) > 0 {
		p.Status = http.StatusUnprocessableEntity
	}
	return p
}

// askAbout asks once whether another address was meant. It is no fault: the same form sent again goes on with what was typed.
func askAbout(view emailView) page.Page {
	p := emailPage(view)
	p.Notice = &page.Notice{Kind: "info", Key: "address.suggest", Args: []any{"address", view.Suggestion}}
	return p
}

// answerEmail leads back to step 1, which says what is to be mended.
func (h *Handler) answerEmail(w http.ResponseWriter, r *http.Request, p page.Page) error {
	return h.Guard.Answer(w, r, PathEmail, p, "identifiant", "return_to", flows.FieldMeant, flows.FieldAsked)
}

// withoutCookies says that nothing of ours comes back. No other page could: what it shows would travel in a cookie.
func (h *Handler) withoutCookies(w http.ResponseWriter, r *http.Request, v flows.Nonce, view emailView) error {
	if err := h.NonceCookie.Set(w, v); err != nil {
		return err
	}
	p := emailPage(view, page.Problem{Key: "cookies.refused"})
	return h.Guard.Write(w, r, h.Pages, captcha.FormRecovery, h.Guard.Asks[captcha.FormRecovery], p)
}

// postEmail hears the form once formguard has let it through. A typo is told before the security code is used up. The answer
// leaves at a fixed instant, the same for every address.
func (h *Handler) postEmail(w http.ResponseWriter, r *http.Request) error {
	arrived := h.Now()
	if err := h.Guard.Client(r, limit.AskClient); err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return page.BadForm(err, actionRestart, actionLogin)
	}
	view := emailView{Identifier: flows.Typed(r), ReturnTo: h.ReturnTo.Carried(r.PostForm.Get("return_to")), UnderWay: h.underWay(r)}
	if formguard.Renewed(r) {
		return h.answerEmail(w, r, emailPage(view))
	}
	nonce, ok := h.nonce(r)
	if !ok { // step 2 would send this browser here again, with another mail each time
		return h.withoutCookies(w, r, nonce, view)
	}
	to, fault := email.Parse(view.Identifier)
	view.Suggestion = h.Suggestion(r, view.Identifier)
	if fault != "" || view.Suggestion != "" {
		return h.mendEmail(w, r, view, string(fault))
	}
	if key, err := h.Guard.CheckHoneypot(r, captcha.FormRecovery); err != nil {
		return err
	} else if key != "" {
		return h.answerEmail(w, r, emailPage(view, page.Problem{Key: key}))
	}
	answer, err := h.Guard.Answered(r)
	if err != nil {
		return err
	}
	o, err := once.Do(r.Context(), h.Keeper(), nonce.Submission("email", to.Fold(), view.ReturnTo, answer.String()), func(ctx context.Context) (outcome[emailVerdict], error) {
		wanted := flow{Flow: flows.Flow{Email: to, ReturnTo: view.ReturnTo, Device: browser.Device(r.UserAgent())}}
		return h.ask(ctx, wanted, answer, h.hasHeld(r, to))
	})
	if err != nil {
		// The page that says so has no form: step 1 finds again what was typed.
		return errors.Join(err, h.PrefillCookie.Set(w, handoff.Prefill{Identifier: view.Identifier, ReturnTo: view.ReturnTo}))
	}
	if o.Verdict == emailAsked {
		return h.answerEmail(w, r, emailPage(view, page.Problem{Field: o.Field, Key: o.Key}))
	}
	if err := h.Guard.Wait(r.Context(), arrived, h.Times.AnswerAfter); err != nil {
		return err
	}
	h.PrefillCookie.Clear(w)
	return h.SaveAndRedirect(w, r, o.Flow)
}

// mendEmail asks for another address, or whether another one was meant; a right answer to the security question is not asked again.
func (h *Handler) mendEmail(w http.ResponseWriter, r *http.Request, view emailView, fault string) error {
	p := askAbout(view)
	if fault != "" {
		p = emailPage(view, page.Problem{Field: "identifiant", Key: fault})
	}
	var err error
	if p.Problems, _, err = h.Guard.Mend(w, r, captcha.FormRecovery, h.Guard.Asks[captcha.FormRecovery], p.Problems); err != nil {
		return err
	}
	return h.answerEmail(w, r, p)
}

// ask opens a flow, which tells whether Kratos lives but nothing of the address, then hands the address over in a call
// that the answer does not wait for. Known and unknown addresses draw on the same limits.
func (h *Handler) ask(ctx context.Context, wanted flow, answer formguard.Answer, proved bool) (outcome[emailVerdict], error) {
	if problem, err := h.Guard.Check(ctx, captcha.FormRecovery, h.Guard.Asks[captcha.FormRecovery], answer); err != nil {
		return outcome[emailVerdict]{}, err
	} else if problem != nil {
		return outcome[emailVerdict]{Verdict: emailAsked, Key: problem.Key, Field: problem.Field}, nil
	}
	if err := h.Guard.Site(ctx, limit.AskSite, limit.AskKept, proved); err != nil {
		return outcome[emailVerdict]{}, err
	}
	if err := h.Guard.Key(ctx, limit.MailEmail, h.Account(wanted.Email), "limit.mail"); err != nil {
		return outcome[emailVerdict]{}, err
	}
	f, err := h.open(ctx, wanted)
	if err != nil {
		return outcome[emailVerdict]{}, err
	}
	h.note(ctx, metrics.Started, f)
	h.step().SendDetached(ctx, f)
	return outcome[emailVerdict]{Verdict: emailTaken, Flow: f}, nil
}

// nonce is the one this browser carries, or a new one that it does not carry yet.
func (h *Handler) nonce(r *http.Request) (v flows.Nonce, carried bool) {
	if h.NonceCookie.Get(r, &v) && v.Sound() {
		return v, true
	}
	return flows.NewNonce(), false
}

// open opens a flow at Kratos for what another asks. Nothing is noted of it until something happens in it: its state says by its
// absence what it would say. Otherwise a day of requests, each of which costs its sender nothing, would fill the store.
func (h *Handler) open(ctx context.Context, wanted flow) (flow, error) {
	opened, err := h.Kratos.OpenRecovery(ctx)
	if err != nil {
		return flow{}, err
	}
	h.Reached("flow: opened")
	f := newFlow(opened.ID, wanted.Email, h.Now(), wanted.ReturnTo)
	f.ByMail, f.Device = wanted.ByMail, wanted.Device
	return f, nil
}

// FlowCookie carries a half-done reset, for as long as Kratos keeps the flow.
func FlowCookie(j browser.SealedCookie) *browser.SealedCookie {
	j.Name, j.TTL = "efp_reinitialisation", flows.DefaultTimes().Flow
	return &j
}
