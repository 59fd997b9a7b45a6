package recovery

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/email"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/mailedcode"
	"efpconnect.example/selfservice-ui/once"
	"efpconnect.example/selfservice-ui/page"
)

// codeView is step 2.
type codeView struct {
	recap
	SentAt   string // hour of the last sending
	Sending  string // names that sending, so that a resend pressed twice is one
	NextAt   string // hour from which another code may be asked for, "" when at once
	Wait     int    // seconds until then, for the script's countdown
	Left     int    // tries left
	Lifetime int    // life of a code, in hours
	Spent    bool   // no try left: another code has to be asked for
}

type codeVerdict string

// Verdicts of step 2.
const (
	codeRight    codeVerdict = "right"
	codeWrong    codeVerdict = "wrong"
	codeExpired  codeVerdict = "expired"
	codeSpent    codeVerdict = "spent"
	codeUsed     codeVerdict = "used"
	codeRenewed  codeVerdict = "renewed"
	codeFinished codeVerdict = "finished"
	codeOver     codeVerdict = "over"
	codeInactive codeVerdict = "inactive"
	codeAsked    codeVerdict = "asked" // the breaker asks for a security code first
)

func (h *Handler) getCode(w http.ResponseWriter, r *http.Request) error {
	f, ok := h.current(r)
	if !ok {
		return h.noFlow(r)
	}
	if f.path() != PathCode {
		http.Redirect(w, r, f.path(), http.StatusSeeOther)
		return nil
	}
	if finished, err := h.finishedElsewhere(r.Context(), f); err != nil {
		return err
	} else if finished && f.Owned {
		return errDone
	}
	notice, err := h.otherSession(r, f)
	if err != nil {
		return err
	}
	return h.writeCode(w, r, f, http.StatusOK, notice)
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

// writeCode shows step 2 as the flow stands now.
func (h *Handler) writeCode(w http.ResponseWriter, r *http.Request, f flow, status int, notice *page.Notice, problems ...page.Problem) error {
	t, err := h.loadState(r.Context(), f)
	if err != nil {
		return err
	}
	view := codeView{recap: f.recap(), SentAt: page.Clock(t.Sent(f.proof())), Left: t.Left(f.proof()), Lifetime: int(h.Times.Code.Hours())}
	view.Spent, view.Sending = view.Left == 0, strconv.FormatInt(t.Sent(f.proof()).UnixMilli(), 36)
	if next := t.Sent(f.proof()).Add(h.Times.Resend); next.After(h.Now()) && !t.Failed(f.proof()) {
		view.NextAt, view.Wait = page.NextMinute(next), int(next.Sub(h.Now()).Seconds())+1
	}
	if notice == nil && t.Failed(f.proof()) {
		notice = &page.Notice{Kind: "warning", Key: "code.not_sent"}
	}
	ask, err := h.codeAsk(r.Context(), f)
	if err != nil {
		return err
	}
	return h.Guard.Write(w, r, h.Pages, captcha.FormCode, ask, page.Page{Template: "code", Status: status, Heading: "reset.heading", Step: 2,
		Problems: problems, Notice: notice, View: view})
}

func (h *Handler) postCode(w http.ResponseWriter, r *http.Request) error {
	f, err := h.posted(r)
	if err != nil {
		return err
	}
	switch f.path() {
	case PathDone:
		return errDone
	case PathPassword: // the code was right already: back button, or another tab of this browser
		http.Redirect(w, r, PathPassword, http.StatusSeeOther)
		return nil
	}
	if err := h.Guard.Client(r, limit.CodeClient); err != nil {
		return err
	}
	if formguard.Renewed(r) {
		return h.writeCode(w, r, f, http.StatusOK, nil)
	}
	code, key := cleanCode(r.PostForm.Get("code"))
	if key != "" {
		return h.writeCode(w, r, f, http.StatusUnprocessableEntity, nil, page.Problem{Field: "code", Key: key})
	}
	answer, err := h.Guard.Answered(r)
	if err != nil {
		return err
	}
	form := h.submitted(f, "code", code+" "+answer.String())
	if o, known, err := h.withoutLock(r.Context(), f, code, form); err != nil {
		return err
	} else if known {
		return h.answerCode(w, r, o)
	}
	if key, err := h.Guard.CheckHoneypot(r, captcha.FormCode); err != nil {
		return err
	} else if key != "" {
		return h.writeCode(w, r, f, http.StatusUnprocessableEntity, nil, page.Problem{Key: key})
	}
	o, err := once.Do(r.Context(), h.once(), form, func(ctx context.Context) (outcome[codeVerdict], error) {
		if problem, err := h.admit(ctx, f, answer); err != nil {
			return outcome[codeVerdict]{}, err
		} else if problem != nil {
			return outcome[codeVerdict]{Verdict: codeAsked, Flow: f, Key: problem.Key, Field: problem.Field}, nil
		}
		return h.tryWithin(ctx, f, code)
	})
	if err != nil {
		return err
	}
	return h.answerCode(w, r, o)
}

// withoutLock answers who has no try left: he must not keep the others of this flow waiting. His own last try, sent twice,
// does wait for the answer of the first, or has it already.
func (h *Handler) withoutLock(ctx context.Context, f flow, code string, form once.Submission) (o outcome[codeVerdict], known bool, err error) {
	t, err := h.loadState(ctx, f)
	if err != nil || t.Left(f.proof()) > 0 {
		return outcome[codeVerdict]{}, false, err
	}
	intent, err := f.code().Intent(code)
	if err != nil || t.Intent == intent {
		return outcome[codeVerdict]{}, false, err
	}
	if o, known, err = once.Kept[outcome[codeVerdict]](ctx, h.once(), form); err != nil || known {
		return o, known, err
	}
	return outcome[codeVerdict]{Verdict: codeSpent, Flow: f}, true, nil
}

// tryCode gives one code to Kratos, under the flow's lock. The try is counted, and the code noted, before the call.
func (h *Handler) tryCode(ctx context.Context, f flow, code string) (outcome[codeVerdict], error) {
	t, err := h.loadState(ctx, f)
	if err != nil {
		return outcome[codeVerdict]{}, err
	}
	there := f.standing(t)
	finished, err := h.finishedElsewhere(ctx, there)
	if err != nil || finished && f.Owned {
		return outcome[codeVerdict]{Verdict: codeFinished, Flow: f}, err
	}
	again, refused, err := t.Begin(f.code(), code, h.Now(), h.Times.Code)
	switch {
	case err != nil:
		return outcome[codeVerdict]{}, err
	case refused == mailedcode.Expired:
		h.note(ctx, metrics.CodeExpired, f)
		return outcome[codeVerdict]{Verdict: codeExpired, Flow: f}, nil
	case refused == mailedcode.Spent:
		h.note(ctx, metrics.CodeSpent, f)
		return outcome[codeVerdict]{Verdict: codeSpent, Flow: f}, nil
	}
	if err := h.saveState(ctx, f, t); err != nil {
		return outcome[codeVerdict]{}, err
	}
	result, err := h.Kratos.SubmitCode(ctx, there.ID, code)
	if err != nil {
		return outcome[codeVerdict]{}, err
	}
	h.failpoint("code: answered")
	return h.interpretCode(ctx, f, t, result, try{code: code, again: again, late: finished})
}

// try is a code as it was given to Kratos.
type try struct {
	code  string
	again bool // its answer was lost the first time
	late  bool // the password was changed elsewhere since the flow was opened
}

// answerCode shows a verdict of step 2.
func (h *Handler) answerCode(w http.ResponseWriter, r *http.Request, o outcome[codeVerdict]) error {
	actions := []page.Action{actionRestart, actionLogin}
	switch o.Verdict {
	case codeRight:
		return h.saveAndRedirect(w, r, o.Flow)
	case codeRenewed:
		if err := h.FlowCookie.Set(w, o.Flow); err != nil {
			return err
		}
		return h.writeCode(w, r, o.Flow, http.StatusOK, &page.Notice{Kind: "info", Key: "code.renewed"})
	case codeWrong:
		return h.writeCode(w, r, o.Flow, http.StatusUnprocessableEntity, nil, wrongProblem(o.Flow, o.Left))
	case codeAsked:
		return h.writeCode(w, r, o.Flow, http.StatusUnprocessableEntity, nil, page.Problem{Field: o.Field, Key: o.Key})
	case codeExpired:
		return h.writeCode(w, r, o.Flow, http.StatusUnprocessableEntity, nil, page.Problem{Field: "code", Key: "code.expired"})
	case codeSpent:
		return h.writeCode(w, r, o.Flow, http.StatusTooManyRequests, nil, spentProblem(o.Flow))
	case codeUsed:
		return errCodeUsed
	case codeFinished:
		return errors.Join(errDone, h.FlowCookie.Set(w, o.Flow))
	case codeOver:
		return &page.Message{Status: http.StatusGone, Heading: "reset.heading", Text: "flow.over", Actions: actions}
	case codeInactive:
		return inactive(h.Pages.Site.Assistance)
	}
	return unexpected("code", kratos.Outcome(o.Verdict))
}

// wrongProblem tells which mail's code is meant: who came by the button of an older one is in that one's flow, where the newest
// code is wrong.
func wrongProblem(f flow, left int) page.Problem {
	if left == 0 {
		return spentProblem(f)
	}
	key := "code.wrong"
	if f.ByMail {
		key = "code.wrong_by_mail"
	}
	if left == 1 {
		key += "_last"
	}
	return page.Problem{Field: "code", Key: key, Args: []any{"n", left}}
}

// spentProblem tells who has no try left where two are kept.
func spentProblem(f flow) page.Problem {
	if f.ByMail {
		return page.Problem{Field: "code", Key: "code.spent"}
	}
	return page.Problem{Field: "code", Key: "code.spent_plain"}
}
