package kratos

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	client "github.com/ory/kratos-client-go"
)

// PasswordResult is the answer to SetPassword.
type PasswordResult struct {
	Outcome Outcome // PasswordSet, PasswordRefused, HookFailed, AccountInactive, SessionOver, PrivilegeOver, FlowExpired, FlowUnknown, FlowForeign
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
	case a.disabled():
		return PasswordResult{Outcome: AccountInactive}, nil
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
	case AccountInactive, SessionOver, FlowExpired, FlowUnknown, FlowForeign:
		return PasswordResult{Outcome: ended}, nil
	}
	return PasswordResult{}, a.unexpected()
}
