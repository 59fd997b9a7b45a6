package registration

import (
	"embed"
	"net/http"
	"time"

	"efpconnect.example/internal/email"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/flows"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

// Templates holds one page a step.
//
//go:embed *.html
var Templates embed.FS

// The site's paths, one a step.
const (
	PathForm     = sitepath.Registration
	PathLink     = sitepath.RegistrationLink
	PathCode     = sitepath.RegistrationCode
	PathResend   = sitepath.RegistrationResend
	PathPassword = sitepath.RegistrationPassword
	PathExists   = sitepath.RegistrationExists
	PathDone     = sitepath.RegistrationDone
)

const heading = "register.heading"

// flow is a half-made account as this browser carries it.
type flow struct {
	flows.Flow

	Names Names `json:"names"`          // as typed in this browser; none where it came by the mail's button
	Named bool  `json:"named,omitzero"` // they are saved

	Replaced bool `json:"replaced,omitzero"` // the site's own failure has cost a code once
	Made     bool `json:"made,omitzero"`     // an answer of Kratos's was lost: the account that is there may be this flow's
	Exists   bool `json:"exists,omitzero"`   // the code was right, and the address has an account
}

// newFlow starts a browser's part in a Kratos flow.
func newFlow(id string, address email.Address, names Names, opened time.Time, returnTo string) flow {
	return flow{Flow: flows.New(id, address, opened, returnTo), Names: names}
}

// Path is where this flow goes on: the only place that knows which step follows which.
func (f flow) Path() string {
	switch {
	case f.Done:
		return PathDone
	case f.Exists:
		return PathExists
	case f.Token != "":
		return PathPassword
	}
	return PathCode
}

// current is the flow this browser is in; false when it is in none.
func (h *Handler) current(r *http.Request) (flow, bool) {
	var f flow
	ok := h.FlowCookie.Get(r, &f) && f.Sound()
	return f, ok
}

// at is the flow of a browser that opens a step. Where the flow goes on elsewhere, the browser is sent there and moved is true.
func (h *Handler) at(w http.ResponseWriter, r *http.Request, step string) (f flow, moved bool, err error) {
	f, ok := h.current(r)
	if !ok {
		return f, false, errNone
	}
	if f.Path() != step {
		http.Redirect(w, r, f.Path(), http.StatusSeeOther)
		return f, true, nil
	}
	return f, false, nil
}

// posted is the flow that a submitted form belongs to. A form of no flow, or of another tab's, is told so before
// anything is spent.
func (h *Handler) posted(r *http.Request) (flow, error) {
	if err := r.ParseForm(); err != nil {
		return flow{}, page.BadForm(err, actionRestart, actionLogin)
	}
	f, ok := h.current(r)
	if !ok {
		return flow{}, errNone
	}
	if !f.Submitted(r) {
		return flow{}, otherTab(f)
	}
	return f, nil
}

// FlowCookie carries a half-made account, for as long as Kratos keeps the flow.
func FlowCookie(j browser.SealedCookie) *browser.SealedCookie {
	j.Name, j.TTL = "efp_creation", flows.DefaultTimes().Flow
	return &j
}
