package mailedcode

import (
	"errors"
	"time"

	"efpconnect.example/internal/seal"
)

// Link is what the mail's button carries, sealed. The address is not in it: Kratos gives it back.
type Link struct {
	ID       string    `json:"id"`
	Opened   time.Time `json:"opened"`
	ReturnTo string    `json:"to,omitzero"`
}

// LeaveView asks before the button's flow replaces that of another address, which this browser is in: the page "link".
type LeaveView struct {
	Current string // address of the flow under way
	Linked  string // address of the button's
	Path    string // where the flow under way goes on
}

// Links seals and opens the links of one kind of flow. Another kind has another purpose: a link never opens as another kind's.
type Links struct {
	Box     *seal.Box
	Purpose string
	Life    time.Duration
}

// Errors of Open.
var (
	ErrLinkOver   = errors.New("mailedcode: the link of a mail is over")
	ErrLinkForged = errors.New("mailedcode: the link of a mail is none of ours")
)

// Seal is the text of a link.
func (l Links) Seal(link Link) (string, error) { return l.Box.Seal(l.Purpose, l.Life, link) }

// Open reads a link.
func (l Links) Open(text string) (link Link, err error) {
	switch err := l.Box.Open(l.Purpose, text, &link); {
	case errors.Is(err, seal.ErrExpired):
		return Link{}, ErrLinkOver
	case err != nil:
		return Link{}, ErrLinkForged
	}
	return link, nil
}
