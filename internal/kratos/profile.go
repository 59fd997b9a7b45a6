package kratos

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	client "github.com/ory/kratos-client-go"
)

// OpenSettings starts a settings flow for the session of token: SessionOver where that session has ended.
func (c *Client) OpenSettings(ctx context.Context, token string) (flowID string, outcome Outcome, err error) {
	_, resp, err := c.api.FrontendAPI.CreateNativeSettingsFlow(ctx).XSessionToken(token).Execute()
	a, err := call{http.MethodGet, "/self-service/settings/api"}.answer(resp, err)
	if err != nil {
		return "", "", err
	}
	switch ended := a.ended(); {
	case a.status == http.StatusOK && uuid.Validate(a.ID) == nil:
		return a.ID, SettingsOpened, nil
	case ended == SessionOver, ended == AccountInactive:
		return "", ended, nil
	}
	return "", "", a.unexpected()
}

// ProfileResult is the answer to SetProfile.
type ProfileResult struct {
	Outcome Outcome  // ProfileSet, ProfileRefused, HookFailed, SessionOver, PrivilegeOver, FlowExpired, FlowUnknown, FlowForeign
	Traits  []string // after ProfileRefused: the names of the traits that the account's schema refuses; none when the permit is missing
}

// SetProfile replaces the traits of token's account, all of them. The permit for that flow must be in the store before.
func (c *Client) SetProfile(ctx context.Context, token, settingsFlow string, traits map[string]any) (ProfileResult, error) {
	if uuid.Validate(settingsFlow) != nil {
		return ProfileResult{Outcome: FlowUnknown}, nil
	}
	body := client.UpdateSettingsFlowWithProfileMethodAsUpdateSettingsFlowBody(
		&client.UpdateSettingsFlowWithProfileMethod{Method: "profile", Traits: traits})
	_, resp, err := c.patient.FrontendAPI.UpdateSettingsFlow(ctx).Flow(settingsFlow).XSessionToken(token).UpdateSettingsFlowBody(body).Execute()
	a, err := call{http.MethodPost, "/self-service/settings"}.answer(resp, err)
	if err != nil {
		return ProfileResult{}, err
	}
	return a.profileTried(traits)
}

// profileTried judges by the status alone: v26.2.0 leaves the message of a success among those of the next refusal.
func (a *answer) profileTried(traits map[string]any) (ProfileResult, error) {
	switch {
	case a.status == http.StatusOK && a.State == "success":
		return ProfileResult{Outcome: ProfileSet}, nil
	case a.status == http.StatusBadRequest && a.Failure.Code == http.StatusInternalServerError:
		return ProfileResult{Outcome: HookFailed}, nil
	case a.status == http.StatusBadRequest && a.ID != "":
		refused := ProfileResult{Outcome: ProfileRefused}
		for name := range traits {
			if len(a.fieldErrors("traits."+name)) > 0 {
				refused.Traits = append(refused.Traits, name)
			}
		}
		return refused, nil
	case a.status == http.StatusForbidden && a.Failure.ID == idOldSession:
		return ProfileResult{Outcome: PrivilegeOver}, nil
	}
	switch ended := a.ended(); ended {
	case SessionOver, FlowExpired, FlowUnknown, FlowForeign:
		return ProfileResult{Outcome: ended}, nil
	}
	return ProfileResult{}, a.unexpected()
}
