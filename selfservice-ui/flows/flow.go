package flows

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"time"

	"efpconnect.example/internal/email"
	"efpconnect.example/internal/seal"
	"efpconnect.example/selfservice-ui/mailedcode"
)

// Flow is a browser's part in a Kratos flow, as its cookie carries it, sealed. Nobody else can open it: not the browser, not a script.
type Flow struct {
	ID       string        `json:"id"`              // Kratos's flow
	Email    email.Address `json:"email"`           // as typed, or as Kratos gives it back
	Handle   string        `json:"handle"`          // what this flow's forms carry: tells another tab's form apart
	Secret   []byte        `json:"r"`               // this browser's own random, see package once
	Opened   time.Time     `json:"opened"`          // when Kratos opened the flow
	ByMail   bool          `json:"mail,omitzero"`   // came by the mail's button, so holds the mailbox
	ReturnTo string        `json:"to,omitzero"`     // where the login at the end goes on to
	Device   string        `json:"device,omitzero"` // the kind of browser, for the mail

	// After the right code. The token is a full session of the account: it leaves this cookie for Kratos alone.
	Token      string    `json:"token,omitzero"`
	Settings   string    `json:"settings,omitzero"`   // Kratos's settings flow, once it is open
	Until      time.Time `json:"until,omitzero"`      // until when that session may set a password
	Unfinished string    `json:"unfinished,omitzero"` // where the session is kept, to be ended if nobody finishes

	Done bool `json:"done,omitzero"` // the password is chosen
}

// New starts a browser's part in a Kratos flow.
func New(id string, address email.Address, opened time.Time, returnTo string) Flow {
	return Flow{
		ID:       id,
		Email:    address,
		Handle:   rand.Text(),
		Secret:   seal.NewRandom(),
		Opened:   opened,
		ReturnTo: returnTo,
	}
}

// Sound tells whether a cookie held a flow.
func (f Flow) Sound() bool {
	return f.ID != "" && !f.Email.IsZero() && len(f.Secret) == seal.RandomSize
}

// Submitted tells whether a form is this flow's, and not another tab's.
func (f Flow) Submitted(r *http.Request) bool {
	return subtle.ConstantTimeCompare([]byte(r.PostForm.Get("demande")), []byte(f.Handle)) == 1
}

// Proof is how this browser came to the flow.
func (f Flow) Proof() mailedcode.Proof {
	if f.ByMail {
		return mailedcode.Button
	}
	return mailedcode.Typed
}

// Link is what the mail's button carries of the flow.
func (f Flow) Link() mailedcode.Link {
	return mailedcode.Link{ID: f.ID, Opened: f.Opened, ReturnTo: f.ReturnTo}
}
