package kratos

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"
	client "github.com/ory/kratos-client-go"
)

// Settings is a settings flow: the form in which a session sets its password.
type Settings struct {
	Outcome         Outcome // SettingsOpened, SessionOver, FlowExpired, FlowUnknown, FlowForeign
	ID              string
	ExpiresAt       time.Time
	PrivilegedUntil time.Time // zero but for the flow that the right code opened: Kratos says it there alone
}

// OpenSettings starts a settings flow for the session of token.
func (c *Client) OpenSettings(ctx context.Context, token string) (Settings, error) {
	_, resp, err := c.api.FrontendAPI.CreateNativeSettingsFlow(ctx).XSessionToken(token).Execute()
	a, err := call{http.MethodGet, "/self-service/settings/api"}.answer(resp, err)
	if err != nil {
		return Settings{}, err
	}
	return a.settings()
}

// Settings reads a settings flow of the session of token.
func (c *Client) Settings(ctx context.Context, token, settingsFlow string) (Settings, error) {
	if uuid.Validate(settingsFlow) != nil {
		return Settings{Outcome: FlowUnknown}, nil
	}
	_, resp, err := c.api.FrontendAPI.GetSettingsFlow(ctx).Id(settingsFlow).XSessionToken(token).Execute()
	a, err := call{http.MethodGet, "/self-service/settings/flows"}.answer(resp, err)
	if err != nil {
		return Settings{}, err
	}
	return a.settings()
}

func (a *answer) settings() (Settings, error) {
	switch ended := a.ended(); ended {
	case SessionOver, FlowExpired, FlowUnknown, FlowForeign:
		return Settings{Outcome: ended}, nil
	}
	if a.status != http.StatusOK || uuid.Validate(a.ID) != nil || a.ExpiresAt.IsZero() {
		return Settings{}, a.unexpected()
	}
	s := Settings{Outcome: SettingsOpened, ID: a.ID, ExpiresAt: a.ExpiresAt}
	for _, m := range a.UI.Messages {
		var context struct {
			Until time.Time `json:"privileged_session_expires_at"`
		}
		if m.ID == msgRecovered && json.Unmarshal(m.Context, &context) == nil {
			s.PrivilegedUntil = context.Until
		}
	}
	return s, nil
}

// PasswordResult is the answer to SetPassword.
type PasswordResult struct {
	Outcome Outcome // PasswordSet, PasswordRefused, HookFailed, SessionOver, PrivilegeOver, FlowExpired, FlowUnknown, FlowForeign
	Reason  Reason  // after PasswordRefused
}

// SetPassword changes the password of token's account through settingsFlow.
// The permit for that flow must be in the store before. The session lives on.
func (c *Client) SetPassword(ctx context.Context, token, settingsFlow, password string) (PasswordResult, error) {
	if uuid.Validate(settingsFlow) != nil {
		return PasswordResult{Outcome: FlowUnknown}, nil
	}
	body := client.UpdateSettingsFlowWithPasswordMethodAsUpdateSettingsFlowBody(
		&client.UpdateSettingsFlowWithPasswordMethod{Method: "password", Password: password})
	_, resp, err := c.patient.FrontendAPI.UpdateSettingsFlow(ctx).Flow(settingsFlow).XSessionToken(token).UpdateSettingsFlowBody(body).Execute()
	a, err := call{http.MethodPost, "/self-service/settings"}.answer(resp, err)
	if err != nil {
		return PasswordResult{}, err
	}
	return a.passwordTried()
}

// passwordTried judges by the status first: a flow that has once succeeded keeps
// state "success" in the refusals that follow.
func (a *answer) passwordTried() (PasswordResult, error) {
	refusals := a.fieldErrors("password")
	switch {
	case a.status == http.StatusOK && a.State == "success":
		return PasswordResult{Outcome: PasswordSet}, nil
	case a.status == http.StatusBadRequest && len(refusals) > 0:
		// A hook's messages pile up on those of earlier tries: the last is this try's.
		return PasswordResult{Outcome: PasswordRefused, Reason: reason(refusals[len(refusals)-1])}, nil
	case a.status == http.StatusBadRequest && a.Failure.Code == http.StatusInternalServerError:
		return PasswordResult{Outcome: HookFailed}, nil
	case a.status == http.StatusForbidden && a.Failure.ID == idOldSession:
		return PasswordResult{Outcome: PrivilegeOver}, nil
	}
	switch ended := a.ended(); ended {
	case SessionOver, FlowExpired, FlowUnknown, FlowForeign:
		return PasswordResult{Outcome: ended}, nil
	}
	return PasswordResult{}, a.unexpected()
}
