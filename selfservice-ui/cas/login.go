package cas

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/services"
	"efpconnect.example/selfservice-ui/entered"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

// request is what a service asks of the login page.
type request struct {
	service string // as the browser brought it, byte for byte after decoding; "" for none
	saml    bool   // it came as TARGET, the SAML 1.1 way
	renew   bool   // a new login, whatever session there is
	gateway bool   // never a page: back to the service, with or without a ticket
	post    bool   // the ticket is sent by a form
}

// askedFor is kept while the login page is shown: a session younger than it is a new login.
type askedFor struct {
	Service string    `json:"service"`
	At      time.Time `json:"at"`
}

// loopLimit is how many tickets one session gets for one service within loopTime before it gets a page: a service that refuses its
// tickets sends the browser back for ever.
const (
	loopLimit = 5
	loopTime  = 30 * time.Second
)

// getLogin gives a ticket to who is signed in, and shows the login page to who is not.
func (h *Handler) getLogin(prefix string) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := h.Guard.Client(r, limit.PageClient); err != nil {
			return err
		}
		want, err := readRequest(r.URL.RawQuery)
		if err != nil {
			return err
		}
		if want.service == "" {
			http.Redirect(w, r, sitepath.Services, http.StatusSeeOther)
			return nil
		}
		entry, err := h.Registry.Match(want.service)
		if err != nil || want.saml && entry.Protocol != services.SAML {
			h.Log.WarnContext(r.Context(), "cas: an address of no service", "cause", causeOf(err))
			return errUnknownService
		}
		session, found, err := h.Kratos.Whoami(r.Context(), r.Cookies())
		if err != nil {
			return err
		}
		var asked askedFor
		answers := h.Asked.Get(r, &asked) && asked.Service == want.service
		fresh := found && answers && session.LoggedIn.After(asked.At)
		switch {
		case found && (fresh || !want.renew):
			return h.enter(w, r, prefix, want, entry, session, fresh)
		case want.gateway && !want.renew:
			http.Redirect(w, r, want.service, http.StatusSeeOther)
			return nil
		}
		return h.toLogin(w, r, want)
	}
}

func causeOf(err error) string {
	if err == nil {
		return "TARGET for a service that does not use SAML"
	}
	return err.Error()
}

// toLogin leads to the login page, which comes back here. A new login is asked for though there is a session.
func (h *Handler) toLogin(w http.ResponseWriter, r *http.Request, want request) error {
	if err := h.Asked.Set(w, askedFor{Service: want.service, At: h.Now()}); err != nil {
		return err
	}
	query := url.Values{"return_to": {h.Issuer + r.URL.EscapedPath() + "?" + r.URL.RawQuery}}
	if want.renew {
		query.Set("nouvelle", "1")
	}
	http.Redirect(w, r, sitepath.Login+"?"+query.Encode(), http.StatusSeeOther)
	return nil
}

// enter sends the browser back to the service with a ticket.
func (h *Handler) enter(w http.ResponseWriter, r *http.Request, prefix string, want request, entry *services.Service, session kratos.Session, fresh bool) error {
	person := services.Person{Account: session.Account, Email: session.Email, Traits: session.Traits, Legacy: session.Legacy}
	if !entry.Admits(person) {
		return notAdmitted(entry.Name)
	}
	round, err := h.Store.Count(r.Context(), "cas:loop:"+h.Box.Hash("cas loop", session.ID+" "+want.service), loopTime)
	if err != nil {
		return err
	}
	if round > loopLimit {
		return loops(entry.Name)
	}
	g := grant{
		Service:   want.service,
		Entry:     entry.ID,
		Protocol:  entry.Protocol,
		Prefix:    prefix,
		Session:   session.ID,
		Account:   h.account(session.Email),
		NewLogin:  fresh,
		LoggedIn:  session.LoggedIn,
		Released:  entry.Release(person, h.OpaqueKey),
		ExpiresAt: session.Expires,
	}
	ticket, err := h.grant(r.Context(), g)
	if err != nil {
		return err
	}
	h.Asked.Clear(w)
	h.Log.InfoContext(r.Context(), "cas: ticket made", "service", entry.ID, "new_login", fresh)
	h.Metrics.Service(entry.ID, metrics.TicketMade)
	name := "ticket"
	if want.saml {
		name = "SAMLart"
	}
	if want.post {
		return h.postTicket(w, r, entry, want.service, ticket)
	}
	http.Redirect(w, r, withTicket(want.service, name, ticket), http.StatusSeeOther)
	return nil
}

// grant makes the ticket and notes that the session has entered the service, before the browser learns of it.
func (h *Handler) grant(ctx context.Context, g grant) (string, error) {
	ticket, err := tickets{h.Store}.issue(ctx, g)
	if err != nil {
		return "", err
	}
	at := entered.Visit{Entry: g.Entry, Ticket: ticket, Session: g.Session}
	return ticket, h.index().Add(ctx, g.Account, at, g.ExpiresAt.Sub(h.Now()))
}

// withTicket adds a parameter and leaves the rest of the address byte for byte.
func withTicket(service, name, ticket string) string {
	separator := "?"
	if strings.Contains(service, "?") {
		separator = "&"
	}
	return service + separator + name + "=" + ticket
}

// postView is a form that carries the ticket to the service.
type postView struct{ Service, Action, Ticket string }

func (h *Handler) postTicket(w http.ResponseWriter, r *http.Request, entry *services.Service, action, ticket string) error {
	// This one page's form goes to the service; no other page's may.
	policy := w.Header().Get("Content-Security-Policy")
	w.Header().Set("Content-Security-Policy", strings.Replace(policy, "form-action 'self'", "form-action 'self' "+originOf(action), 1))
	return h.Pages.Write(w, r, postPage(postView{Service: entry.Name, Action: action, Ticket: ticket}))
}

func postPage(v postView) page.Page {
	return page.Page{Template: "post", Heading: "cas.post_heading", Title: "cas.post_heading", View: v}
}

// originOf is scheme, host and port of an address that the registry has matched.
func originOf(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

// readRequest reads the parameters, whose names are case-sensitive. A service that stands twice, or beside a TARGET, is none.
func readRequest(query string) (request, error) {
	values, err := url.ParseQuery(query)
	if err != nil || len(values["service"])+len(values["TARGET"]) > 1 {
		return request{}, errBadRequest
	}
	set := func(name string) bool { return values.Get(name) != "" && values.Get(name) != "false" }
	want := request{
		service: values.Get("service"),
		renew:   set("renew"),
		gateway: set("gateway"),
		post:    strings.EqualFold(values.Get("method"), "POST"),
	}
	if target := values.Get("TARGET"); target != "" {
		want.service, want.saml = target, true
	}
	return want, nil
}

// wantedIn is the service of a query; "" where there is none, or two.
func wantedIn(query string) string {
	want, err := readRequest(query)
	if err != nil {
		return ""
	}
	return want.service
}
