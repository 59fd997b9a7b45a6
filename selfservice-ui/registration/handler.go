package registration

import (
	"context"

	"github.com/gorilla/mux"

	"efpconnect.example/internal/metrics"
	"efpconnect.example/selfservice-ui/flows"
)

// Handler is the creation of an account.
type Handler struct {
	flows.Frame

	Domains []string // of the addresses that may have an account; none: any

	// Hook tells whether the listener that Kratos asks for permits is up: a code that is posted while it is not is spent. Nil asks nothing.
	Hook func(ctx context.Context) error
}

// Mount adds the flow's routes.
func (h *Handler) Mount(r *mux.Router) {
	h.Frame.Mount(r, PathResend, PathCode,
		flows.Route{Path: PathForm, Get: h.getForm, Post: h.postForm},
		flows.Route{Path: PathLink + "{link}", Get: h.getLink, Post: h.postLink},
		flows.Route{Path: PathCode, Get: h.getCode, Post: h.postCode},
		flows.Route{Path: PathResend, Post: h.postResend},
		flows.Route{Path: PathPassword, Get: h.getPassword, Post: h.postPassword},
		flows.Route{Path: PathExists, Get: h.getExists},
		flows.Route{Path: PathDone, Get: h.getDone, Post: h.postDone})
}

// Close waits for the mails that are being handed to Kratos, until ctx ends. A nil Handler has none.
func (h *Handler) Close(ctx context.Context) error {
	if h == nil {
		return nil
	}
	return h.Frame.Close(ctx)
}

// note counts a step, and writes it to the account's trail.
func (h *Handler) note(ctx context.Context, step metrics.Step, f flow) {
	h.Metrics.Registration(step)
	h.Trail.Note(ctx, "registration", string(step), h.Account(f.Email))
}
