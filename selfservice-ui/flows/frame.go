package flows

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/mux"

	"efpconnect.example/internal/audit"
	"efpconnect.example/internal/email"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/lifetime"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/password"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/store"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/handoff"
	"efpconnect.example/selfservice-ui/mailedcode"
	"efpconnect.example/selfservice-ui/newpassword"
	"efpconnect.example/selfservice-ui/once"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

// Frame is what a flow's handler works with. All fields down to Log are required.
type Frame struct {
	Kind          string // "recovery", "registration": in errors and in the log
	Kratos        *kratos.Client
	Store         store.Store
	Box           *seal.Box
	Policy        password.Policy
	Pages         *page.Renderer
	Errors        *page.ErrorHandler
	Guard         *formguard.Guard
	FlowCookie    *browser.SealedCookie  // this browser's half-done flow
	NonceCookie   *browser.SealedCookie  // a browser at step 1
	PrefillCookie *browser.SealedCookie  // the identifier, between the login and the flows
	DeviceCookie  *browser.SealedCookie  // login's own: tries of one's own for who has proved to be the account's owner
	Unfinished    newpassword.Unfinished // ends the session of a step 3 that was left
	ReturnTo      browser.ReturnTo
	Times         Times
	Now           func() time.Time
	Log           *slog.Logger

	MailDomains []string // domains beside the well-known ones whose misspelling step 1 asks about

	Metrics *metrics.Metrics // nil counts nothing
	Trail   *audit.Trail     // nil writes nothing

	// Failpoint is told of each point between an answer of Kratos and the write that follows: tests kill the process there.
	Failpoint func(point string)

	sending sync.WaitGroup
}

// Times are the durations of a flow. Those of Kratos must agree with its configuration.
type Times struct {
	Flow        time.Duration // life of a Kratos flow
	Code        time.Duration // life of a code
	Resend      time.Duration // pause between two mails of one flow
	Session     time.Duration // how long a right code lets one choose a password
	AnswerAfter time.Duration // instant at which step 1 answers, whatever Kratos did meanwhile
	Password    time.Duration // bound of step 3: Kratos may have to wait for others before it saves a password
	Send        time.Duration // bound of the detached call that makes Kratos send
	Outcome     time.Duration // how long a form sent again gets the first answer
}

// DefaultTimes are those of package lifetime, and the site's own.
func DefaultTimes() Times {
	return Times{
		Flow:        lifetime.Flow,
		Code:        lifetime.Code,
		Resend:      time.Minute,
		Session:     lifetime.Password,
		AnswerAfter: 600 * time.Millisecond,
		Password:    34 * time.Second,
		Send:        10 * time.Second,
		Outcome:     time.Minute,
	}
}

// StepTime bounds what is done under a lock, but for step 3 (Times.Password).
const StepTime = 15 * time.Second

// Route is a page of a flow: what shows it, and what hears its form.
type Route struct {
	Path      string
	Get, Post page.Handler // nil: none
}

// Mount adds a flow's routes, and sends who opens the address of a resend to the code's page.
func (fr *Frame) Mount(r *mux.Router, resend, code string, routes ...Route) {
	read := []string{http.MethodGet, http.MethodHead}
	r.Handle(resend, http.RedirectHandler(code, http.StatusSeeOther)).Methods(read...)
	for _, route := range routes {
		if route.Get != nil {
			r.Handle(route.Path, fr.Errors.Handle(route.Get)).Methods(read...)
		}
		if route.Post != nil {
			r.Handle(route.Path, fr.Errors.Handle(route.Post)).Methods(http.MethodPost)
		}
	}
}

// Close waits for what is being handed to Kratos and to services, until ctx ends.
func (fr *Frame) Close(ctx context.Context) error {
	ended := make(chan struct{})
	go func() { fr.sending.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: codes not handed to Kratos: %w", fr.Kind, ctx.Err())
	}
}

// Detached runs what no answer waits for; Close does.
func (fr *Frame) Detached(f func()) { fr.sending.Go(f) }

// Reached tells of a failpoint.
func (fr *Frame) Reached(point string) {
	if fr.Failpoint != nil {
		fr.Failpoint(point)
	}
}

// Account is the keyed hash that stands for an address in the store and in the log, folded as Kratos folds identifiers: the same for
// all flows and the login, so that an address has one budget over all of them.
func (fr *Frame) Account(address email.Address) string {
	return fr.Box.Hash("account", address.Fold())
}

// States are what browsers share about the flows.
func (fr *Frame) States() *mailedcode.States {
	return &mailedcode.States{Store: fr.Store, Box: fr.Box, Life: fr.Times.Flow}
}

// Keeper gives a form sent again the first answer.
func (fr *Frame) Keeper() *once.Keeper {
	return &once.Keeper{
		Store:     fr.Store,
		Life:      fr.Times.Outcome,
		Log:       fr.Log,
		Failpoint: fr.Failpoint,
	}
}

// Step is step 2 of a flow.
func Step[F any](fr *Frame, way mailedcode.Way[F], texts mailedcode.Texts, asks formguard.Ask) *mailedcode.Step[F] {
	texts.Kind = fr.Kind
	return &mailedcode.Step[F]{
		Way:         way,
		Texts:       texts,
		Guard:       fr.Guard,
		Asks:        asks,
		Pages:       fr.Pages,
		Cookie:      fr.FlowCookie,
		States:      fr.States(),
		Keeper:      fr.Keeper(),
		Times:       mailedcode.Times{Flow: fr.Times.Flow, Code: fr.Times.Code, Pause: fr.Times.Resend},
		Box:         fr.Box,
		Now:         fr.Now,
		Log:         fr.Log,
		SendWithin:  fr.Times.Send,
		AnswerAfter: fr.Times.AnswerAfter,
		Sending:     &fr.sending,
	}
}

// Part is the flow as step 2 knows it. owned says that this browser holds the mailbox, or has held the account.
func (fr *Frame) Part(f Flow, owned bool) mailedcode.Flow {
	return mailedcode.Flow{
		ID:      f.ID,
		Opened:  f.Opened,
		Secret:  f.Secret,
		Proof:   f.Proof(),
		Owned:   owned,
		Account: fr.Account(f.Email),
		Email:   f.Email.Display(),
		Handle:  f.Handle,
	}
}

// UnderWay tells whether a flow of this browser is neither done nor over.
func (fr *Frame) UnderWay(f Flow) bool {
	return f.Sound() && !f.Done && fr.Now().Before(f.Opened.Add(fr.Times.Flow))
}

// SaveAndRedirect sends the browser to where its flow goes on.
func (fr *Frame) SaveAndRedirect(w http.ResponseWriter, r *http.Request, f interface{ Path() string }) error {
	if err := fr.FlowCookie.Set(w, f); err != nil {
		return err
	}
	http.Redirect(w, r, f.Path(), http.StatusSeeOther)
	return nil
}

// Finish is « Terminer »: it ends whatever session this browser still has (somebody else's, on a shared machine) and goes to the login
// page with the identifier filled in. Who has just proved the mailbox proves nothing else within minutes.
func (fr *Frame) Finish(w http.ResponseWriter, r *http.Request, prefill handoff.Prefill) error {
	if err := fr.endSessions(r); err != nil {
		// The password is chosen: that person must reach the login page.
		fr.Log.ErrorContext(r.Context(), fr.Kind+": the browser's session could not be ended", "cause", err.Error())
	}
	for _, cookie := range fr.Kratos.ExpireSessions(r.Host, fr.DeviceCookie.Secure) {
		http.SetCookie(w, cookie)
	}
	fr.FlowCookie.Clear(w)
	if err := fr.PrefillCookie.Set(w, prefill); err != nil {
		return err
	}
	if err := fr.Guard.Grant(w); err != nil {
		return err
	}
	http.Redirect(w, r, sitepath.Login, http.StatusSeeOther)
	return nil
}

// endSessions ends what the browser brings, within its client's limit for that.
func (fr *Frame) endSessions(r *http.Request) error {
	if len(fr.Kratos.Sessions(r.Cookies())) == 0 {
		return nil
	}
	within, err := fr.Guard.Within(r, limit.LogoutClient)
	if err != nil || !within {
		return err
	}
	return fr.Kratos.Logout(r.Context(), r.Cookies())
}

// KeepSession keeps the session of a flow that has come to step 3, to be ended if nobody finishes. Where that fails it ends by itself:
// no reason to lose a right code.
func (fr *Frame) KeepSession(ctx context.Context, f *Flow) {
	var err error
	if f.Unfinished, err = fr.Unfinished.Keep(ctx, f.Token, f.Until); err != nil {
		fr.Log.WarnContext(ctx, fr.Kind+": a session of step 3 is not kept; unfinished, it ends by itself", "cause", err.Error())
	}
}

// EndSession ends the session of a step 3 that is over.
func (fr *Frame) EndSession(ctx context.Context, f Flow) {
	if err := fr.Unfinished.End(ctx, f.Token, f.Unfinished); err != nil {
		fr.Log.ErrorContext(ctx, fr.Kind+": a session could not be ended; it ends at its time", "account", fr.Account(f.Email), "cause", err.Error())
	}
}

// Unexpected is an answer that no row of Kratos's tables explains at a step.
func (fr *Frame) Unexpected(step string, o kratos.Outcome) error {
	return fmt.Errorf("%s: %s: outcome %q: %w", fr.Kind, step, string(o), kratos.ErrUnexpected)
}
