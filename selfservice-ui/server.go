package ui

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"efpconnect.example/internal/audit"
	"efpconnect.example/internal/hydra"
	"efpconnect.example/internal/instant"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/notice"
	"efpconnect.example/internal/password"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/store"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/cas"
	"efpconnect.example/selfservice-ui/consent"
	"efpconnect.example/selfservice-ui/flows"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/handoff"
	"efpconnect.example/selfservice-ui/help"
	"efpconnect.example/selfservice-ui/legal"
	"efpconnect.example/selfservice-ui/login"
	"efpconnect.example/selfservice-ui/newpassword"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/recovery"
	"efpconnect.example/selfservice-ui/registration"
	"efpconnect.example/selfservice-ui/sitepath"
)

// Site is the website, put together and ready to be served.
type Site struct {
	// Public is what browsers reach, Internal what Kratos and the platform reach: never publish it.
	Public, Internal http.Handler

	pages           *page.Renderer
	errors          *page.ErrorHandler
	forms           *formguard.Guard
	legal           *legal.Handler
	paper           help.Paper
	login           *login.Handler
	cas             *cas.Handler     // nil where no service signs people in
	consent         *consent.Handler // nil where none does by OpenID Connect
	recovery        *recovery.Handler
	registration    *registration.Handler // nil where accounts are not created here
	notices         *notice.Notices
	canary          *instant.Canary
	hookAddress     string      // of the listener that Kratos asks, once the site serves
	draining        atomic.Bool // stops soon: the proxy is to send nobody any more
	securityContact string
	secure          bool // on https
	now             func() time.Time
}

// Parts are what the site is given rather than makes: tests give others.
type Parts struct {
	Store       store.Store
	Spend       limit.Spend     // counts the limits
	HoneypotOff bool            // for tests that cannot wait to fill a form in
	Instant     *instant.Shared // at which logins are answered; nil makes one that begins at answer_after
	Log         *slog.Logger
	Now         func() time.Time
	Metrics     *metrics.Metrics   // nil counts nothing
	Failpoint   func(point string) // failpoints of the reset, nil outside tests
	OnPage      func(page.Page)    // told of each page shown, nil outside tests
}

// New puts the site together. Whatever can be wrong is found here, before anything listens, and told at once.
func New(set settings.Settings, parts Parts) (*Site, error) {
	public, publicErr := url.Parse(set.PublicURL)
	client, kratosErr := kratos.New(set.KratosURL, kratos.Options{SessionCookie: set.SessionCookie, Timeout: set.KratosTimeout, PasswordTimeout: set.KratosPasswordTimeout,
		DetachedTimeout: set.DetachedWithin(), Wrap: parts.Metrics.Transport})
	box, boxErr := seal.New(set.Keys, parts.Now)
	pages, pagesErr := page.NewRenderer(SiteOf(set), Templates()...)
	base := browser.SealedCookie{Secure: strings.HasPrefix(set.PublicURL, "https:"), Box: box}
	guards, guardsErr := newFormGuard(set, parts, box, base)
	registry, registryErr := registryOf(set)
	paper, paperErr := help.NewPaper(set.PublicURL)
	if err := errors.Join(publicErr, kratosErr, boxErr, pagesErr, guardsErr, about("services_file", registryErr), about("public_url", paperErr)); err != nil {
		return nil, err
	}
	pages.OnPage = parts.OnPage
	s := &Site{forms: guards, pages: pages, errors: newErrorHandler(pages, parts.Log), securityContact: set.SecurityContact, paper: paper, secure: base.Secure, now: parts.Now}
	s.legal = &legal.Handler{Pages: pages, Errors: s.errors, Facts: factsOf(set), Jars: legal.Cookies(set.SessionCookie)}
	guard := &browser.Guard{PublicURL: public, FormTo: set.ReturnTo, Timeout: set.RequestTimeout, MaxBody: 64 << 10,
		Languages: set.Languages, Log: parts.Log, Errors: s.errors, TrustedProxies: networks(set.TrustedProxies), Hash: box.Hash, Observe: parts.Metrics.Request}
	hints := handoff.PrefillCookie(base)
	s.recovery = &recovery.Handler{
		Frame:          s.frame("recovery", set, parts, base, client, recovery.FlowCookie(base)),
		FinishedCookie: recovery.FinishedCookie(base),
	}
	s.login = &login.Handler{Kratos: client, Pages: pages, Errors: s.errors, Guard: guards, DeviceCookie: handoff.DeviceCookie(base), NonceCookie: login.NonceCookie(base),
		Store: parts.Store, Box: box, PrefillCookie: hints,
		ReturnTo: set.ReturnTo, Services: links(set.Services), Notice: set.Notice, NoticeUntil: set.NoticeUntil,
		JudgedWithin: set.DetachedWithin(), Now: parts.Now, Log: parts.Log}
	if set.Registers() {
		s.registration = &registration.Handler{
			Frame:   s.frame("registration", set, parts, base, client, registration.FlowCookie(base)),
			Domains: set.RegistrationDomains,
			Hook:    s.hookListens,
		}
	}
	if err := s.signIn(set, parts, base, registry); err != nil {
		return nil, err
	}
	s.canary = newCanary(set, client, guards.Instant, parts.Log)
	var err error
	if s.notices, err = newNotices(set, parts); err != nil {
		return nil, err
	}
	if !password.HasFrenchWords() {
		parts.Log.Warn("password: built without the French words (make assets): guessable French passwords pass")
	}
	s.recovery.Notices = s.notices
	s.login.Metrics, s.login.Trail = parts.Metrics, &audit.Trail{Log: parts.Log}
	s.Public = guard.Wrap(s.routes())
	s.Internal = s.internal(client, parts, set.HookKey)
	return s, nil
}

// Close waits for what goes on without a request: mails on their way to Kratos, notices on their way to the relay.
func (s *Site) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = s.finish(ctx)
}

func (s *Site) finish(ctx context.Context) error {
	return errors.Join(s.recovery.Close(ctx), s.registration.Close(ctx), s.login.Close(ctx), s.notices.Close(ctx))
}

// SiteOf is what the settings say about every page.
func SiteOf(set settings.Settings) page.Site {
	return page.Site{Ministry: strings.Split(set.Ministry, "|"), Service: set.ServiceName, Environment: set.EnvironmentLabel,
		Assistance: set.AssistanceURL, Contacts: set.ContactsURL, CreateAccount: createAccount(set), Feedback: set.FeedbackURL, OldPortal: set.OldPortal,
		MailSender: set.MailSender, Languages: set.Languages, Own: ownOf(set), Legal: links(set.Legal)}
}

// createAccount is where an account is created: here, or where an administrator says.
func createAccount(set settings.Settings) string {
	if set.Registers() {
		return sitepath.Registration
	}
	return set.CreateAccountURL
}

// frame is what every flow's handler works with.
func (s *Site) frame(kind string, set settings.Settings, parts Parts, base browser.SealedCookie, client *kratos.Client, cookie *browser.SealedCookie) flows.Frame {
	times := flows.DefaultTimes()
	times.Resend, times.AnswerAfter, times.Password = set.ResendAfter, set.AnswerAfter, set.StepThree()
	times.Send = set.DetachedWithin()
	return flows.Frame{
		Kind:          kind,
		Kratos:        client,
		Store:         parts.Store,
		Box:           base.Box,
		Policy:        password.Default(),
		Pages:         s.pages,
		Errors:        s.errors,
		Guard:         s.forms,
		FlowCookie:    cookie,
		NonceCookie:   flows.NonceCookie(base),
		PrefillCookie: handoff.PrefillCookie(base),
		DeviceCookie:  handoff.DeviceCookie(base),
		Unfinished: newpassword.Unfinished{
			Kratos: client,
			Store:  parts.Store,
			Box:    base.Box,
			Log:    parts.Log,
			Now:    parts.Now,
		},
		ReturnTo:    set.ReturnTo,
		Times:       times,
		Now:         parts.Now,
		Log:         parts.Log,
		MailDomains: set.MailDomains,
		Metrics:     parts.Metrics,
		Trail:       &audit.Trail{Log: parts.Log},
		Failpoint:   parts.Failpoint,
	}
}

// hookListens asks the hook's own listener, once it is known, whether it answers.
func (s *Site) hookListens(ctx context.Context) error {
	if s.hookAddress == "" {
		return nil
	}
	return alive(ctx, s.hookAddress)
}

// ownOf is where the mandatory pages are.
func ownOf(set settings.Settings) page.Own {
	return page.Own{
		Accessibility:      cmp.Or(set.AccessibilityURL, legal.PathAccessibility),
		Notice:             cmp.Or(set.LegalNoticeURL, legal.PathNotice),
		Personal:           cmp.Or(set.PersonalDataURL, legal.PathPersonal),
		Cookies:            cmp.Or(set.CookiesURL, legal.PathCookies),
		AccessibilityState: set.AccessibilityState,
	}
}

// factsOf is what the settings say on the legal pages.
func factsOf(set settings.Settings) legal.Facts {
	return legal.Facts{
		PublicURL:            set.PublicURL,
		Publisher:            set.LegalPublisher,
		Director:             set.LegalDirector,
		Host:                 set.LegalHost,
		Controller:           set.DataController,
		LegalBasis:           set.DataBasis,
		Recipients:           set.DataRecipients,
		DPO:                  set.DataOfficer,
		AccessibilityContact: set.AccessibilityContact,
		AccessibilityState:   set.AccessibilityState,
		AccountsKept:         set.KeptAccounts,
		LogsKept:             set.KeptLogs,
		RelayKept:            set.KeptRelay,
		ImportKept:           set.KeptImport,
	}
}

// links reads "label=address" settings.
func links(settings []string) []page.Link {
	list := make([]page.Link, 0, len(settings))
	for _, one := range settings {
		label, address, _ := strings.Cut(one, "=")
		list = append(list, page.Link{Label: label, URL: address})
	}
	return list
}

// newErrorHandler tells the pages which errors pass by themselves.
func newErrorHandler(pages *page.Renderer, log *slog.Logger) *page.ErrorHandler {
	return &page.ErrorHandler{
		Pages:       pages,
		Log:         log,
		Unavailable: []error{kratos.ErrUnavailable, hydra.ErrUnavailable, store.ErrUnavailable, store.ErrFull, limit.ErrUnavailable},
	}
}
