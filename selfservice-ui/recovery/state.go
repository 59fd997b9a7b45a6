package recovery

import (
	"context"
	"fmt"
	"time"

	"efpconnect.example/selfservice-ui/flows"
	"efpconnect.example/selfservice-ui/mailedcode"
	"efpconnect.example/selfservice-ui/once"
)

func (h *Handler) loadState(ctx context.Context, f flow) (mailedcode.State, error) {
	return h.States().Load(ctx, f.ID, f.Opened)
}

// outcome is what a step decided, with that step's own kind of verdict. Package once keeps it for the same form sent again.
type outcome[V verdict] struct {
	Verdict V      `json:"verdict"`
	Flow    flow   `json:"flow"`           // what the browser carries from now on
	Key     string `json:"key,omitzero"`   // word key of a refusal
	Field   string `json:"field,omitzero"` // the field it is about
	Limit   int    `json:"limit,omitzero"` // its number
}

type verdict interface {
	emailVerdict | passwordVerdict
}

// Passing is never true: each outcome holds for the same form sent again.
func (o outcome[V]) Passing() bool { return false }

// submitted is a form of a flow. All steps of a flow share one lock: each writes the flow's state.
func (h *Handler) submitted(f flow, step, typed string) once.Submission {
	return once.Submission{
		Secret: f.Secret,
		Lock:   h.States().LockName(f.ID),
		What:   []string{step, f.ID, f.Settings, typed},
		Time:   flows.StepTime,
	}
}

// A success refuses every earlier flow of the address: « à usage unique » must hold for all the codes that were sent.

func (h *Handler) successKey(f flow) string { return "success:" + h.Account(f.Email) }

func (h *Handler) noteSuccess(ctx context.Context, f flow) error {
	return h.Store.Put(ctx, h.successKey(f), []byte(h.Now().UTC().Format(time.RFC3339Nano)), h.Times.Flow)
}

// finishedElsewhere tells whether the account's password was changed after this flow was opened.
func (h *Handler) finishedElsewhere(ctx context.Context, f flow) (bool, error) {
	raw, found, err := h.Store.Get(ctx, h.successKey(f))
	if err != nil || !found {
		return false, err
	}
	at, err := time.Parse(time.RFC3339Nano, string(raw))
	if err != nil {
		return false, fmt.Errorf("recovery: time of the last success: %w", err)
	}
	return at.After(f.Opened), nil
}

// elsewhere tells whether the right code of this flow was given in another browser, where step 3 may still be used.
func (h *Handler) elsewhere(ctx context.Context, f flow) (bool, error) {
	t, err := h.States().Load(ctx, f.ID, f.Opened)
	return !t.RightAt.IsZero() && h.Now().Before(t.RightAt.Add(h.Times.Session)), err
}
