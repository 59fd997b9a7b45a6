package registration

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/mux"

	"efpconnect.example/internal/audit"
	"efpconnect.example/internal/email"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/password"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/store"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/newpassword"
	"efpconnect.example/selfservice-ui/page"
)

// Handler is the creation of an account. All fields down to Log are required.
type Handler struct {
	Kratos        *kratos.Client
	Store         store.Store
	Box           *seal.Box
	Policy        password.Policy
	Pages         *page.Renderer
	Errors        *page.ErrorHandler
	Guard         *formguard.Guard
	FlowCookie    *browser.SealedCookie  // this browser's half-made account
	NonceCookie   *browser.SealedCookie  // a browser at step 1
	PrefillCookie *browser.SealedCookie  // the identifier, for the login and the reset
	DeviceCookie  *browser.SealedCookie  // login's own: tries of one's own for who has proved to be the account's owner
	Unfinished    newpassword.Unfinished // ends the session of a step 3 that was left
	ReturnTo      browser.ReturnTo
	Times         Times
	Now           func() time.Time
	Log           *slog.Logger

	Domains     []string // of the addresses that may have an account; none: any
	MailDomains []string // domains beside the well-known ones whose misspelling step 1 asks about

	Metrics *metrics.Metrics // nil counts nothing
	Trail   *audit.Trail     // nil writes nothing

	// Hook tells whether the listener that Kratos asks for permits is up: a code that is posted while it is not is spent. Nil asks nothing.
	Hook func(ctx context.Context) error

	// Failpoint is told of each point between an answer of Kratos and the write that follows: tests kill the process there.
	Failpoint func(point string)

	sending sync.WaitGroup
}

// Times are the durations of the way. Those of Kratos must agree with its configuration.
type Times struct {
	Flow        time.Duration // life of a Kratos registration flow
	Code        time.Duration // life of a code
	Resend      time.Duration // pause between two mails of one flow
	Session     time.Duration // how long a right code lets one choose a password
	AnswerAfter time.Duration // instant at which step 1 answers, whatever Kratos did meanwhile
	Password    time.Duration // bound of step 3
	Send        time.Duration // bound of the detached call that makes Kratos send
	Outcome     time.Duration // how long a form sent again gets the first answer
}

// Mount adds the way's routes.
func (h *Handler) Mount(r *mux.Router) {
	read := []string{http.MethodGet, http.MethodHead}
	for path, handlers := range map[string][2]page.Handler{
		PathForm:            {h.getForm, h.postForm},
		PathLink + "{link}": {h.getLink, h.postLink},
		PathCode:            {h.getCode, h.postCode},
		PathPassword:        {h.getPassword, h.postPassword},
		PathDone:            {h.getDone, h.postDone},
	} {
		r.Handle(path, h.Errors.Handle(handlers[0])).Methods(read...)
		r.Handle(path, h.Errors.Handle(handlers[1])).Methods(http.MethodPost)
	}
	r.Handle(PathResend, http.RedirectHandler(PathCode, http.StatusSeeOther)).Methods(read...)
	r.Handle(PathResend, h.Errors.Handle(h.postResend)).Methods(http.MethodPost)
	r.Handle(PathExists, h.Errors.Handle(h.getExists)).Methods(read...)
}

// Close waits for the mails that are being handed to Kratos, until ctx ends. A nil Handler has none.
func (h *Handler) Close(ctx context.Context) error {
	if h == nil {
		return nil
	}
	ended := make(chan struct{})
	go func() { h.sending.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("registration: codes not handed to Kratos: %w", ctx.Err())
	}
}

func (h *Handler) failpoint(point string) {
	if h.Failpoint != nil {
		h.Failpoint(point)
	}
}

// account is the keyed hash that stands for an address in the store and in the log: the same as the reset's and the login's, so that
// an address has one budget over all of them.
func (h *Handler) account(address email.Address) string {
	return h.Box.Hash("account", address.Fold())
}

// note counts a step, and writes it to the account's trail.
func (h *Handler) note(ctx context.Context, step metrics.Step, f flow) {
	h.Metrics.Registration(step)
	h.Trail.Note(ctx, "registration", string(step), h.account(f.Email))
}
