package recovery

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
	"efpconnect.example/internal/notice"
	"efpconnect.example/internal/password"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/store"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/newpassword"
	"efpconnect.example/selfservice-ui/page"
)

// Handler is the reset. All fields down to Log are required.
type Handler struct {
	Kratos         *kratos.Client
	Store          store.Store
	Box            *seal.Box
	Policy         password.Policy
	Pages          *page.Renderer
	Errors         *page.ErrorHandler
	Guard          *formguard.Guard
	FlowCookie     *browser.SealedCookie  // this browser's half-done reset
	NonceCookie    *browser.SealedCookie  // a browser at step 1
	FinishedCookie *browser.SealedCookie  // a reset that has just come to its end here
	PrefillCookie  *browser.SealedCookie  // the identifier, between login and reset
	DeviceCookie   *browser.SealedCookie  // login's own: tries of one's own for who has proved to be the account's owner
	Unfinished     newpassword.Unfinished // ends the session of a step 3 that was left
	ReturnTo       browser.ReturnTo
	Times          Times
	Now            func() time.Time
	Log            *slog.Logger

	MailDomains []string // domains beside the well-known ones whose misspelling step 1 asks about

	Metrics *metrics.Metrics // nil counts nothing
	Trail   *audit.Trail     // nil writes nothing
	Notices *notice.Notices  // nil tells nobody

	// SignedOut tells the services that an account's sessions have entered that they are over; nil tells nobody.
	SignedOut func(ctx context.Context, email, session string) (untold []string, err error)

	// Failpoint is told of each point between an answer of Kratos and the write that follows: tests kill the process there.
	Failpoint func(point string)

	sending sync.WaitGroup
}

// Times are the durations of the way. Those of Kratos must agree with its configuration.
type Times struct {
	Flow        time.Duration // life of a Kratos recovery flow
	Code        time.Duration // life of a code
	Resend      time.Duration // pause between two mails of one flow
	Settings    time.Duration // how long a right code lets one choose a password
	AnswerAfter time.Duration // instant at which step 1 answers, whatever Kratos did meanwhile
	Password    time.Duration // bound of step 3: Kratos may have to wait for others before it saves a password
	Send        time.Duration // bound of the detached call that makes Kratos send
	Outcome     time.Duration // how long a form sent again gets the first answer
}

// DefaultTimes go with config/kratos.yml.
func DefaultTimes() Times {
	return Times{Flow: 48 * time.Hour, Code: 24 * time.Hour, Resend: time.Minute, Settings: time.Hour,
		AnswerAfter: 600 * time.Millisecond, Password: 34 * time.Second, Send: 10 * time.Second, Outcome: time.Minute}
}

// Mount adds the way's routes.
func (h *Handler) Mount(r *mux.Router) {
	read := []string{http.MethodGet, http.MethodHead}
	r.Handle(PathEmail, h.Errors.Handle(h.getEmail)).Methods(read...)
	r.Handle(PathEmail, h.Errors.Handle(h.postEmail)).Methods(http.MethodPost)
	r.Handle(PathLink+"{link}", h.Errors.Handle(h.getLink)).Methods(read...)
	r.Handle(PathLink+"{link}", h.Errors.Handle(h.postLink)).Methods(http.MethodPost)
	r.Handle(PathCode, h.Errors.Handle(h.getCode)).Methods(read...)
	r.Handle(PathCode, h.Errors.Handle(h.postCode)).Methods(http.MethodPost)
	r.Handle(PathResend, http.RedirectHandler(PathCode, http.StatusSeeOther)).Methods(read...)
	r.Handle(PathResend, h.Errors.Handle(h.postResend)).Methods(http.MethodPost)
	r.Handle(PathPassword, h.Errors.Handle(h.getPassword)).Methods(read...)
	r.Handle(PathPassword, h.Errors.Handle(h.postPassword)).Methods(http.MethodPost)
	r.Handle(PathDone, h.Errors.Handle(h.getDone)).Methods(read...)
	r.Handle(PathDone, h.Errors.Handle(h.postDone)).Methods(http.MethodPost)
}

// Close waits for the mails that are being handed to Kratos, until ctx ends.
func (h *Handler) Close(ctx context.Context) error {
	ended := make(chan struct{})
	go func() { h.sending.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("recovery: codes not handed to Kratos: %w", ctx.Err())
	}
}

func (h *Handler) failpoint(point string) {
	if h.Failpoint != nil {
		h.Failpoint(point)
	}
}

// account is the keyed hash that stands for an address in the store and in the log, folded as Kratos folds identifiers.
func (h *Handler) account(address email.Address) string {
	return h.Box.Hash("account", address.Fold())
}

// note counts a step, and writes it to the account's trail.
func (h *Handler) note(ctx context.Context, step metrics.Step, f flow) {
	h.Metrics.Reset(step)
	h.Trail.Note(ctx, "reset", string(step), h.account(f.Email))
}
