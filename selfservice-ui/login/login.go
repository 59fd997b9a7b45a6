package login

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gorilla/mux"

	"efpconnect.example/internal/audit"
	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/seal"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/page"
)

// Templates of this package's pages.
//
//go:embed *.html
var Templates embed.FS

// The site's paths.
const (
	PathLogin    = "/connexion"
	PathServices = "/services"
	PathLogout   = "/deconnexion"
	pathReset    = "/reinitialisation"
	pathHelp     = "/aide/premiere-connexion"
)

// Handler is the login. ReturnTo, Services, NoticeUntil, Metrics and Trail may be left out.
type Handler struct {
	Kratos      *kratos.Client
	Pages       *page.Renderer
	Door        *page.Door
	Gate        *formguard.Gate
	Known       *browser.Jar // who logged in from this browser before: their own budget of tries
	Box         *seal.Box
	Hints       *browser.Jar // the identifier, between login and reset
	ReturnTo    browser.ReturnTo
	Services    []page.Link
	Notice      bool          // show the first-login notice
	NoticeUntil time.Time     // its last moment, zero for no end
	AnswerAfter time.Duration // instant at which a refused login is answered: Kratos takes longer for an account that exists
	Now         func() time.Time
	Log         *slog.Logger
	Metrics     *metrics.Metrics // nil counts nothing
	Trail       *audit.Trail     // nil writes nothing
}

// Mount adds the routes.
func (h *Handler) Mount(r *mux.Router) {
	read := []string{http.MethodGet, http.MethodHead}
	r.Handle(PathLogin, h.Door.Handle(h.show)).Methods(read...)
	r.Handle(PathLogin, h.Door.Handle(h.take)).Methods(http.MethodPost)
	r.Handle(PathServices, h.Door.Handle(h.services)).Methods(read...)
	r.Handle(PathLogout, http.RedirectHandler(PathLogin, http.StatusSeeOther)).Methods(read...)
	r.Handle(PathLogout, h.Door.Handle(h.logout)).Methods(http.MethodPost)
}

// view is the login page.
type view struct {
	Identifier string
	ReturnTo   string
	ResetURL   string
	HelpURL    string
	Notice     bool
	Refused    bool // the one alert, the same for everybody
}

// hint is recovery.Hint: the two packages share its JSON form alone.
type hint struct {
	Identifier string `json:"identifier"`
	ReturnTo   string `json:"to,omitzero"`
}

// show is a form without a Kratos flow: crawlers must not fill Kratos's tables. Who is signed in already goes on.
func (h *Handler) show(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query().Get("return_to")
	v := h.view("", h.ReturnTo.Allowed(asked))
	h.ReturnTo.Note(r.Context(), h.Log, asked, v.ReturnTo)
	var carried hint
	if h.Hints.Get(r, &carried) {
		v = h.view(carried.Identifier, cmp.Or(v.ReturnTo, h.ReturnTo.Allowed(carried.ReturnTo)))
	}
	_, found, err := h.Kratos.Whoami(r.Context(), r.Cookies())
	if err != nil {
		return err
	}
	if found {
		http.Redirect(w, r, cmp.Or(v.ReturnTo, PathServices), http.StatusSeeOther)
		return nil
	}
	return h.write(w, r, loginPage(v, http.StatusOK))
}

func (h *Handler) write(w http.ResponseWriter, r *http.Request, p page.Page) error {
	return h.Gate.Write(w, r, h.Pages, captcha.FormLogin, h.Gate.Asks[captcha.FormLogin], p)
}

func (h *Handler) view(identifier, returnTo string) view {
	shown := h.Notice && (h.NoticeUntil.IsZero() || h.Now().Before(h.NoticeUntil))
	return view{Identifier: identifier, ReturnTo: returnTo, Notice: shown,
		ResetURL: browser.Carry(pathReset, returnTo), HelpURL: browser.Carry(pathHelp, returnTo)}
}

func loginPage(v view, status int, problems ...page.Problem) page.Page {
	return page.Page{Template: "login", Status: status, Heading: "login.heading", Title: "login.title", Problems: problems, View: v}
}

// take opens and posts Kratos's browser flow itself and relays the session cookie alone. The session this browser may
// still have is not sent along: Kratos would answer session_already_available.
func (h *Handler) take(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return page.BadForm(err, page.Way{Label: "way.login", URL: PathLogin})
	}
	if err := h.Gate.Client(r, limit.LoginClient); err != nil {
		return err
	}
	v := h.view(strings.TrimSpace(r.PostForm.Get("identifiant")), h.ReturnTo.Allowed(r.PostForm.Get("return_to")))
	if formguard.Renewed(r) {
		return h.write(w, r, loginPage(v, http.StatusOK))
	}
	secret := r.PostForm.Get("mot-de-passe")
	if problems := faults(v.Identifier, secret); len(problems) > 0 {
		problems = h.Gate.Asks[captcha.FormLogin].Missing(problems, formguard.Answered(r))
		return h.write(w, r, loginPage(v, http.StatusUnprocessableEntity, problems...))
	}
	if problem, err := h.admit(r); err != nil {
		return err
	} else if problem != nil {
		return h.write(w, r, loginPage(v, http.StatusUnprocessableEntity, *problem))
	}
	result, began, err := h.judged(r, v, secret)
	if err != nil {
		// The page that says so has no form: this one finds the identifier again.
		return errors.Join(err, h.Hints.Put(w, hint{Identifier: v.Identifier, ReturnTo: h.ReturnTo.Carried(v.ReturnTo)}))
	}
	switch result.Outcome {
	case kratos.LoggedIn:
		h.note(r.Context(), metrics.LoginAccepted, v.Identifier)
		return h.welcome(w, r, result, v)
	case kratos.AccountInactive:
		h.note(r.Context(), metrics.LoginInactive, v.Identifier)
		return &page.Message{Status: http.StatusForbidden, Heading: "login.heading", Text: "account.inactive",
			Ways: []page.Way{{Label: "way.assistance", URL: h.Pages.Site.Assistance}}}
	case kratos.ReturnToForbidden, kratos.FlowExpired:
		return &page.Message{Status: http.StatusBadGateway, Heading: "error.heading", Text: "error.unexpected",
			Ways: []page.Way{{Label: "way.login", URL: PathLogin}}, Cause: kratos.ErrUnexpected}
	}
	h.note(r.Context(), metrics.LoginRefused, v.Identifier)
	return h.refuse(w, r, v, began)
}

// judged is what Kratos says of a login, and when it was this login's turn: a refusal's instant is counted from there, since the
// wait before was for others, and so is the try, which who waited in vain keeps. Only what tells nothing of an account gives the place
// back at once: the right password, and a try too many.
func (h *Handler) judged(r *http.Request, v view, secret string) (result kratos.LoginResult, began time.Time, err error) {
	leave, err := h.Gate.Logins.Take(r.Context())
	if err != nil {
		return result, began, err
	}
	began = h.Now()
	atOnce := false
	defer func() {
		if atOnce {
			leave(0)
			return
		}
		leave(h.Gate.Until(began, h.AnswerAfter))
	}()
	if err := h.count(r, v.Identifier); err != nil {
		atOnce = true
		return result, began, err
	}
	result, err = h.Kratos.Login(r.Context(), v.Identifier, secret, v.ReturnTo)
	atOnce = err == nil && result.Outcome == kratos.LoggedIn
	return result, began, err
}

// note counts a login, and writes it to the account's trail.
func (h *Handler) note(ctx context.Context, outcome, identifier string) {
	h.Metrics.Login(outcome)
	h.Trail.Note(ctx, "login", outcome, h.account(identifier))
}

func (h *Handler) welcome(w http.ResponseWriter, r *http.Request, result kratos.LoginResult, v view) error {
	for _, cookie := range result.Cookies {
		http.SetCookie(w, cookie)
	}
	h.Hints.Drop(w)
	account := h.account(v.Identifier)
	if err := h.Known.Put(w, known{Account: account, Since: h.before(r, account).Since}); err != nil {
		return err
	}
	http.Redirect(w, r, cmp.Or(v.ReturnTo, PathServices), http.StatusSeeOther)
	return nil
}

// refuse says the same to everybody, at the same instant, and helps who types the password of the former portal. The
// identifier goes to step 1 sealed in a cookie.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, v view, began time.Time) error {
	v.Refused = true
	if err := h.Gate.Wait(r.Context(), began, h.AnswerAfter); err != nil {
		return err
	}
	if err := h.Hints.Put(w, hint{Identifier: v.Identifier, ReturnTo: h.ReturnTo.Carried(v.ReturnTo)}); err != nil {
		return err
	}
	return h.write(w, r, loginPage(v, http.StatusUnprocessableEntity, page.Problem{Key: "login.refused"}))
}

// Bounds of what is handed to Kratos, in bytes; beyond them it can be nobody's.
const (
	maxIdentifier = 254
	maxPassword   = 1024
)

func faults(identifier, secret string) []page.Problem {
	var problems []page.Problem
	switch {
	case identifier == "":
		problems = append(problems, page.Problem{Field: "identifiant", Key: "login.no_identifier"})
	case len(identifier) > maxIdentifier:
		problems = append(problems, page.Problem{Field: "identifiant", Key: "address.too_long"})
	case !utf8.ValidString(identifier) || strings.ContainsFunc(identifier, unicode.IsControl):
		// PostgreSQL takes no NUL in a text: Kratos would answer 500, and anybody could raise the alarm for a Kratos that fails.
		problems = append(problems, page.Problem{Field: "identifiant", Key: "login.refused"})
	}
	switch {
	case secret == "":
		problems = append(problems, page.Problem{Field: "mot-de-passe", Key: "login.no_password"})
	case len(secret) > maxPassword:
		problems = append(problems, page.Problem{Field: "mot-de-passe", Key: "login.refused"})
	}
	return problems
}
