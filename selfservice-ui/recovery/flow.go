package recovery

import (
	"embed"
	"net/http"
	"time"

	"efpconnect.example/internal/email"
	"efpconnect.example/selfservice-ui/flows"
	"efpconnect.example/selfservice-ui/handoff"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

// Templates holds one page a step.
//
//go:embed *.html
var Templates embed.FS

// The site's paths, one a step.
const (
	PathEmail    = sitepath.Reset
	PathLink     = sitepath.ResetLink
	PathCode     = sitepath.ResetCode
	PathResend   = sitepath.ResetResend
	PathPassword = sitepath.ResetPassword
	PathDone     = sitepath.ResetDone
)

// flow is a half-done reset as this browser carries it.
type flow struct {
	flows.Flow

	// Owned is not sealed with the rest: this browser holds the mailbox, or has held the account. Any other may be a stranger's,
	// who must not learn from a flow what the owner did elsewhere: that would tell him that there is an account.
	Owned bool `json:"-"`
}

// newFlow starts a browser's part in a Kratos flow.
func newFlow(id string, address email.Address, opened time.Time, returnTo string) flow {
	return flow{Flow: flows.New(id, address, opened, returnTo)}
}

// Path is where this flow goes on: the only place that knows which step follows which.
func (f flow) Path() string {
	switch {
	case f.Done:
		return PathDone
	case f.Token != "":
		return PathPassword
	}
	return PathCode
}

// current is the flow this browser is in; false when it is in none.
func (h *Handler) current(r *http.Request) (flow, bool) {
	var f flow
	ok := h.FlowCookie.Get(r, &f) && f.Sound()
	f.Owned = ok && (f.ByMail || h.hasHeld(r, f.Email))
	return f, ok
}

// hasHeld tells whether somebody has logged in to the account of an address in this browser, or chosen its password.
func (h *Handler) hasHeld(r *http.Request, address email.Address) bool {
	var before handoff.Device
	return h.DeviceCookie.Get(r, &before) && before.Account == h.Account(address)
}

// posted is the flow that a submitted form belongs to. A form of no flow, or of another tab's, is told so before
// anything is spent.
func (h *Handler) posted(r *http.Request) (flow, error) {
	if err := r.ParseForm(); err != nil {
		return flow{}, page.BadForm(err, actionRestart, actionLogin)
	}
	f, ok := h.current(r)
	if !ok {
		return flow{}, h.noFlow(r)
	}
	if !f.Submitted(r) {
		return flow{}, otherTab(f, r.PostForm.Get("username"))
	}
	return f, nil
}

// recap is the view of what is settled: the address, and the code once it was right.
type recap struct {
	Email     string
	CodeRight bool
	Handle    string
}

func (f flow) recap() recap {
	return recap{Email: f.Email.Display(), CodeRight: f.Token != "" || f.Done, Handle: f.Handle}
}

var (
	actionRestart = page.Action{Label: "way.reset", URL: PathEmail}
	actionLogin   = page.Action{Label: "way.login", URL: sitepath.Login}

	errNoFlow = &page.Message{Status: http.StatusGone, Heading: "reset.heading", Text: "flow.none", Actions: []page.Action{actionRestart, actionLogin}}
	errEnded  = &page.Message{Status: http.StatusOK, Heading: "reset.heading", Text: "flow.finished", Actions: []page.Action{actionLogin, actionRestart}}
	errDone   = &page.Message{Status: http.StatusConflict, Heading: "reset.heading", Text: "flow.finished", Actions: []page.Action{actionLogin, actionRestart}}
)

// otherTab tells whose form is of another request which one is under way here. The address that his form is about needs no seal: it
// chooses a sentence.
func otherTab(f flow, address string) error {
	m := &page.Message{Status: http.StatusConflict, Heading: "reset.heading", Text: "flow.other_tab", Args: []any{"address", f.Email.Display()},
		Actions: []page.Action{{Label: "way.continue", URL: f.Path()}, actionRestart}}
	if theirs, fault := email.Parse(address); fault == "" && theirs.Fold() == f.Email.Fold() {
		m.Text, m.Args = "flow.same_address", nil
	}
	return m
}
