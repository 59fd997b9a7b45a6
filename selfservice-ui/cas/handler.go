package cas

import (
	"embed"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/services"
	"efpconnect.example/internal/store"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/entered"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/page"
)

// Templates of this package's pages.
//
//go:embed *.html
var Templates embed.FS

// Handler is the CAS server. All fields but Metrics are required.
type Handler struct {
	Kratos    *kratos.Client
	Store     store.Store
	Box       *seal.Box
	Pages     *page.Renderer
	Errors    *page.ErrorHandler
	Guard     *formguard.Guard
	Registry  *services.Registry
	Prefixes  []string              // where the protocol is mounted: "/cas"
	OpaqueKey []byte                // makes the opaque identifiers; it never rotates
	Asked     *browser.SealedCookie // the request that a login page was shown for
	Notifier  *http.Client          // tells services that a session has ended
	Issuer    string                // the site's address, as browsers know it
	Now       func() time.Time
	Log       *slog.Logger
	Metrics   *metrics.Metrics // nil counts nothing
}

// AskedCookie keeps what a login page was shown for.
func AskedCookie(base browser.SealedCookie) *browser.SealedCookie {
	base.Name, base.TTL = "efp_service", time.Hour
	return &base
}

// NewNotifier is the client that Handler.Notifier wants: it never calls the neighbours (host:port), which are no services.
func NewNotifier(neighbours []string) *http.Client { return newNotifier(neighbours) }

// Mount adds the routes under each prefix.
func (h *Handler) Mount(r *mux.Router) {
	read := []string{http.MethodGet, http.MethodHead}
	for _, prefix := range h.Prefixes {
		r.Handle(prefix+pathLogin, h.Errors.Handle(h.getLogin(prefix))).Methods(read...)
		r.Handle(prefix+pathLogout, h.Errors.Handle(h.getLogout)).Methods(read...)
		r.Handle(prefix+pathLogout, h.Errors.Handle(h.postLogout)).Methods(http.MethodPost)
		r.HandleFunc(prefix+"/validate", h.plain(prefix)).Methods(read...)
		r.HandleFunc(prefix+"/serviceValidate", h.service(prefix, false)).Methods(read...)
		r.HandleFunc(prefix+"/proxyValidate", h.service(prefix, false)).Methods(read...)
		r.HandleFunc(prefix+"/p3/serviceValidate", h.service(prefix, true)).Methods(read...)
		r.HandleFunc(prefix+"/p3/proxyValidate", h.service(prefix, true)).Methods(read...)
		r.HandleFunc(prefix+"/samlValidate", h.saml(prefix)).Methods(http.MethodPost)
		r.HandleFunc(prefix+"/proxy", proxy).Methods(read...)
	}
}

const (
	pathLogin  = "/login"
	pathLogout = "/logout"
)

// Leads tells whether an address is one of this package's login pages of this site, and the name of the service that it is for: the
// login page shows it.
func (h *Handler) Leads(returnTo string) (service string, leads bool) {
	rest, own := strings.CutPrefix(returnTo, h.Issuer+"/")
	if h.Issuer == "" || !own {
		return "", false
	}
	path, query, _ := strings.Cut("/"+rest, "?")
	for _, prefix := range h.Prefixes {
		if path == prefix+pathLogin {
			if s, err := h.Registry.Match(wantedIn(query)); err == nil {
				service = s.Name
			}
			return service, true
		}
	}
	return "", false
}

// account is the key of an account in the index: never the address itself.
func (h *Handler) account(email string) string {
	return h.Box.Hash("cas account", strings.ToLower(email))
}

func (h *Handler) index() entered.Index {
	return entered.Index{Kind: "cas", Store: h.Store, Now: h.Now}
}
