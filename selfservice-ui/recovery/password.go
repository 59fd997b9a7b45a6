package recovery

import (
	"context"
	"crypto/rand"
	"net/http"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/password"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/handoff"
	"efpconnect.example/selfservice-ui/newpassword"
	"efpconnect.example/selfservice-ui/once"
	"efpconnect.example/selfservice-ui/page"
)

type passwordVerdict string

// Verdicts of step 3, as kept by once.
const (
	passwordFinished passwordVerdict = "finished"
	passwordSet      passwordVerdict = "set"
	passwordRefused  passwordVerdict = "refused"
	passwordLate     passwordVerdict = "late"
	passwordInactive passwordVerdict = "inactive"
	passwordGone     passwordVerdict = "gone" // the session has ended before its time
)

func (h *Handler) getPassword(w http.ResponseWriter, r *http.Request) error {
	f, ok := h.current(r)
	if !ok {
		return h.noFlow(r)
	}
	if f.Path() != PathPassword {
		http.Redirect(w, r, f.Path(), http.StatusSeeOther)
		return nil
	}
	if finished, err := h.finishedElsewhere(r.Context(), f); err != nil {
		return err
	} else if finished {
		return errDone
	}
	if h.Now().After(f.Until) {
		return errLate
	}
	view := newpassword.View{
		Email:  f.Email.Display(),
		Handle: f.Handle,
		Action: PathPassword,
		Policy: h.Policy,
		Until:  page.Clock(f.Until),
	}
	p := newpassword.Page("reset.heading", view)
	said, answered, err := h.Guard.Recall(w, r)
	if err != nil {
		return err
	}
	if answered {
		said.On(&p)
	}
	return h.Guard.Write(w, r, h.Pages, captcha.FormPassword, formguard.Ask{}, p)
}

// mendPassword leads back to step 3. What was typed never comes back to the page; so its list of criteria begins anew, or it would
// speak of a password that is gone.
func (h *Handler) mendPassword(w http.ResponseWriter, r *http.Request, problems ...page.Problem) error {
	return h.Guard.Answer(w, r, PathPassword, page.Page{Status: http.StatusUnprocessableEntity, Problems: problems})
}

func (h *Handler) postPassword(w http.ResponseWriter, r *http.Request) error {
	if err := h.Guard.Client(r, limit.CodeClient); err != nil {
		return err
	}
	f, err := h.posted(r)
	if err != nil {
		return err
	}
	if f.Path() == PathCode {
		http.Redirect(w, r, PathCode, http.StatusSeeOther)
		return nil
	}
	if key, err := h.Guard.CheckHoneypot(r, captcha.FormPassword); err != nil {
		return err
	} else if key != "" {
		return h.mendPassword(w, r, page.Problem{Key: key})
	}
	typed, confirmed := newpassword.Read(r)
	if problems := newpassword.Faults(h.Policy, typed, confirmed, h.guessedFirst(f)); len(problems) > 0 && !f.Done {
		return h.mendPassword(w, r, problems...)
	}
	s := h.submitted(f, "password", typed)
	s.Time = h.Times.Password
	o, err := once.Do(r.Context(), h.Keeper(), s, func(ctx context.Context) (outcome[passwordVerdict], error) {
		if f.Done {
			return outcome[passwordVerdict]{Verdict: passwordFinished, Flow: f}, nil
		}
		return h.changePassword(ctx, f, typed)
	})
	if err != nil {
		return err
	}
	return h.answerPassword(w, r, o)
}

// guessedFirst are the names that an attacker of this account tries first.
func (h *Handler) guessedFirst(f flow) []string {
	return password.Names(h.Pages.Site.Service, h.Pages.Site.MinistryName(), h.Pages.Site.OldPortal, f.Email.Local(), f.Email.Domain())
}

// changePassword gives the password to Kratos, which ends every other session of the account, under the flow's lock.
func (h *Handler) changePassword(ctx context.Context, f flow, typed string) (outcome[passwordVerdict], error) {
	saver := newpassword.Saver{
		Kratos:    h.Kratos,
		Store:     h.Store,
		Box:       h.Box,
		Log:       h.Log,
		Life:      h.Times.Session,
		Failpoint: h.Failpoint,
	}
	result, again, err := saver.Save(ctx, newpassword.Session{Token: f.Token, Settings: f.Settings, Secret: f.Secret}, typed)
	if err != nil {
		return outcome[passwordVerdict]{}, err
	}
	return h.interpretPassword(ctx, f, result, again)
}

// interpretPassword turns Kratos's answer into the step's verdict.
func (h *Handler) interpretPassword(ctx context.Context, f flow, result kratos.PasswordResult, again bool) (outcome[passwordVerdict], error) {
	switch result.Outcome {
	case kratos.PasswordSet:
		return h.succeed(ctx, f)
	case kratos.PasswordRefused:
		h.note(ctx, metrics.PasswordRefused, f)
		key, number := newpassword.Refusal(result.Reason)
		return outcome[passwordVerdict]{Verdict: passwordRefused, Flow: f, Key: key, Limit: number}, nil
	case kratos.HookFailed:
		return outcome[passwordVerdict]{}, errHook
	case kratos.SessionOver:
		finished, err := h.finishedElsewhere(ctx, f)
		if err == nil && finished && again {
			return h.succeed(ctx, f)
		}
		if finished {
			return outcome[passwordVerdict]{Verdict: passwordFinished, Flow: f}, err
		}
		if err == nil && h.Now().Before(f.Until) {
			return outcome[passwordVerdict]{Verdict: passwordGone, Flow: f}, nil
		}
		return outcome[passwordVerdict]{Verdict: passwordLate, Flow: f}, err
	case kratos.PrivilegeOver, kratos.FlowExpired, kratos.FlowUnknown, kratos.FlowForeign:
		return outcome[passwordVerdict]{Verdict: passwordLate, Flow: f}, nil
	case kratos.AccountInactive:
		return outcome[passwordVerdict]{Verdict: passwordInactive, Flow: f}, nil
	}
	return outcome[passwordVerdict]{}, h.Unexpected("password", result.Outcome)
}

// succeed notes the success, which refuses every earlier flow of the address, and ends the recovery's own session.
// Kratos has ended the others (revoke_active_sessions).
func (h *Handler) succeed(ctx context.Context, f flow) (outcome[passwordVerdict], error) {
	if err := h.noteSuccess(ctx, f); err != nil {
		return outcome[passwordVerdict]{}, err
	}
	h.Reached("password: noted")
	h.EndSession(ctx, f.Flow)
	h.note(ctx, metrics.Finished, f)
	h.tellServices(ctx, f)
	f.Token, f.Unfinished, f.Done = "", "", true
	return outcome[passwordVerdict]{Verdict: passwordSet, Flow: f}, nil
}

// tellServices ends the account's sessions at the services that it has entered: whoever knew the old password must be out there too.
// The person does not wait for it.
func (h *Handler) tellServices(ctx context.Context, f flow) {
	if h.SignedOut == nil {
		return
	}
	ctx = context.WithoutCancel(ctx)
	h.Detached(func() {
		if _, err := h.SignedOut(ctx, f.Email.String(), ""); err != nil {
			h.Log.ErrorContext(ctx, "recovery: the services of an account's sessions are not known", "account", h.Account(f.Email), "cause", err.Error())
		}
	})
}

func (h *Handler) answerPassword(w http.ResponseWriter, r *http.Request, o outcome[passwordVerdict]) error {
	switch o.Verdict {
	case passwordSet:
		// Here and not where it succeeds: who reloads after a crash is answered from what was kept. Told once all the same.
		h.Notices.Changed(r.Context(), o.Flow.Settings, h.Account(o.Flow.Email), o.Flow.Email, page.Day(h.Now()))
		if err := h.DeviceCookie.Set(w, handoff.Device{Account: h.Account(o.Flow.Email), Since: rand.Text()}); err != nil {
			return err
		}
		return h.SaveAndRedirect(w, r, o.Flow)
	case passwordRefused:
		return h.mendPassword(w, r, page.Problem{Field: "mot-de-passe", Key: o.Key, Args: []any{"n", o.Limit}})
	case passwordLate:
		return errLate
	case passwordInactive:
		return inactive(h.Pages.Site.Assistance)
	case passwordGone:
		return gone(h.Pages.Site.Assistance)
	case passwordFinished:
		return errDone
	}
	return h.Unexpected("password", kratos.Outcome(o.Verdict))
}
