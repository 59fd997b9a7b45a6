package flows

import (
	"encoding/hex"

	"efpconnect.example/internal/lifetime"
	"efpconnect.example/internal/seal"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/once"
)

// Nonce is a browser at step 1, before it has a flow: its secret makes a double click one request, and one mail.
type Nonce struct {
	Secret []byte `json:"r"`
}

// NewNonce is one that no browser carries yet.
func NewNonce() Nonce { return Nonce{Secret: seal.NewRandom()} }

// Sound tells whether a cookie held one.
func (n Nonce) Sound() bool { return len(n.Secret) == seal.RandomSize }

// Submission is the form of step 1.
func (n Nonce) Submission(what ...string) once.Submission {
	return once.Submission{
		Secret: n.Secret,
		Lock:   "lock:" + what[0] + ":" + hex.EncodeToString(n.Secret[:8]),
		What:   what,
		Time:   StepTime,
	}
}

// NonceCookie carries it, for all flows.
func NonceCookie(j browser.SealedCookie) *browser.SealedCookie {
	j.Name, j.TTL = "efp_visite", lifetime.Flow
	return &j
}
