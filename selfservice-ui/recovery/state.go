package recovery

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"efpconnect.example/internal/limit"
)

// flowState is what all browsers of one Kratos flow share: read freely, written under the flow's lock alone.
type flowState struct {
	Plain  int       `json:"plain,omitzero"`  // tries by browsers that may know the address only
	Mail   int       `json:"mail,omitzero"`   // tries by browsers that came by the mail
	Sent   time.Time `json:"sent,omitzero"`   // the last sending that a browser of the first kind asked for
	Again  time.Time `json:"again,omitzero"`  // the last one that a browser of the second kind asked for
	Failed bool      `json:"failed,omitzero"` // Sent failed
	Lost   bool      `json:"lost,omitzero"`   // Again failed
	Intent string    `json:"intent,omitzero"` // fingerprint of the code last given to Kratos, written before the call
	Judged bool      `json:"judged,omitzero"` // Kratos has answered that code, and not with "right"
	Right  string    `json:"right,omitzero"`  // keyed hash of the code that was right
	Over   bool      `json:"over,omitzero"`   // Kratos takes no code of this flow any more

	// Another of Kratos's flows that stands for this one, since the owner has passed or finished this one elsewhere. Nothing that a
	// stranger holds changes with it.
	Replacement       string    `json:"standing,omitzero"`
	ReplacementOpened time.Time `json:"since,omitzero"` // when that one was opened
}

// kratosFlow is the flow as Kratos has it now.
func (t flowState) kratosFlow(f flow) flow {
	if t.Replacement != "" {
		f.ID, f.Opened = t.Replacement, t.ReplacementOpened
	}
	return f
}

// Kratos gives so many tries a flow to whoever holds it. Some of them are kept for a browser that came by the mail's
// button, so that a stranger who burns tries cannot lock the owner of the mailbox out. What the owner does shows in nothing that
// the stranger sees: it would tell him that there is an account.
const (
	triesOfFlow  = limit.TriesPerFlow
	triesOfPlain = limit.TriesPerFlow - limit.TriesKept
)

// left is how many tries a browser still has.
func (t flowState) left(byMail bool) int {
	switch {
	case !byMail:
		return max(0, triesOfPlain-t.Plain)
	case t.Over:
		return 0
	}
	return max(0, triesOfFlow-t.Mail-min(t.Plain, triesOfPlain))
}

// sent is the last sending that a browser knows of.
func (t flowState) sent(byMail bool) time.Time {
	if byMail && t.Again.After(t.Sent) {
		return t.Again
	}
	return t.Sent
}

// send notes a sending.
func (t *flowState) send(byMail bool, at time.Time) {
	if byMail {
		t.Again, t.Lost = at, false
	} else {
		t.Sent, t.Failed = at, false
	}
}

// fail notes that the sending failed.
func (t *flowState) fail(byMail bool) {
	if byMail {
		t.Lost = true
	} else {
		t.Failed = true
	}
}

// failed tells whether the last sending that a browser knows of failed.
func (t flowState) failed(byMail bool) bool {
	if byMail && t.Again.After(t.Sent) {
		return t.Lost
	}
	return t.Failed
}

// spend counts one try.
func (t *flowState) spend(byMail bool) {
	if byMail {
		t.Mail++
	} else {
		t.Plain++
	}
}

func (h *Handler) stateKey(f flow) string { return "flow:" + h.Box.Hash("flow", f.ID) }

// loadState reads what is known of the flow. After a loss of the store it starts anew: Kratos still counts.
func (h *Handler) loadState(ctx context.Context, f flow) (flowState, error) {
	t := flowState{Sent: f.Opened}
	raw, found, err := h.Store.Get(ctx, h.stateKey(f))
	if err != nil || !found {
		return t, err
	}
	if err := json.Unmarshal(raw, &t); err != nil {
		return t, fmt.Errorf("recovery: flow state: %w", err)
	}
	return t, nil
}

func (h *Handler) saveState(ctx context.Context, f flow, t flowState) error {
	raw, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("recovery: flow state: %w", err)
	}
	return h.Store.Put(ctx, h.stateKey(f), raw, h.Times.Flow)
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
