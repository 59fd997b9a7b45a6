package registration

import (
	"crypto/rand"
	"crypto/subtle"
	"embed"
	"net/http"
	"time"

	"efpconnect.example/internal/email"
	"efpconnect.example/internal/seal"
	"efpconnect.example/selfservice-ui/browser"
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

// flow is a half-made account as this browser carries it, sealed. Nobody else can open it: not the browser, not a script.
type flow struct {
	ID       string        `json:"id"`            // Kratos's registration flow
	Email    email.Address `json:"email"`         // as typed, or as Kratos gives it back
	Names    Names         `json:"names"`         // as typed in this browser; none where it came by the mail's button
	Handle   string        `json:"handle"`        // what this flow's forms carry: tells another tab's form apart
	Secret   []byte        `json:"r"`             // this browser's own random, see package once
	Opened   time.Time     `json:"opened"`        // when Kratos opened the flow
	ByMail   bool          `json:"mail,omitzero"` // came by the mail's button, so holds the mailbox
	Device   string        `json:"device,omitzero"`
	ReturnTo string        `json:"to,omitzero"` // where the login at the end goes on to

	Replaced bool `json:"replaced,omitzero"` // the site's own failure has cost a code once
	Made     bool `json:"made,omitzero"`     // an answer of Kratos's was lost: the account that is there may be this flow's
	Exists   bool `json:"exists,omitzero"`   // the code was right, and the address has an account

	// After the right code. The token is a full session of the account: it leaves this cookie for Kratos alone.
	Token    string    `json:"token,omitzero"`
	Settings string    `json:"settings,omitzero"` // Kratos's settings flow, once it is open
	Until    time.Time `json:"until,omitzero"`    // until when that session may set a password
	Named    bool      `json:"named,omitzero"`    // the names are saved

	Unfinished string `json:"unfinished,omitzero"` // where the session is kept, to be ended if nobody finishes

	Done bool `json:"done,omitzero"` // the password is chosen
}

// newFlow starts a browser's part in a Kratos flow.
func newFlow(id string, address email.Address, names Names, opened time.Time) flow {
	return flow{
		ID:     id,
		Email:  address,
		Names:  names,
		Handle: rand.Text(),
		Secret: seal.NewRandom(),
		Opened: opened,
	}
}

// path is where this flow goes on: the only place that knows which step follows which.
func (f flow) path() string {
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
	ok := h.FlowCookie.Get(r, &f) && f.ID != "" && !f.Email.IsZero() && len(f.Secret) == seal.RandomSize
	return f, ok
}

// at is the flow of a browser that opens a step. Where the flow goes on elsewhere, the browser is sent there and moved is true.
func (h *Handler) at(w http.ResponseWriter, r *http.Request, step string) (f flow, moved bool, err error) {
	f, ok := h.current(r)
	if !ok {
		return f, false, errNone
	}
	if f.path() != step {
		http.Redirect(w, r, f.path(), http.StatusSeeOther)
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
	if subtle.ConstantTimeCompare([]byte(r.PostForm.Get("demande")), []byte(f.Handle)) != 1 {
		return flow{}, otherTab(f)
	}
	return f, nil
}

// saveAndRedirect sends the browser to where its flow goes on.
func (h *Handler) saveAndRedirect(w http.ResponseWriter, r *http.Request, f flow) error {
	if err := h.FlowCookie.Set(w, f); err != nil {
		return err
	}
	http.Redirect(w, r, f.path(), http.StatusSeeOther)
	return nil
}

// FlowCookie carries a half-made account, for as long as Kratos keeps the flow.
func FlowCookie(j browser.SealedCookie, life time.Duration) *browser.SealedCookie {
	j.Name, j.TTL = "efp_creation", life
	return &j
}
