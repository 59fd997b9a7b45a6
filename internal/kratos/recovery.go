package kratos

import (
	"context"
	"time"
)

// RecoveryState is how far a recovery flow is.
type RecoveryState string

const (
	AwaitsAddress RecoveryState = "choose_method"    // no address posted yet
	AwaitsCode    RecoveryState = "sent_email"       // the address was posted
	Passed        RecoveryState = "passed_challenge" // the right code was posted
	Expired       RecoveryState = "expired"          // only ID is known
	Unknown       RecoveryState = "unknown"          // only ID is known
)

// Recovery is a recovery flow. Its ID is a secret: who has it may try codes.
type Recovery struct {
	ID        string
	State     RecoveryState
	Email     string // what was posted, whether an account has it or not
	IssuedAt  time.Time
	ExpiresAt time.Time
}

// OpenRecovery starts a recovery flow.
func (c *Client) OpenRecovery(ctx context.Context) (Recovery, error) { return Recovery{}, nil }

// Recovery reads a flow. One that Kratos no longer serves is no error but a
// Recovery in state Expired or Unknown.
func (c *Client) Recovery(ctx context.Context, flowID string) (Recovery, error) {
	return Recovery{}, nil
}

// SendResult is the answer to SendCode.
type SendResult struct {
	Outcome   Outcome // CodeSent, AddressRefused, FlowSpent, FlowExpired, FlowUnknown
	ExpiresAt time.Time
}

// SendCode makes Kratos mail a code to email, and makes the flow's former codes
// useless; called again, it is the resend. Surrounding spaces are the caller's
// to trim. Kratos does not keep payload, which feeds the mail's template: give
// it with every call.
//
// Kratos panics when an address reaches a flow that was passed, so SendCode
// reads the flow first and answers FlowSpent by itself.
func (c *Client) SendCode(ctx context.Context, flowID, email string, payload map[string]any) (SendResult, error) {
	return SendResult{}, nil
}

// CodeResult is the answer to SubmitCode.
type CodeResult struct {
	Outcome Outcome // CodeRight, CodeWrong, CodeSpent, CodeExpired, FlowExpired, FlowUnknown, AccountInactive

	// After CodeRight alone:
	Token        string // of the new session: as good as the account
	SettingsFlow string // id of the settings flow Kratos opened for that session
}

// SubmitCode tries a code, which must be digits only: anything else counts as a
// try too (five a flow).
func (c *Client) SubmitCode(ctx context.Context, flowID, code string) (CodeResult, error) {
	return CodeResult{}, nil
}
