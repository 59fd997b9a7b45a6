package kratos

import (
	"context"
	"time"
)

// Settings is a settings flow: the form in which a session sets its password.
type Settings struct {
	Outcome         Outcome // SettingsOpened, SessionOver, FlowExpired, FlowUnknown, FlowForeign
	ID              string
	ExpiresAt       time.Time
	PrivilegedUntil time.Time // zero when Kratos does not say (only after a recovery does it)
}

// OpenSettings starts a settings flow for the session of token.
func (c *Client) OpenSettings(ctx context.Context, token string) (Settings, error) {
	return Settings{}, nil
}

// Settings reads a settings flow of the session of token.
func (c *Client) Settings(ctx context.Context, token, settingsFlow string) (Settings, error) {
	return Settings{}, nil
}

// ReasonKind is why Kratos refused a password.
type ReasonKind string

const (
	TooShort      ReasonKind = "too_short"      // 4000032; Kratos counts bytes
	TooSimilar    ReasonKind = "too_similar"    // 4000031: to the identifier
	TooLong       ReasonKind = "too_long"       // 4000033: bcrypt's 72 bytes
	Breached      ReasonKind = "breached"       // 4000034: known from data leaks
	SameAsOld     ReasonKind = "same_as_old"    // 4000039: v26.2.0 on
	PolicyGeneric ReasonKind = "policy_generic" // 4000005
	Missing       ReasonKind = "missing"        // 4000002: empty
	NotPermitted  ReasonKind = "not_permitted"  // 4900001: our permit hook said no
	Other         ReasonKind = "other"          // see Reason.MessageID
)

// Reason says why a password was refused.
type Reason struct {
	Kind        ReasonKind
	Min, Actual int   // bytes, with TooShort
	Max         int   // bytes, with TooLong
	MessageID   int64 // Kratos's id
}

// PasswordResult is the answer to SetPassword.
type PasswordResult struct {
	Outcome Outcome // PasswordSet, PasswordRefused, HookFailed, SessionOver, PrivilegeOver, FlowExpired, FlowUnknown, FlowForeign
	Reason  Reason  // after PasswordRefused: that of this submission
}

// SetPassword changes the password of token's account through settingsFlow.
// The permit for that flow must be in the store before.
func (c *Client) SetPassword(ctx context.Context, token, settingsFlow, password string) (PasswordResult, error) {
	return PasswordResult{}, nil
}
