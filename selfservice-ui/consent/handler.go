package consent

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"efpconnect.example/internal/hydra"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/services"
	"efpconnect.example/internal/store"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/entered"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

// Templates of this package's pages.
//
//go:embed *.html
var Templates embed.FS

// Handler answers Hydra's questions. All fields but Metrics are required.
type Handler struct {
	Hydra     *hydra.Client
	Kratos    *kratos.Client
	Store     store.Store
	Box       *seal.Box
	Pages     *page.Renderer
	Errors    *page.ErrorHandler
	Guard     *formguard.Guard
	Registry  *services.Registry
	OpaqueKey []byte                // makes the opaque identifiers; it never rotates
	Asked     *browser.SealedCookie // the request that a login page was shown for
	Issuer    string                // the site's address, as browsers know it
	Now       func() time.Time
	Log       *slog.Logger
	Metrics   *metrics.Metrics // nil counts nothing

	// EndEverywhere tells the services of every protocol that a session has ended, and names those that could not be told.
	EndEverywhere func(ctx context.Context, email, session string) (untold []string, err error)
}

// AskedCookie keeps what a login page was shown for, as long as a reset may take.
func AskedCookie(base browser.SealedCookie) *browser.SealedCookie {
	base.Name, base.TTL = "efp_openid", askedLife
	return &base
}

const (
	loginChallenge   = "login_challenge"
	consentChallenge = "consent_challenge"
	logoutChallenge  = "logout_challenge"
)

// Mount adds the routes. It comes before the login's, whose log-out has no challenge.
func (h *Handler) Mount(r *mux.Router) {
	read := []string{http.MethodGet, http.MethodHead}
	r.Handle(sitepath.ServiceLogin, h.Errors.Handle(h.resume)).Methods(read...).Queries(parameterSuite, "{suite}")
	r.Handle(sitepath.ServiceLogin, h.Errors.Handle(h.getLogin)).Methods(read...)
	r.Handle(sitepath.Consent, h.Errors.Handle(h.getConsent)).Methods(read...)
	r.Handle(sitepath.Logout, h.Errors.Handle(h.getLogout)).Methods(read...).Queries(logoutChallenge, "{challenge}")
	r.Handle(sitepath.Logout, h.Errors.Handle(h.postLogout)).Methods(http.MethodPost).Queries(logoutChallenge, "{challenge}")
}

// maxChallenge is some twice what Hydra makes, in bytes.
const maxChallenge = 8 << 10

// challenge is the one that a request brings.
func challenge(r *http.Request, name string) (string, error) {
	values := r.URL.Query()[name]
	if len(values) != 1 || values[0] == "" || len(values[0]) > maxChallenge {
		return "", errBadRequest
	}
	return values[0], nil
}

// told makes a page of what Hydra says of a challenge that it does not know any more.
func told(err error) error {
	if errors.Is(err, hydra.ErrGone) {
		return over(err)
	}
	return err
}

// Leads tells whether an address is one of this package's, and the name of the service that it is for: the login page shows it.
func (h *Handler) Leads(returnTo string) (service string, leads bool) {
	rest, own := strings.CutPrefix(returnTo, h.Issuer+sitepath.ServiceLogin+"?")
	if h.Issuer == "" || !own {
		return "", false
	}
	if query, err := url.ParseQuery(rest); err == nil {
		if entry := h.Registry.ByID(query.Get(parameterService)); entry != nil {
			service = entry.Name
		}
	}
	return service, true
}

func (h *Handler) index() entered.Index {
	return entered.Index{Kind: "oidc", Store: h.Store, Now: h.Now}
}

// account is the key of an account in the index: never the address itself.
func (h *Handler) account(email string) string {
	return h.Box.Hash("oidc account", strings.ToLower(email))
}

func personOf(s kratos.Session) services.Person {
	return services.Person{Account: s.Account, Email: s.Email, Traits: s.Traits, Legacy: s.Legacy}
}
