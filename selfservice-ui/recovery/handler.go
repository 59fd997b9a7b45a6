package recovery

import (
	"context"

	"github.com/gorilla/mux"

	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/notice"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/flows"
)

// Handler is the reset.
type Handler struct {
	flows.Frame

	FinishedCookie *browser.SealedCookie // a reset that has just come to its end here
	Notices        *notice.Notices       // nil tells nobody

	// SignedOut tells the services that an account's sessions have entered that they are over; nil tells nobody.
	SignedOut func(ctx context.Context, email, session string) (untold []string, err error)
}

// Mount adds the flow's routes.
func (h *Handler) Mount(r *mux.Router) {
	h.Frame.Mount(r, PathResend, PathCode,
		flows.Route{Path: PathEmail, Get: h.getEmail, Post: h.postEmail},
		flows.Route{Path: PathLink + "{link}", Get: h.getLink, Post: h.postLink},
		flows.Route{Path: PathCode, Get: h.getCode, Post: h.postCode},
		flows.Route{Path: PathResend, Post: h.postResend},
		flows.Route{Path: PathPassword, Get: h.getPassword, Post: h.postPassword},
		flows.Route{Path: PathDone, Get: h.getDone, Post: h.postDone})
}

// note counts a step, and writes it to the account's trail.
func (h *Handler) note(ctx context.Context, step metrics.Step, f flow) {
	h.Metrics.Reset(step)
	h.Trail.Note(ctx, "reset", string(step), h.Account(f.Email))
}
