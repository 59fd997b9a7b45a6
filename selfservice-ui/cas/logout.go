package cas

import (
	"context"
	"net/http"
	"strings"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/selfservice-ui/page"
)

// logoutView asks before a session ends, and says afterwards which services could not be told.
type logoutView struct {
	Path    string   // where the form goes
	Service string   // name of the service that asked, "" when none did
	Back    string   // its address
	Untold  []string // names of the services that could not be told
}

// getLogout asks by a button: another site's link must not end anybody's session.
func (h *Handler) getLogout(w http.ResponseWriter, r *http.Request) error {
	if err := h.Guard.Client(r, limit.PageClient); err != nil {
		return err
	}
	v := h.logoutView(r)
	if _, found, err := h.Kratos.Whoami(r.Context(), r.Cookies()); err != nil {
		return err
	} else if !found {
		return h.Pages.Write(w, r, loggedOutPage(v))
	}
	return h.Pages.Write(w, r, logoutPage(v))
}

// postLogout ends the session at Kratos, tells the services and says which could not be told.
func (h *Handler) postLogout(w http.ResponseWriter, r *http.Request) error {
	if err := h.Guard.Client(r, limit.PageClient); err != nil {
		return err
	}
	v := h.logoutView(r)
	session, found, err := h.Kratos.Whoami(r.Context(), r.Cookies())
	if err != nil {
		return err
	}
	if err := h.Kratos.Logout(r.Context(), r.Cookies()); err != nil {
		return err
	}
	if found {
		if v.Untold, err = h.SignedOut(r.Context(), session.Email, session.ID); err != nil {
			return err
		}
	}
	return h.Pages.Write(w, r, loggedOutPage(v))
}

// SignedOut is called when a session of an account has ended, or all of them for "": each service that it has entered is told. It
// returns the names of those that could not be.
func (h *Handler) SignedOut(ctx context.Context, email, session string) (untold []string, err error) {
	list, err := h.index().Take(ctx, h.account(email), session)
	for _, e := range list {
		if dropErr := (tickets{h.Store}).drop(ctx, e.Ticket); dropErr != nil {
			h.Log.WarnContext(ctx, "cas: a ticket lives on for seconds after its session", "cause", dropErr.Error())
		}
	}
	return h.tell(ctx, list), err
}

// Continued is called when another session of the account follows one in its browser.
func (h *Handler) Continued(ctx context.Context, former, now kratos.Session) error {
	return h.index().Move(ctx, h.account(now.Email), former.ID, now.ID, now.Expires.Sub(h.Now()))
}

func (h *Handler) logoutView(r *http.Request) logoutView {
	v := logoutView{Path: r.URL.EscapedPath()}
	service, once := single(r, "service")
	if entry, err := h.Registry.Match(service); once && err == nil {
		v.Service, v.Back = entry.Name, service
		v.Path += "?" + r.URL.RawQuery
	}
	return v
}

func logoutPage(v logoutView) page.Page {
	return page.Page{Template: "logout", Heading: "cas.logout_heading", Title: "cas.logout_heading", View: v}
}

func loggedOutPage(v logoutView) page.Page {
	p := page.Page{Template: "logged_out", Heading: "cas.logged_out_heading", Title: "cas.logged_out_heading", View: v}
	if len(v.Untold) > 0 {
		p.Notice = &page.Notice{Kind: "warning", Key: "cas.untold", Args: []any{"services", strings.Join(v.Untold, ", ")}}
	}
	return p
}
