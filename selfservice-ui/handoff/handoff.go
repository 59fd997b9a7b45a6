// Package handoff is what the login and the flows leave for one another in the browser, sealed: the identifier that was typed, and
// the device that has held an account. It lies below them all, so that no flow imports another.
package handoff

import (
	"time"

	"efpconnect.example/selfservice-ui/browser"
)

// Prefill is the identifier as one page hands it to another: nobody types it twice, and no address bar or log shows it.
type Prefill struct {
	Identifier string `json:"identifier"`
	ReturnTo   string `json:"to,omitzero"`
	Changed    bool   `json:"changed,omitzero"` // the password, a moment ago: the login page says so
	Created    bool   `json:"created,omitzero"` // the account, a moment ago: the login page says so
}

// PrefillCookie carries a Prefill.
func PrefillCookie(base browser.SealedCookie) *browser.SealedCookie {
	base.Name, base.TTL = "efp_identifiant", 10*time.Minute
	return &base
}

// Device is a browser that has logged in to an account before, or chosen its password (OWASP's device cookie). It has tries of its
// own: a stranger who spends the account's tries leaves these alone. It opens nothing by itself.
type Device struct {
	Account string `json:"account"` // keyed hash of the address
	// Since is new with each reset, which proves the mailbox, and stays with a login: the tries begin anew, so that
	// « Réinitialisez votre mot de passe » is a way out for who has spent them.
	Since string `json:"since"`
}

// DeviceCookie carries a Device.
func DeviceCookie(base browser.SealedCookie) *browser.SealedCookie {
	base.Name, base.TTL, base.Keep = "efp_appareil", 180*24*time.Hour, true
	return &base
}
