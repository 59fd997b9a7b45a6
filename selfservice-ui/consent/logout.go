package consent

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"efpconnect.example/internal/hydra"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/selfservice-ui/entered"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

// logoutView asks before a session ends, and leads on afterwards.
type logoutView struct {
	Path    string   // where the form goes
	Service string   // name of the service that asked, "" when none did
	Next    string   // Hydra's address, which leads back to it
	Untold  []string // names of the services that could not be told
}

// getLogout asks by a button: another site's link must not end anybody's session. Where there is none, Hydra goes on.
func (h *Handler) getLogout(w http.ResponseWriter, r *http.Request) error {
	if err := h.Guard.Client(r, limit.PageClient); err != nil {
		return err
	}
	c, request, err := h.logoutRequest(r)
	if err != nil {
		return err
	}
	if _, found, err := h.Kratos.Whoami(r.Context(), r.Cookies()); err != nil {
		return err
	} else if found {
		return h.Pages.Write(w, r, logoutPage(h.logoutView(c, request)))
	}
	to, err := h.Hydra.AcceptLogout(r.Context(), c)
	if err != nil {
		return told(err)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// postLogout ends the session at Kratos and everywhere that it has entered. Hydra ends its own once the browser comes by, and only then
// knows where the service wants the person: a page of ours leads there, for a form's answer may not.
func (h *Handler) postLogout(w http.ResponseWriter, r *http.Request) error {
	if err := h.Guard.Client(r, limit.LogoutClient); err != nil {
		return err
	}
	c, request, err := h.logoutRequest(r)
	if err != nil {
		return err
	}
	session, found, err := h.Kratos.Whoami(r.Context(), r.Cookies())
	if err != nil {
		return err
	}
	if err := h.Kratos.Logout(r.Context(), r.Cookies()); err != nil {
		return err
	}
	for _, cookie := range h.Kratos.ExpireSessions(r.Host, h.Asked.Secure) {
		http.SetCookie(w, cookie)
	}
	v := h.logoutView(c, request)
	if v.Next, err = h.Hydra.AcceptLogout(r.Context(), c); err != nil {
		return told(err)
	}
	if found {
		if v.Untold, err = h.EndEverywhere(r.Context(), session.Email, session.ID); err != nil {
			// The person is logged out here. What the services were not told is in the log.
			h.Log.ErrorContext(r.Context(), "consent: the services of a session are not known", "cause", err.Error())
		}
	}
	if len(v.Untold) == 0 {
		w.Header().Set("Refresh", "0; url="+v.Next)
	}
	return h.Pages.Write(w, r, loggedOutPage(v))
}

func (h *Handler) logoutRequest(r *http.Request) (string, hydra.LogoutRequest, error) {
	c, err := challenge(r, logoutChallenge)
	if err != nil {
		return "", hydra.LogoutRequest{}, err
	}
	request, err := h.Hydra.Logout(r.Context(), c)
	return c, request, told(err)
}

func (h *Handler) logoutView(c string, request hydra.LogoutRequest) logoutView {
	v := logoutView{Path: sitepath.Logout + "?" + url.Values{logoutChallenge: {c}}.Encode()}
	if entry := h.Registry.ByClient(request.Client.ID); entry != nil {
		v.Service = entry.Name
	}
	return v
}

// SignedOut is called when a session of an account has ended, or all of them for "". Hydra ends each of its sessions that this one had
// opened, and posts a logout token to each service; it waits for no answer, so that nobody knows which of them heard. After a reset the
// access tokens are worthless too. The names are those of services that Hydra could not be asked to tell.
func (h *Handler) SignedOut(ctx context.Context, email, session string) (untold []string, err error) {
	list, err := h.index().Take(ctx, h.account(email), session)
	done := map[string]error{} // by Hydra's session, and by subject
	for _, visit := range list {
		fault, seen := done[visit.Ticket]
		if !seen {
			fault = h.Hydra.EndSession(ctx, visit.Ticket)
			done[visit.Ticket] = fault
		}
		if fault != nil {
			untold = append(untold, h.untold(ctx, visit, fault)...)
		}
		if _, seen := done[visit.Subject]; session == "" && !seen {
			done[visit.Subject] = h.Hydra.EndTokens(ctx, visit.Subject)
			err = errors.Join(err, done[visit.Subject])
		}
	}
	return untold, err
}

// Continued is called when another session of the account follows one in its browser.
func (h *Handler) Continued(ctx context.Context, former, now kratos.Session) error {
	return h.index().Move(ctx, h.account(now.Email), former.ID, now.ID, now.Expires.Sub(h.Now()))
}

func (h *Handler) untold(ctx context.Context, visit entered.Visit, fault error) []string {
	entry := h.Registry.ByID(visit.Entry)
	if entry == nil {
		return nil
	}
	h.Log.WarnContext(ctx, "consent: Hydra does not tell a service that a session ended", "service", entry.ID, "cause", fault.Error())
	h.Metrics.Service(entry.ID, metrics.LogoutUntold)
	return []string{entry.Name}
}

func logoutPage(v logoutView) page.Page {
	return page.Page{Template: "openid_logout", Heading: "cas.logout_heading", Title: "cas.logout_heading", View: v}
}

func loggedOutPage(v logoutView) page.Page {
	p := page.Page{Template: "openid_logged_out", Heading: "cas.logged_out_heading", Title: "cas.logged_out_heading", View: v}
	if len(v.Untold) > 0 {
		p.Notice = &page.Notice{Kind: "warning", Key: "cas.untold", Args: []any{"services", strings.Join(v.Untold, ", ")}}
	}
	return p
}
