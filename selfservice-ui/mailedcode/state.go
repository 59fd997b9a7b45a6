// Package mailedcode is a code that Kratos mails to prove an address: its page (step 2 of every flow), how often it may be tried and
// sent again, by whom, and what the mail's button carries:
//
//	state.go, try.go, link.go   what is counted and decided: no page and no call of Kratos's
//	page.go, code.html          the page
//	hear.go, interpret.go       its form, and what Kratos's answer means
//	resend.go, send.go          the mails
//	step.go                     what one kind of flow brings: Way and Texts
//
// The reset and the registration use it; it knows neither of them.
//
// Two kinds of browser hold a flow. One typed the address and may be a stranger's; one came by the mail's button and so reads the
// mailbox. They share the flow's tries, and a stranger sees nothing of what the owner does: it would tell that there is an account.
package mailedcode

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/store"
)

// Proof is how a browser came to a flow.
type Proof int

const (
	Typed  Proof = iota // it typed the address
	Button              // it came by the mail's button, so it reads the mailbox
)

// Share is what the browsers of one kind of proof have done in a flow.
type Share struct {
	Tries   int       `json:"tries,omitzero"`
	Sent    time.Time `json:"sent,omitzero"`    // the last sending that they asked for
	Resends int       `json:"resends,omitzero"` // sendings after the first
	Failed  bool      `json:"failed,omitzero"`  // the last sending failed
}

// State is what all browsers of one Kratos flow share. Read it freely; write it under the flow's lock alone.
type State struct {
	Typed  Share `json:"typed,omitzero"`
	Button Share `json:"button,omitzero"`

	Intent string `json:"intent,omitzero"` // fingerprint of the code last given to Kratos, written before the call
	Judged bool   `json:"judged,omitzero"` // Kratos has answered that code, and not with "right"
	Right  string `json:"right,omitzero"`  // keyed hash of the code that was right
	Over   bool   `json:"over,omitzero"`   // Kratos takes no code of this flow any more

	RightAt time.Time `json:"right_at,omitzero"` // when the right code was given, and the flow went on in that browser

	Replacement Replacement `json:"replacement,omitzero"`
}

// Replacement is the Kratos flow in which codes are sent and tried once the first one takes none. Browsers keep the first one's id:
// nothing that a stranger holds changes.
type Replacement struct {
	ID     string    `json:"id"`
	Opened time.Time `json:"opened"`
}

// Kratos gives so many tries a flow to whoever holds it. Two of them are kept for the mail's button, so that a stranger who burns
// tries cannot lock the owner of the mailbox out.
const (
	TriesOfFlow  = limit.TriesPerFlow
	TriesOfTyped = limit.TriesPerFlow - limit.TriesKept
)

func (s *State) share(p Proof) *Share {
	if p == Button {
		return &s.Button
	}
	return &s.Typed
}

// Left is how many tries a browser still has. A typed address counts its own tries alone.
func (s State) Left(p Proof) int {
	switch {
	case p == Typed:
		return max(0, TriesOfTyped-s.Typed.Tries)
	case s.Over:
		return 0
	}
	return max(0, TriesOfFlow-s.Button.Tries-min(s.Typed.Tries, TriesOfTyped))
}

// Used tells whether a browser knows of a try that is used.
func (s State) Used(p Proof) bool {
	return p == Typed && s.Typed.Tries > 0 || p == Button && s.Left(Button) < TriesOfFlow
}

// last is the last sending that a browser knows of.
func (s State) last(p Proof) Share {
	if p == Button && s.Button.Sent.After(s.Typed.Sent) {
		return s.Button
	}
	return s.Typed
}

// Sent is when the last sending was that a browser knows of.
func (s State) Sent(p Proof) time.Time { return s.last(p).Sent }

// Failed tells whether that sending failed.
func (s State) Failed(p Proof) bool { return s.last(p).Failed }

// NoteSent notes a sending that a browser asked for.
func (s *State) NoteSent(p Proof, at time.Time) {
	share := s.share(p)
	share.Sent, share.Failed = at, false
	share.Resends++
}

// NoteFailed notes that the sending failed: the next one needs no pause.
func (s *State) NoteFailed(p Proof) { s.share(p).Failed = true }

// spend counts one try.
func (s *State) spend(p Proof) { s.share(p).Tries++ }

// States keeps the states of flows for as long as Kratos keeps the flows.
type States struct {
	Store store.Store
	Box   *seal.Box
	Life  time.Duration
}

func (s *States) key(flow string) string { return "code:" + s.Box.Hash("flow", flow) }

// LockName names the lock under which a flow's state is written.
func (s *States) LockName(flow string) string { return "lock:" + s.Box.Hash("flow", flow) }

func (s *States) sendingKey(flow string) string { return "sending:" + s.Box.Hash("flow", flow) }

// begin notes that Kratos is being handed the address of a flow, for as long as that may take.
func (s *States) begin(ctx context.Context, flow string, within time.Duration) error {
	return s.Store.Put(ctx, s.sendingKey(flow), []byte{1}, within)
}

// end notes that Kratos has answered. Where that fails, the note ends by itself.
func (s *States) end(ctx context.Context, flow string) {
	_ = s.Store.Delete(context.WithoutCancel(ctx), s.sendingKey(flow))
}

// sendingGrace is how long a code waits for Kratos to take the address in: a mail may arrive a moment before Kratos has said so. It is
// less than the instant at which the answer leaves.
const (
	sendingGrace = 200 * time.Millisecond
	sendingPoll  = 20 * time.Millisecond
)

// underWay tells whether Kratos is still being handed the address. A code that it heard meanwhile would be answered in another way where
// there is an account, since mailing takes longer there; in a registration, Kratos would send a mail of its own without a button.
func (s *States) underWay(ctx context.Context, flow string) (bool, error) {
	over := time.NewTimer(sendingGrace)
	defer over.Stop()
	poll := time.NewTicker(sendingPoll)
	defer poll.Stop()
	for {
		_, found, err := s.Store.Get(ctx, s.sendingKey(flow))
		if err != nil || !found {
			return false, err
		}
		select {
		case <-poll.C:
		case <-over.C:
			return true, nil
		case <-ctx.Done():
			return true, ctx.Err()
		}
	}
}

// Load reads a flow's state. After a loss of the store it starts anew: Kratos still counts the tries.
func (s *States) Load(ctx context.Context, flow string, opened time.Time) (State, error) {
	state := State{Typed: Share{Sent: opened}}
	raw, found, err := s.Store.Get(ctx, s.key(flow))
	if err != nil || !found {
		return state, err
	}
	if err := json.Unmarshal(raw, &state); err != nil {
		return state, fmt.Errorf("mailedcode: the kept state of a flow: %w", err)
	}
	return state, nil
}

// Save writes a flow's state.
func (s *States) Save(ctx context.Context, flow string, state State) error {
	raw, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("mailedcode: the state of a flow: %w", err)
	}
	return s.Store.Put(ctx, s.key(flow), raw, s.Life)
}
