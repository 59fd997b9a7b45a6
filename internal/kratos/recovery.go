package kratos

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	client "github.com/ory/kratos-client-go"

	"efpconnect.example/internal/email"
)

// RecoveryState is how far a recovery flow is.
type RecoveryState string

const (
	AwaitsEmail RecoveryState = "choose_method"    // no address posted yet
	AwaitsCode  RecoveryState = "sent_email"       // the address was posted
	Passed      RecoveryState = "passed_challenge" // the right code was posted
	Expired     RecoveryState = "expired"          // only ID is known
	Unknown     RecoveryState = "unknown"          // only ID is known
)

// Recovery is a recovery flow. Its ID is a secret: who has it may try codes.
type Recovery struct {
	ID    string
	State RecoveryState
	Email email.Address // what was posted, whether an account has it or not; none where it is no address
}

// OpenRecovery starts a recovery flow.
func (c *Client) OpenRecovery(ctx context.Context) (Recovery, error) {
	_, resp, err := c.api.FrontendAPI.CreateNativeRecoveryFlow(ctx).Execute()
	a, err := call{http.MethodGet, "/self-service/recovery/api"}.answer(resp, err)
	if err != nil {
		return Recovery{}, err
	}
	flow, err := a.recovery()
	if err == nil && flow.State != AwaitsEmail {
		return Recovery{}, a.unexpected()
	}
	return flow, err
}

// Recovery reads a flow. One that Kratos no longer serves is no error but a
// Recovery in state Expired or Unknown.
func (c *Client) Recovery(ctx context.Context, flowID string) (Recovery, error) {
	if uuid.Validate(flowID) != nil { // Kratos would answer 400
		return Recovery{ID: flowID, State: Unknown}, nil
	}
	_, resp, err := c.api.FrontendAPI.GetRecoveryFlow(ctx).Id(flowID).Execute()
	a, err := call{http.MethodGet, "/self-service/recovery/flows"}.answer(resp, err)
	if err != nil {
		return Recovery{}, err
	}
	switch a.ended() {
	case FlowExpired:
		return Recovery{ID: flowID, State: Expired}, nil
	case FlowUnknown:
		return Recovery{ID: flowID, State: Unknown}, nil
	}
	return a.recovery()
}

// recovery reads an answer that must be a recovery flow.
func (a *answer) recovery() (Recovery, error) {
	state := RecoveryState(a.State)
	known := state == AwaitsEmail || state == AwaitsCode || state == Passed
	if a.status != http.StatusOK || !known || uuid.Validate(a.ID) != nil || a.ExpiresAt.IsZero() {
		return Recovery{}, a.unexpected()
	}
	posted, _ := email.Parse(a.fieldValue("email"))
	return Recovery{ID: a.ID, State: state, Email: posted}, nil
}

// SendResult is the answer to SendCode.
type SendResult struct {
	Outcome Outcome // CodeSent, AddressRefused, FlowSpent, FlowExpired, FlowUnknown
}

// SendCode makes Kratos mail a code to an address, and makes the flow's former codes
// useless; called again, it is the resend. Kratos does not keep payload, which
// feeds the mail's template: give it with every call.
//
// Kratos panics when an address reaches a flow that was passed, so SendCode
// reads the flow first. In the moment between, a code may still pass: that ends
// in ErrUnavailable, and a second call in FlowSpent.
//
// A mail template that fails is ErrMailFailed, for addresses with an account
// only.
func (c *Client) SendCode(ctx context.Context, flowID string, to email.Address, payload map[string]any) (SendResult, error) {
	flow, err := c.Recovery(ctx, flowID)
	if err != nil {
		return SendResult{}, err
	}
	switch {
	case flow.State == Expired:
		return SendResult{Outcome: FlowExpired}, nil
	case flow.State == Unknown:
		return SendResult{Outcome: FlowUnknown}, nil
	case flow.State == Passed:
		return SendResult{Outcome: FlowSpent}, nil
	}
	return c.SendFirstCode(ctx, flowID, to, payload)
}

// SendFirstCode is SendCode in a flow that was opened a moment ago, so cannot be
// passed: it is not read again.
func (c *Client) SendFirstCode(ctx context.Context, flowID string, to email.Address, payload map[string]any) (SendResult, error) {
	if to.IsZero() { // would be taken for a try of an empty code
		return SendResult{Outcome: AddressRefused}, nil
	}
	if payload == nil {
		payload = map[string]any{}
	}
	address := to.String()
	a, err := postRecovery(ctx, c.detached, flowID, client.UpdateRecoveryFlowWithCodeMethod{
		Method: "code", Email: &address, TransientPayload: payload,
	})
	if err != nil {
		return SendResult{}, err
	}
	return a.sent()
}

func (a *answer) sent() (SendResult, error) {
	_, replaced := next(a.Failure.Details.ContinueWith, actionRecovery)
	switch {
	case a.status == http.StatusOK && a.State == string(AwaitsCode) && a.hasMessage(msgCodeSent):
		return SendResult{Outcome: CodeSent}, nil
	case a.status == http.StatusBadRequest && len(a.fieldErrors("email")) > 0:
		return SendResult{Outcome: AddressRefused}, nil
	case a.status == http.StatusBadRequest && replaced:
		return SendResult{Outcome: FlowSpent}, nil
	case a.ended() == FlowExpired:
		return SendResult{Outcome: FlowExpired}, nil
	}
	// 404 too: the flow was read a moment ago, so the method "code" is off.
	return SendResult{}, fmt.Errorf("%w: %w", ErrMailFailed, a.unexpected())
}

// CodeResult is the answer to SubmitCode.
type CodeResult struct {
	Outcome Outcome // CodeRight, CodeWrong, CodeSpent, CodeExpired, NoCodeSent, FlowExpired, FlowUnknown, AccountInactive

	// After CodeRight alone:
	Token        string // of the new session: as good as the account
	SettingsFlow string // id of the settings flow Kratos opened for that session
}

// SubmitCode tries a code, which must be digits only: anything else counts as a
// try too (five a flow). An empty one is wrong without asking Kratos.
func (c *Client) SubmitCode(ctx context.Context, flowID, code string) (CodeResult, error) {
	if uuid.Validate(flowID) != nil {
		return CodeResult{Outcome: FlowUnknown}, nil
	}
	if code == "" {
		return CodeResult{Outcome: CodeWrong}, nil
	}
	a, err := postRecovery(ctx, c.api, flowID, client.UpdateRecoveryFlowWithCodeMethod{Method: "code", Code: &code})
	if err != nil {
		return CodeResult{}, err
	}
	return a.codeTried()
}

func (a *answer) codeTried() (CodeResult, error) {
	token, hasToken := next(a.ContinueWith, actionToken)
	settings, hasSettings := next(a.ContinueWith, actionSettings)
	_, replaced := next(a.Failure.Details.ContinueWith, actionRecovery)
	ended := a.ended()
	switch {
	case a.disabled():
		return CodeResult{Outcome: AccountInactive}, nil
	case a.status == http.StatusOK && a.hasMessage(msgCodeWrong):
		return CodeResult{Outcome: CodeWrong}, nil
	case a.status == http.StatusOK && a.State == string(Passed) && hasToken && token.Token != "" &&
		hasSettings && uuid.Validate(settings.Flow.ID) == nil:
		return CodeResult{Outcome: CodeRight, Token: token.Token, SettingsFlow: settings.Flow.ID}, nil
	case a.status == http.StatusBadRequest && replaced && a.Failure.Code == a.status:
		return CodeResult{Outcome: CodeSpent}, nil
	case a.status == http.StatusBadRequest && a.State == string(AwaitsEmail) && a.hasMessage(msgMissing),
		a.status == http.StatusBadRequest && a.hasMessage(msgCodeSent): // the address came while Kratos was reading the code
		return CodeResult{Outcome: NoCodeSent}, nil
	case ended == FlowExpired && a.UseFlowID == "": // Kratos names a successor to an expired flow, not to an expired code
		return CodeResult{Outcome: CodeExpired}, nil
	case ended == FlowExpired, ended == FlowUnknown, ended == AccountInactive:
		return CodeResult{Outcome: ended}, nil
	}
	return CodeResult{}, a.unexpected()
}

// postRecovery always names the method: without it Kratos spoils the flow for good.
func postRecovery(ctx context.Context, api *client.APIClient, flowID string, form client.UpdateRecoveryFlowWithCodeMethod) (answer, error) {
	body := client.UpdateRecoveryFlowWithCodeMethodAsUpdateRecoveryFlowBody(&form)
	_, resp, err := api.FrontendAPI.UpdateRecoveryFlow(ctx).Flow(flowID).UpdateRecoveryFlowBody(body).Execute()
	return call{http.MethodPost, "/self-service/recovery"}.answer(resp, err)
}
