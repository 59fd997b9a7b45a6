package consent

import (
	"context"
	"net/http"
	"time"

	"efpconnect.example/internal/hydra"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/services"
	"efpconnect.example/selfservice-ui/entered"
)

// getLogin is where Hydra leads a browser that comes from a service.
func (h *Handler) getLogin(w http.ResponseWriter, r *http.Request) error {
	if err := h.Guard.Client(r, limit.PageClient); err != nil {
		return err
	}
	c, err := challenge(r, loginChallenge)
	if err != nil {
		return err
	}
	return h.login(w, r, c, time.Time{})
}

// login answers a login request, or leads to the login page. asked is when this browser was led there for it; zero when it was not.
func (h *Handler) login(w http.ResponseWriter, r *http.Request, c string, asked time.Time) error {
	request, err := h.Hydra.Login(r.Context(), c)
	if err != nil {
		return told(err)
	}
	entry := h.Registry.ByClient(request.Client.ID)
	if entry == nil {
		h.Log.WarnContext(r.Context(), "consent: a client that services.yml does not have")
		return errUnknownService
	}
	session, found, err := h.Kratos.Whoami(r.Context(), r.Cookies())
	switch {
	case err != nil:
		return err
	case request.Silent() && (!found || request.Skip && request.Subject != session.Account || !request.Fresh(session.LoggedIn, asked, h.Now())):
		return h.reject(w, r, c, hydra.LoginRequired)
	case !found || !request.Fresh(session.LoggedIn, asked, h.Now()):
		return h.toLogin(w, r, c, entry, found)
	case request.Skip && request.Subject != session.Account:
		return h.another(w, r, request)
	case !entry.Admits(personOf(session)) && request.Silent():
		return h.reject(w, r, c, hydra.AccessDenied)
	case !entry.Admits(personOf(session)):
		return notAdmitted(entry.Name)
	}
	return h.enter(w, r, c, request, entry, session)
}

// enter tells Hydra who is there. That the session has entered the service is noted before the browser learns of it.
func (h *Handler) enter(w http.ResponseWriter, r *http.Request, c string, request hydra.LoginRequest, entry *services.Service, session kratos.Session) error {
	life := session.Expires.Sub(h.Now())
	visit := entered.Visit{Entry: entry.ID, Ticket: request.Session, Session: session.ID, Subject: session.Account}
	if err := h.index().Add(r.Context(), h.account(session.Email), visit, life); err != nil {
		return err
	}
	to, err := h.Hydra.AcceptLogin(r.Context(), c, hydra.AcceptLogin{
		Subject:    session.Account,
		Identifier: entry.Release(personOf(session), h.OpaqueKey).User,
		Session:    session.ID,
		Remember:   true,
		For:        max(1, int(life.Seconds())),
		Extend:     true,
	})
	if err != nil {
		return told(err)
	}
	h.Asked.Clear(w)
	h.Log.InfoContext(r.Context(), "consent: a login is accepted", "service", entry.ID)
	h.Metrics.Service(entry.ID, metrics.TicketMade)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// another is a browser that Hydra remembers as somebody else: that session ends, with its services, and the request begins anew.
func (h *Handler) another(w http.ResponseWriter, r *http.Request, request hydra.LoginRequest) error {
	if err := h.Hydra.EndSession(context.WithoutCancel(r.Context()), request.Session); err != nil {
		return err
	}
	http.Redirect(w, r, request.RequestURL, http.StatusSeeOther)
	return nil
}

func (h *Handler) reject(w http.ResponseWriter, r *http.Request, c string, why hydra.Refusal) error {
	to, err := h.Hydra.RejectLogin(r.Context(), c, why)
	if err != nil {
		return told(err)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
