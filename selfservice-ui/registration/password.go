package registration

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/password"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/handoff"
	"efpconnect.example/selfservice-ui/hook"
	"efpconnect.example/selfservice-ui/newpassword"
	"efpconnect.example/selfservice-ui/once"
	"efpconnect.example/selfservice-ui/page"
)

func (h *Handler) getPassword(w http.ResponseWriter, r *http.Request) error {
	f, moved, err := h.at(w, r, PathPassword)
	if err != nil || moved {
		return err
	}
	if h.Now().After(f.Until) {
		return h.tooLate(w, r, f)
	}
	return h.writePassword(w, r, f)
}

// tooLate ends the session of a step 3 that was left; the account exists, and the reset leads on.
func (h *Handler) tooLate(w http.ResponseWriter, r *http.Request, f flow) error {
	h.EndSession(r.Context(), f.Flow)
	return errors.Join(errLate, h.prefill(w, f))
}

// asksNames tells that step 3 asks who the account is for: the browser came by the mail's button, or Kratos has refused a name.
func (f flow) asksNames() bool { return !f.Named && f.Names.IsZero() }

// writePassword shows step 3. A password never comes back to the page, only what it fulfilled.
func (h *Handler) writePassword(w http.ResponseWriter, r *http.Request, f flow, problems ...page.Problem) error {
	view := newpassword.View{
		Email:  f.Email.Display(),
		Handle: f.Handle,
		Action: PathPassword,
		Policy: h.Policy,
		Until:  page.Clock(f.Until),
	}
	if f.asksNames() {
		view.Names = typedNames(r)
	}
	p := newpassword.Page(heading, view, problems...)
	if f.asksNames() && len(problems) == 0 {
		p.Notice = &page.Notice{Kind: "info", Key: "register.names_here"}
	}
	return h.Guard.Write(w, r, h.Pages, captcha.FormPassword, formguard.Ask{}, p)
}

func (h *Handler) postPassword(w http.ResponseWriter, r *http.Request) error {
	if err := h.Guard.Client(r, limit.CodeClient); err != nil {
		return err
	}
	f, err := h.posted(r)
	if err != nil {
		return err
	}
	if f.Path() != PathPassword {
		http.Redirect(w, r, f.Path(), http.StatusSeeOther)
		return nil
	}
	if key, err := h.Guard.CheckHoneypot(r, captcha.FormPassword); err != nil {
		return err
	} else if key != "" {
		return h.writePassword(w, r, f, page.Problem{Key: key})
	}
	if h.Now().After(f.Until) {
		return h.tooLate(w, r, f)
	}
	names, problems := f.Names, []page.Problem(nil)
	if f.asksNames() {
		names = typedNames(r)
		problems = names.faults()
	}
	typed, confirmed := newpassword.Read(r)
	problems = append(problems, newpassword.Faults(h.Policy, typed, confirmed, h.guessedFirst(f, names))...)
	if len(problems) > 0 {
		return h.writePassword(w, r, f, problems...)
	}
	s := once.Submission{
		Secret: f.Secret,
		Lock:   h.States().LockName(f.ID),
		What:   []string{"password", f.ID, names.String(), typed},
		Time:   h.Times.Password,
	}
	o, err := once.Do(r.Context(), h.Keeper(), s, func(ctx context.Context) (passwordOutcome, error) {
		return h.choose(ctx, f, names, typed)
	})
	if err != nil {
		return err
	}
	return h.answerPassword(w, r, o)
}

// guessedFirst are the names that an attacker of this account tries first.
func (h *Handler) guessedFirst(f flow, names Names) []string {
	return password.Names(h.Pages.Site.Service, h.Pages.Site.MinistryName(), h.Pages.Site.OldPortal, f.Email.Local(), f.Email.Domain(), names.Given, names.Family)
}

// passwordOutcome is what came of step 3, as kept by once.
type passwordOutcome struct {
	Flow     flow           `json:"flow"`
	Late     bool           `json:"late,omitzero"`
	Inactive bool           `json:"inactive,omitzero"`
	Problems []page.Problem `json:"problems,omitzero"` // of Kratos's
}

func (passwordOutcome) Passing() bool { return false }

// choose saves the names, then the password, each under a permit of its own, under the flow's lock.
func (h *Handler) choose(ctx context.Context, f flow, names Names, typed string) (passwordOutcome, error) {
	if f.Settings == "" {
		settings, outcome, err := h.Kratos.OpenSettings(ctx, f.Token)
		switch {
		case err != nil:
			return passwordOutcome{}, err
		case outcome != kratos.SettingsOpened:
			return h.ended(f, outcome)
		}
		f.Settings = settings
	}
	if !f.Named {
		o, saved, err := h.saveNames(ctx, f, names)
		if err != nil || !saved {
			return o, err
		}
		f.Names, f.Named = names, true
	}
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
		return passwordOutcome{}, err
	}
	switch {
	case result.Outcome == kratos.PasswordSet, result.Outcome == kratos.SessionOver && again: // ended by this very step, its answer lost
		return h.succeed(ctx, f), nil
	case result.Outcome == kratos.PasswordRefused:
		h.note(ctx, metrics.PasswordRefused, f)
		key, number := newpassword.Refusal(result.Reason)
		return passwordOutcome{Flow: f, Problems: []page.Problem{{Field: "mot-de-passe", Key: key, Args: []any{"n", number}}}}, nil
	}
	return h.ended(f, result.Outcome)
}

// saveNames saves what the person says of himself. What the site takes and the account's schema does not is asked again here.
func (h *Handler) saveNames(ctx context.Context, f flow, names Names) (o passwordOutcome, saved bool, err error) {
	if err := hook.Permit(ctx, h.Store, hook.SaveProfile, f.Settings); err != nil {
		return o, false, err
	}
	result, err := h.Kratos.SetProfile(ctx, f.Token, f.Settings, names.traits(f.Email))
	if revokeErr := hook.Revoke(ctx, h.Store, hook.SaveProfile, f.Settings); revokeErr != nil {
		h.Log.WarnContext(ctx, "registration: the permit could not be deleted", "cause", revokeErr.Error())
	}
	h.Reached("names: answered")
	switch {
	case err != nil:
		return o, false, err
	case result.Outcome == kratos.ProfileSet:
		return o, true, nil
	case result.Outcome == kratos.SessionOver: // perhaps ended by this very step, its answer lost: the password's intent tells
		return o, true, nil
	case result.Outcome == kratos.ProfileRefused && len(refusedTraits(result.Traits)) > 0:
		f.Names = Names{}
		return passwordOutcome{Flow: f, Problems: refusedTraits(result.Traits)}, false, nil
	case result.Outcome == kratos.ProfileRefused:
		return o, false, errHook
	}
	o, err = h.ended(f, result.Outcome)
	return o, false, err
}

// ended is an outcome after which nothing can be saved in this flow.
func (h *Handler) ended(f flow, outcome kratos.Outcome) (passwordOutcome, error) {
	switch outcome {
	case kratos.HookFailed:
		return passwordOutcome{}, errHook
	case kratos.SessionOver, kratos.PrivilegeOver, kratos.FlowExpired, kratos.FlowUnknown, kratos.FlowForeign:
		return passwordOutcome{Flow: f, Late: true}, nil
	case kratos.AccountInactive:
		return passwordOutcome{Flow: f, Inactive: true}, nil
	}
	return passwordOutcome{}, h.Unexpected("password", outcome)
}

// succeed ends the session that has saved: the person logs in with what was chosen.
func (h *Handler) succeed(ctx context.Context, f flow) passwordOutcome {
	h.EndSession(ctx, f.Flow)
	h.note(ctx, metrics.Finished, f)
	f.Token, f.Settings, f.Unfinished, f.Names, f.Done = "", "", "", Names{}, true
	return passwordOutcome{Flow: f}
}

func (h *Handler) answerPassword(w http.ResponseWriter, r *http.Request, o passwordOutcome) error {
	switch {
	case o.Late:
		return errors.Join(errLate, h.prefill(w, o.Flow))
	case o.Inactive:
		return inactive(h.Pages.Site.Assistance)
	case len(o.Problems) > 0:
		if err := h.FlowCookie.Set(w, o.Flow); err != nil {
			return err
		}
		return h.writePassword(w, r, o.Flow, o.Problems...)
	}
	if err := h.DeviceCookie.Set(w, handoff.Device{Account: h.Account(o.Flow.Email), Since: rand.Text()}); err != nil {
		return err
	}
	return h.SaveAndRedirect(w, r, o.Flow)
}
