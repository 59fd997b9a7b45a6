package login

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"efpconnect.example/internal/audit"
	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/email"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/store"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/handoff"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

// Templates of this package's pages.
//
//go:embed *.html
var Templates embed.FS

// The site's paths.
const (
	PathLogin    = sitepath.Login
	PathServices = sitepath.Services
	PathLogout   = sitepath.Logout
	pathContinue = sitepath.Continue
	pathReset    = sitepath.Reset
	pathHelp     = sitepath.Help
)

// Handler is the login. ReturnTo, Services, NoticeUntil, Metrics and Trail may be left out.
type Handler struct {
	Kratos        *kratos.Client
	Pages         *page.Renderer
	Errors        *page.ErrorHandler
	Guard         *formguard.Guard
	DeviceCookie  *browser.SealedCookie // who logged in from this browser before: their own budget of tries
	NonceCookie   *browser.SealedCookie // a browser at the login page
	Store         store.Store
	Box           *seal.Box
	PrefillCookie *browser.SealedCookie // the identifier, between login and reset
	ReturnTo      browser.ReturnTo
	Services      []page.Link
	Notice        bool          // show the first-login notice
	NoticeUntil   time.Time     // its last moment, zero for no end
	JudgedWithin  time.Duration // longest life of a login at Kratos, which its answer does not wait for
	Now           func() time.Time
	Log           *slog.Logger
	Metrics       *metrics.Metrics // nil counts nothing
	Trail         *audit.Trail     // nil writes nothing

	// Leads tells whether an address to return to is the sign-in of a service, and the service's name; nil where no service signs in.
	Leads func(returnTo string) (service string, leads bool)
	// SignedOut is told of each session that ends here, and tells the services that it has entered; nil tells nobody.
	SignedOut func(ctx context.Context, email, session string) (untold []string, err error)
	// Continued is told of a session that another of the same account follows in its browser; nil with SignedOut.
	Continued func(ctx context.Context, former, now kratos.Session) error

	attempts attempts
}

// Mount adds the routes.
func (h *Handler) Mount(r *mux.Router) {
	read := []string{http.MethodGet, http.MethodHead}
	r.Handle(PathLogin, h.Errors.Handle(h.getLogin)).Methods(read...)
	r.Handle(PathLogin, h.Errors.Handle(h.postLogin)).Methods(http.MethodPost)
	r.Handle(pathContinue, h.Errors.Handle(h.getContinue)).Methods(read...)
	r.Handle(PathServices, h.Errors.Handle(h.getServices)).Methods(read...)
	r.Handle(PathLogout, http.RedirectHandler(PathLogin, http.StatusSeeOther)).Methods(read...)
	r.Handle(PathLogout, h.Errors.Handle(h.postLogout)).Methods(http.MethodPost)
}

// view is the login page.
type view struct {
	Identifier string
	ReturnTo   string
	ResetURL   string
	HelpURL    string
	Notice     bool
	Refused    bool   // the one alert, the same for everybody
	Changed    bool   // comes from the last page of a reset: the password is what is left to type
	Created    bool   // comes from the last page of the creation of the account
	Service    string // name of the service that the person comes from
}

// getLogin is a form without a Kratos flow: crawlers must not fill Kratos's tables. Who is signed in already goes on.
func (h *Handler) getLogin(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query().Get("return_to")
	v := h.view("", h.ReturnTo.Allowed(asked))
	h.ReturnTo.Note(r.Context(), h.Log, asked, v.ReturnTo)
	var carried handoff.Prefill
	said, answered, err := h.Guard.Recall(w, r)
	if err != nil {
		return err
	}
	if answered {
		v = h.view(r.PostForm.Get("identifiant"), cmp.Or(v.ReturnTo, h.ReturnTo.Allowed(r.PostForm.Get("return_to"))))
		v.Refused = slices.ContainsFunc(said.Problems, func(p page.Problem) bool { return p.Field == "" && p.Key == keyRefused })
	} else if h.PrefillCookie.Get(r, &carried) {
		v = h.view(carried.Identifier, cmp.Or(v.ReturnTo, h.ReturnTo.Allowed(carried.ReturnTo)))
		v.Changed, v.Created = carried.Changed, carried.Created
		v.Notice = v.Notice && !carried.Changed && !carried.Created
	}
	p := loginPage(v, http.StatusOK)
	if answered {
		said.On(&p)
	}
	// A service wants a new login, or this browser tries one, whatever session there is.
	if r.URL.Query().Has("nouvelle") || answered {
		return errors.Join(h.greet(w, r), h.write(w, r, p))
	}
	_, found, _, err := h.signedIn(r)
	if err != nil {
		return err
	}
	if found {
		http.Redirect(w, r, h.onward(v.ReturnTo), http.StatusSeeOther)
		return nil
	}
	return errors.Join(h.greet(w, r), h.write(w, r, p))
}

// answer leads back to the page, which says what is to be mended.
func (h *Handler) answer(w http.ResponseWriter, r *http.Request, v view, p page.Page) error {
	return h.Guard.Answer(w, r, browser.Carry(PathLogin, v.ReturnTo), p, "identifiant", "return_to")
}

func (h *Handler) write(w http.ResponseWriter, r *http.Request, p page.Page) error {
	return h.Guard.Write(w, r, h.Pages, captcha.FormLogin, h.Guard.Asks[captcha.FormLogin], p)
}

func (h *Handler) view(identifier, returnTo string) view {
	shown := h.Notice && (h.NoticeUntil.IsZero() || h.Now().Before(h.NoticeUntil))
	v := view{
		Identifier: identifier,
		ReturnTo:   returnTo,
		Notice:     shown,
		ResetURL:   browser.Carry(pathReset, returnTo),
		HelpURL:    browser.Carry(pathHelp, returnTo),
	}
	if h.Leads != nil {
		v.Service, _ = h.Leads(returnTo)
	}
	return v
}

func loginPage(v view, status int, problems ...page.Problem) page.Page {
	p := page.Page{Template: "login", Status: status, Heading: "login.heading", Title: "login.title", Problems: problems, View: v}
	if v.Created {
		p.Notice = &page.Notice{Kind: "success", Key: "login.created"}
	}
	if v.Changed {
		p.Notice = &page.Notice{Kind: "success", Key: "login.changed"}
	}
	return p
}

// postLogin opens and posts Kratos's browser flow itself and relays the session cookie alone. The session this browser may
// still have is not sent along: Kratos would answer session_already_available.
func (h *Handler) postLogin(w http.ResponseWriter, r *http.Request) error {
	if err := h.Guard.Client(r, limit.LoginClient); err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return page.BadForm(err, page.Action{Label: "way.login", URL: PathLogin})
	}
	v := h.view(strings.TrimSpace(r.PostForm.Get("identifiant")), h.ReturnTo.Allowed(r.PostForm.Get("return_to")))
	if formguard.Renewed(r) {
		return h.answer(w, r, v, loginPage(v, http.StatusOK))
	}
	at, ok := h.nonce(r)
	if !ok { // no cookie of ours comes back: the browser refuses them, or the page was left open for a day
		return errors.Join(h.greet(w, r), h.write(w, r, loginPage(v, http.StatusUnprocessableEntity, page.Problem{Key: "cookies.refused"})))
	}
	secret := r.PostForm.Get("mot-de-passe")
	who, problems := faults(v.Identifier, secret)
	if len(problems) > 0 {
		problems, _, err := h.Guard.Mend(w, r, captcha.FormLogin, h.Guard.Asks[captcha.FormLogin], problems)
		if err != nil {
			return err
		}
		return h.answer(w, r, v, loginPage(v, http.StatusUnprocessableEntity, problems...))
	}
	answer, err := h.Guard.Answered(r)
	if err != nil {
		return err
	}
	if problem, err := h.admit(r, who, answer); err != nil {
		return err
	} else if problem != nil {
		return h.answer(w, r, v, loginPage(v, http.StatusUnprocessableEntity, *problem))
	}
	said, err := h.decide(r, h.tried(r, at, who, v.ReturnTo, secret))
	if err != nil {
		// The page that says so has no form: this one finds the identifier again.
		return errors.Join(err, h.PrefillCookie.Set(w, handoff.Prefill{Identifier: v.Identifier, ReturnTo: h.ReturnTo.Carried(v.ReturnTo)}))
	}
	switch said.Outcome {
	case kratos.LoggedIn:
		return h.welcome(w, r, said.LoginResult, who, v.ReturnTo)
	case kratos.AccountInactive:
		return &page.Message{Status: http.StatusForbidden, Heading: "login.heading", Text: "account.inactive",
			Actions: []page.Action{{Label: "way.assistance", URL: h.Pages.Site.Assistance}}}
	case kratos.ReturnToForbidden:
		return &page.Message{Status: http.StatusBadGateway, Heading: "error.heading", Text: "error.unexpected",
			Actions: []page.Action{{Label: "way.login", URL: PathLogin}}, Cause: kratos.ErrUnexpected}
	}
	return h.refuse(w, r, v, answer)
}

// decide is what a login is answered by its instant, which is fixed as soon as its turn has come and does not look at how
// long Kratos takes. What comes back without an outcome reads as a refusal: refused, failed and not yet judged are one. The
// place of the turn frees at that instant for all of them; the try is counted with the turn, so that who waited in vain
// keeps it.
func (h *Handler) decide(r *http.Request, t try) (verdict, error) {
	if v, found := h.late(r.Context(), t); found {
		return v, nil
	}
	leave, err := h.Guard.Logins.Acquire(r.Context(), t.proved)
	if err != nil {
		return verdict{}, err
	}
	step, open := h.Guard.Instant.Now()
	if !open {
		leave(0)
		return verdict{}, errTooSlow
	}
	until := time.NewTimer(step)
	defer until.Stop()
	leave(step)
	if err := h.Guard.Key(r.Context(), t.rule, t.budget, "limit.login"); err != nil {
		leave(0)
		return verdict{}, err
	}
	a := h.attempts.join(t.key, func() verdict { return h.judge(r.Context(), t) }, func(v verdict) { h.keepLate(r.Context(), t, v) })
	said, found, err := h.attempts.wait(r.Context(), a, until.C)
	switch {
	case err != nil:
		return verdict{}, err
	case found:
		leave(0)
		return said, said.err
	}
	return verdict{}, nil
}

// errTooSlow turns a login away before Kratos hears it: it takes longer than the last instant, and nothing could hide for
// whom.
var errTooSlow = fmt.Errorf("login: slower than the last instant: %w", kratos.ErrUnavailable)

// note counts a login, and writes it to the account's trail.
func (h *Handler) note(ctx context.Context, outcome string, who email.Address) {
	h.Metrics.Login(outcome)
	h.Trail.Note(ctx, "login", outcome, h.account(who))
}

func (h *Handler) welcome(w http.ResponseWriter, r *http.Request, result kratos.LoginResult, who email.Address, returnTo string) error {
	h.replaceSessions(w, r, result.Cookies)
	h.PrefillCookie.Clear(w)
	account := h.account(who)
	if err := h.DeviceCookie.Set(w, handoff.Device{Account: account, Since: h.before(r, account).Since}); err != nil {
		return err
	}
	http.Redirect(w, r, h.onward(returnTo), http.StatusSeeOther)
	return nil
}

// refuse says the same to everybody, and helps who types the password of the former portal. The identifier goes to step 1
// sealed in a cookie.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, v view, answer formguard.Answer) error {
	if err := h.PrefillCookie.Set(w, handoff.Prefill{Identifier: v.Identifier, ReturnTo: h.ReturnTo.Carried(v.ReturnTo)}); err != nil {
		return err
	}
	if _, err := h.Guard.Keep(w, h.Guard.Asks[captcha.FormLogin], answer); err != nil {
		return err
	}
	return h.answer(w, r, v, loginPage(v, http.StatusUnprocessableEntity, page.Problem{Key: keyRefused}))
}

// keyRefused is the one sentence for everybody whose login is not taken.
const keyRefused = "login.refused"

// maxPassword bounds what is handed to Kratos, in bytes; beyond it the password can be nobody's.
const maxPassword = 1024

// faults is the address of a login, or what the form has to mend first. It judges the text alone, like step 1: what is no address
// is nobody's identifier, and Kratos is not asked about it (PostgreSQL takes no NUL, and Kratos would answer 500).
func faults(identifier, secret string) (email.Address, []page.Problem) {
	var problems []page.Problem
	who, fault := email.Parse(identifier)
	switch fault {
	case "":
	case email.Empty:
		problems = append(problems, page.Problem{Field: "identifiant", Key: "login.no_identifier"})
	default:
		problems = append(problems, page.Problem{Field: "identifiant", Key: string(fault)})
	}
	switch {
	case secret == "":
		problems = append(problems, page.Problem{Field: "mot-de-passe", Key: "login.no_password"})
	case len(secret) > maxPassword:
		problems = append(problems, page.Problem{Field: "mot-de-passe", Key: "login.refused"})
	}
	return who, problems
}
