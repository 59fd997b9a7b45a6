package recovery

import (
	"context"
	"fmt"
	"time"

	"efpconnect.example/selfservice-ui/mailedcode"
	"efpconnect.example/selfservice-ui/once"
)

// proof is how this browser came to the flow.
func (f flow) proof() mailedcode.Proof {
	if f.ByMail {
		return mailedcode.Button
	}
	return mailedcode.Typed
}

// code is the flow as package mailedcode knows it.
func (f flow) code() mailedcode.Flow {
	return mailedcode.Flow{
		ID:     f.ID,
		Opened: f.Opened,
		Secret: f.Secret,
		Proof:  f.proof(),
		Owned:  f.Owned,
		Email:  f.Email.Display(),
		Handle: f.Handle,
	}
}

func (h *Handler) states() *mailedcode.States {
	return &mailedcode.States{Store: h.Store, Box: h.Box, Life: h.Times.Flow}
}

func (h *Handler) loadState(ctx context.Context, f flow) (mailedcode.State, error) {
	return h.states().Load(ctx, f.ID, f.Opened)
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

// stepTime bounds what is done under a lock, but for step 3 (Times.Password).
const stepTime = 15 * time.Second

func (h *Handler) once() *once.Keeper {
	return &once.Keeper{
		Store:     h.Store,
		Life:      h.Times.Outcome,
		Log:       h.Log,
		Failpoint: h.Failpoint,
	}
}

// submitted is a form of a flow. All steps of a flow share one lock: each writes the flow's state.
func (h *Handler) submitted(f flow, step, typed string) once.Submission {
	return once.Submission{
		Secret: f.Secret,
		Lock:   h.states().LockName(f.ID),
		What:   []string{step, f.ID, f.Settings, typed},
		Time:   stepTime,
	}
}

// A success refuses every earlier flow of the address: « à usage unique » must hold for all the codes that were sent.

func (h *Handler) successKey(f flow) string { return "success:" + h.account(f.Email) }

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
	t, err := h.states().Load(ctx, f.ID, f.Opened)
	return !t.RightAt.IsZero() && h.Now().Before(t.RightAt.Add(h.Times.Settings)), err
}
