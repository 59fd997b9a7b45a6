package consent

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"efpconnect.example/internal/hydra"
	"efpconnect.example/internal/lifetime"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/services"
	"efpconnect.example/selfservice-ui/sitepath"
)

// asked is a login request that a login page was shown for. A challenge is too long to go through a reset and its mail: the address to
// come back to has a name for it, and the store has the rest.
type asked struct {
	Challenge string    `json:"challenge"`
	At        time.Time `json:"at"`
}

const (
	askedLife        = lifetime.Flow // a reset may come before the login
	parameterSuite   = "suite"       // the name of a kept request
	parameterService = "service"     // the registry's id, for the name on the login page
)

func (h *Handler) askedKey(name string) string { return "oidc:asked:" + h.Box.Hash("oidc asked", name) }

// toLogin leads to the login page, which comes back here. anew asks for a login though there is a session.
func (h *Handler) toLogin(w http.ResponseWriter, r *http.Request, c string, entry *services.Service, anew bool) error {
	name := rand.Text()
	value, err := json.Marshal(asked{Challenge: c, At: h.Now()})
	if err != nil {
		return fmt.Errorf("consent: %w", err)
	}
	if err := h.Store.Put(r.Context(), h.askedKey(name), value, askedLife); err != nil {
		return err
	}
	if err := h.Asked.Set(w, name); err != nil {
		return err
	}
	back := url.Values{parameterService: {entry.ID}, parameterSuite: {name}}
	query := url.Values{"return_to": {h.Issuer + sitepath.ServiceLogin + "?" + back.Encode()}}
	if anew {
		query.Set("nouvelle", "1")
	}
	http.Redirect(w, r, sitepath.Login+"?"+query.Encode(), http.StatusSeeOther)
	return nil
}

// resume goes on with a login request after the login page. Hydra takes the answer from the browser that it was asked in, and for half
// an hour: after a reset on a telephone, or a long one, the service is opened anew.
func (h *Handler) resume(w http.ResponseWriter, r *http.Request) error {
	if err := h.Guard.Client(r, limit.PageClient); err != nil {
		return err
	}
	query := r.URL.Query()
	entry, name := h.Registry.ByID(query.Get(parameterService)), query.Get(parameterSuite)
	if entry == nil || entry.Protocol != services.OIDC {
		return errUnknownService
	}
	var own string
	if !h.Asked.Get(r, &own) || own != name {
		return h.anew(w, r, entry)
	}
	value, found, err := h.Store.Get(r.Context(), h.askedKey(name))
	if err != nil {
		return err
	}
	var kept asked
	if !found || json.Unmarshal(value, &kept) != nil {
		return h.anew(w, r, entry)
	}
	err = h.login(w, r, kept.Challenge, kept.At)
	if errors.Is(err, hydra.ErrGone) {
		return h.anew(w, r, entry)
	}
	return err
}

// anew opens the service from its own page: it asks Hydra again, and the session that the person has now answers.
func (h *Handler) anew(w http.ResponseWriter, r *http.Request, entry *services.Service) error {
	h.Asked.Clear(w)
	if entry.Home == "" {
		return openAgain(entry.Name)
	}
	http.Redirect(w, r, entry.Home, http.StatusSeeOther)
	return nil
}
