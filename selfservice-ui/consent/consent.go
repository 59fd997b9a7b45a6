package consent

import (
	"net/http"
	"slices"

	"efpconnect.example/internal/hydra"
	"efpconnect.example/internal/limit"
)

// getConsent says what the service learns: what services.yml releases to it, of the person of Kratos's session. Nobody is asked: the
// services of the registry are the ministry's own, which skip_consent says at Hydra. Another client learns nothing.
func (h *Handler) getConsent(w http.ResponseWriter, r *http.Request) error {
	if err := h.Guard.Client(r, limit.PageClient); err != nil {
		return err
	}
	c, err := challenge(r, consentChallenge)
	if err != nil {
		return err
	}
	request, err := h.Hydra.Consent(r.Context(), c)
	if err != nil {
		return told(err)
	}
	entry := h.Registry.ByClient(request.Client.ID)
	if entry == nil || !request.Client.Own {
		h.Log.WarnContext(r.Context(), "consent: a client that is not one of our own, or was not applied from services.yml")
		return errUnknownService
	}
	session, found, err := h.Kratos.Whoami(r.Context(), r.Cookies())
	if err != nil {
		return err
	}
	var to string
	if person := personOf(session); !found || session.Account != request.Subject || !entry.Admits(person) {
		// The session ended, or changed, since the login request: the service hears so, and asks again.
		to, err = h.Hydra.RejectConsent(r.Context(), c, hydra.LoginRequired)
	} else {
		scopes := slices.DeleteFunc(request.Scopes, func(s string) bool { return !slices.Contains(entry.OpenID.Scopes, s) })
		to, err = h.Hydra.AcceptConsent(r.Context(), c, scopes, entry.Release(person, h.OpaqueKey).Attributes)
	}
	if err != nil {
		return told(err)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
