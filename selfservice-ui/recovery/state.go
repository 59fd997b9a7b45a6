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
	return mailedcode.Flow{ID: f.ID, Opened: f.Opened, Secret: f.Secret, Proof: f.proof()}
}

// standing is the flow with the Kratos flow that takes its codes now.
func (f flow) standing(state mailedcode.State) flow {
	there := state.Standing(f.code())
	f.ID, f.Opened = there.ID, there.Opened
	return f
}

func (h *Handler) states() *mailedcode.States {
	return &mailedcode.States{Store: h.Store, Box: h.Box, Life: h.Times.Flow}
}

func (h *Handler) loadState(ctx context.Context, f flow) (mailedcode.State, error) {
	return h.states().Load(ctx, f.ID, f.Opened)
}

func (h *Handler) saveState(ctx context.Context, f flow, state mailedcode.State) error {
	return h.states().Save(ctx, f.ID, state)
}

func (h *Handler) codeTimes() mailedcode.Times {
	return mailedcode.Times{Flow: h.Times.Flow, Code: h.Times.Code, Pause: h.Times.Resend}
}

// outcome is what a step decided, with that step's own kind of verdict. Package once keeps it for the same form sent again.
type outcome[V verdict] struct {
	Verdict V      `json:"verdict"`
	Flow    flow   `json:"flow"`           // what the browser carries from now on
	Left    int    `json:"left,omitzero"`  // tries left
	Key     string `json:"key,omitzero"`   // word key of a refusal
	Field   string `json:"field,omitzero"` // the field it is about
	Limit   int    `json:"limit,omitzero"` // its number
}

type verdict interface {
	emailVerdict | codeVerdict | resendVerdict | passwordVerdict
}

// Passing is true of "too early": the same form sent a minute later must be heard.
func (o outcome[V]) Passing() bool { return any(o.Verdict) == any(resendEarly) }

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
