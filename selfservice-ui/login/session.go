package login

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
)

// signedIn tells who is signed in here. It asks Kratos only where the browser brings what may be a session, and not for a
// client past its limit: asked is false then.
func (h *Handler) signedIn(r *http.Request) (session kratos.Session, found, asked bool, err error) {
	if len(h.Kratos.Sessions(r.Cookies())) == 0 {
		return kratos.Session{}, false, true, nil
	}
	if asked, err = h.Guard.Within(r, limit.SessionClient); err != nil || !asked {
		return kratos.Session{}, false, false, err
	}
	session, found, err = h.Kratos.Whoami(r.Context(), r.Cookies())
	return session, found, true, err
}

// replaceSessions hands the browser the session of a login. It forgets every other of Kratos's name: a browser sends the
// older one first, and Kratos reads the first. What it brought is ended, while it goes on.
func (h *Handler) replaceSessions(w http.ResponseWriter, r *http.Request, fresh []*http.Cookie) {
	for _, old := range h.Kratos.ExpireSessions(r.Host, h.DeviceCookie.Secure) {
		if !slices.ContainsFunc(fresh, func(c *http.Cookie) bool { return strings.TrimPrefix(c.Domain, ".") == old.Domain }) {
			http.SetCookie(w, old)
		}
	}
	for _, cookie := range fresh {
		http.SetCookie(w, cookie)
	}
	brought := slices.DeleteFunc(h.Kratos.Sessions(r.Cookies()), func(c *http.Cookie) bool {
		return slices.ContainsFunc(fresh, func(f *http.Cookie) bool { return f.Value == c.Value })
	})
	if len(brought) == 0 {
		return
	}
	ctx := context.WithoutCancel(r.Context())
	strangers := h.carryOver(ctx, brought, fresh)
	h.attempts.running.Go(func() {
		if err := h.Kratos.Logout(ctx, brought); err != nil {
			h.Log.WarnContext(ctx, "login: the browser's former session could not be ended; it ends by itself", "cause", err.Error())
		}
		for _, former := range strangers {
			if _, err := h.SignedOut(ctx, former.Email, former.ID); err != nil {
				h.Log.ErrorContext(ctx, "login: the services of a session are not known", "cause", err.Error())
			}
		}
	})
}

// carryOver gives what the person's former sessions had entered to the new one: the services stay open, and hear when it ends. It
// returns the sessions of others, whose services are to hear so now.
func (h *Handler) carryOver(ctx context.Context, brought, fresh []*http.Cookie) (strangers []kratos.Session) {
	if h.SignedOut == nil {
		return nil
	}
	now, known, err := h.Kratos.Whoami(ctx, fresh)
	for _, cookie := range brought {
		former, found, whose := h.Kratos.Whoami(ctx, []*http.Cookie{cookie})
		err = errors.Join(err, whose)
		switch {
		case !found:
		case known && former.Account == now.Account:
			err = errors.Join(err, h.Continued(ctx, former, now))
		default:
			strangers = append(strangers, former)
		}
	}
	if err != nil {
		h.Log.WarnContext(ctx, "login: what a browser's former session had entered is not known", "cause", err.Error())
	}
	return strangers
}

// postLogout ends every session that the browser brings, and makes it forget them. Past the limit it forgets them all the same:
// who presses the button leaves nothing behind on a machine that others use. While Kratos does not answer it keeps them,
// so that trying again ends the session.
func (h *Handler) postLogout(w http.ResponseWriter, r *http.Request) error {
	untold, err := h.endSessions(r)
	if err != nil {
		return err
	}
	for _, cookie := range h.Kratos.ExpireSessions(r.Host, h.DeviceCookie.Secure) {
		http.SetCookie(w, cookie)
	}
	if len(untold) > 0 {
		return h.Pages.Write(w, r, untoldPage(untold))
	}
	http.Redirect(w, r, PathLogin, http.StatusSeeOther)
	return nil
}

// endSessions also names the services that could not be told.
func (h *Handler) endSessions(r *http.Request) (untold []string, err error) {
	if len(h.Kratos.Sessions(r.Cookies())) == 0 {
		return nil, nil
	}
	within, err := h.Guard.Within(r, limit.LogoutClient)
	if err != nil || !within {
		return nil, err
	}
	if h.SignedOut == nil {
		return nil, h.Kratos.Logout(r.Context(), r.Cookies())
	}
	session, found, err := h.Kratos.Whoami(r.Context(), r.Cookies())
	if err != nil {
		return nil, err
	}
	if err := h.Kratos.Logout(r.Context(), r.Cookies()); err != nil || !found {
		return nil, err
	}
	if untold, err = h.SignedOut(r.Context(), session.Email, session.ID); err != nil {
		// The person is logged out here. What the services were not told is in the log.
		h.Log.ErrorContext(r.Context(), "login: the services of a session are not known", "cause", err.Error())
	}
	return untold, nil
}
