package mailedcode

import (
	"time"

	"efpconnect.example/internal/seal"
)

// Flow is a browser's part in a Kratos flow that mails codes.
type Flow struct {
	ID     string
	Opened time.Time
	Secret []byte // the browser's own random
	Proof  Proof

	// Owned says that this browser holds the mailbox, or has held the account. Any other may be a stranger's, who must not learn from a
	// flow what the owner did elsewhere: that would tell him that there is an account.
	Owned bool

	Account string // the keyed hash that stands for the address in limits and logs
	Email   string // as the page shows it
	Handle  string // what the forms carry: tells another tab's form apart
}

// Standing is the Kratos flow that takes the codes now: this one, or its replacement.
func (s State) Standing(f Flow) Flow {
	if s.Replacement.ID != "" {
		f.ID, f.Opened = s.Replacement.ID, s.Replacement.Opened
	}
	return f
}

// Intent is the fingerprint of one code typed in one browser of a flow.
func (f Flow) Intent(code string) (string, error) {
	return seal.Fingerprint(f.Secret, "intent code", f.ID, code)
}

// Refusal is why a code is not given to Kratos.
type Refusal string

const (
	Admitted Refusal = ""
	Expired  Refusal = "expired" // v26.2.0 would call it wrong and count a try
	Spent    Refusal = "spent"   // no try is left to this browser
)

// Begin counts a try and notes the code's intent in the state, which the caller saves before the code goes to Kratos. After a crash
// in between, a code that Kratos calls used is then known to be this browser's own. A code whose answer was lost (again) costs no
// second try: Kratos's trouble must not use up a person's tries.
func (s *State) Begin(f Flow, code string, now time.Time, life time.Duration) (again bool, refused Refusal, err error) {
	if now.After(s.Sent(f.Proof).Add(life)) {
		return false, Expired, nil
	}
	intent, err := f.Intent(code)
	if err != nil {
		return false, Admitted, err
	}
	again = s.Intent == intent && !s.Judged
	if !again {
		if s.Left(f.Proof) == 0 {
			return false, Spent, nil
		}
		s.spend(f.Proof)
	}
	s.Intent, s.Judged = intent, false
	return again, Admitted, nil
}

// Resend is what asking for another code comes to.
type Resend int

const (
	SameFlow    Resend = iota // another mail in the same flow
	TooEarly                  // the pause is not over
	AnotherFlow               // no code of this flow could keep its promise any more
)

// Times are the durations of a mailed code. Those of Kratos must agree with its configuration.
type Times struct {
	Flow  time.Duration // life of a Kratos flow
	Code  time.Duration // life of a code
	Pause time.Duration // between two mails of one flow
}

// Resend decides on another mail. A flow without a try left is never revived by one: Kratos refuses even the right code then.
func (s State) Resend(f Flow, now time.Time, t Times) Resend {
	switch {
	case !s.Failed(f.Proof) && now.Before(s.Sent(f.Proof).Add(t.Pause)):
		return TooEarly
	case s.Left(f.Proof) == 0, now.After(f.Opened.Add(t.Flow - t.Code)):
		return AnotherFlow
	}
	return SameFlow
}

// ReplacementState is the state of the flow that replaces one: the typed address's tries count as used there, so that the two
// kept ones stay kept for the mail's button.
func ReplacementState(now time.Time) State {
	return State{Typed: Share{Tries: TriesOfTyped, Sent: now}}
}

// NoteReplacement notes which flow takes the codes from now on.
func (s *State) NoteReplacement(f Flow) { s.Replacement = Replacement{ID: f.ID, Opened: f.Opened} }
