package kratos

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	client "github.com/ory/kratos-client-go"

	"efpconnect.example/internal/email"
)

// Registration is a registration flow. Its ID is a secret: who has it may try codes.
type Registration struct {
	ID      string
	Expires time.Time
	State   RecoveryState // Kratos has the same states for every flow that mails a code
	Email   email.Address // what was posted, whether an account has it or not
}

// OpenRegistration starts a registration flow. The flow knows nothing of anybody's account.
func (c *Client) OpenRegistration(ctx context.Context) (Registration, error) {
	_, resp, err := c.api.FrontendAPI.CreateNativeRegistrationFlow(ctx).Execute()
	a, err := call{http.MethodGet, "/self-service/registration/api"}.answer(resp, err)
	if err != nil {
		return Registration{}, err
	}
	if a.status != http.StatusOK || a.State != "choose_method" || uuid.Validate(a.ID) != nil || a.ExpiresAt.IsZero() {
		return Registration{}, a.unexpected() // 400 self_service_flow_disabled among others
	}
	return Registration{ID: a.ID, Expires: a.ExpiresAt, State: AwaitsEmail}, nil
}

// RegistrationAt reads a registration flow: its state and the address that it proves. One that Kratos no longer serves is no error but
// in state Expired or Unknown.
func (c *Client) RegistrationAt(ctx context.Context, flowID string) (Registration, error) {
	if uuid.Validate(flowID) != nil {
		return Registration{ID: flowID, State: Unknown}, nil
	}
	_, resp, err := c.api.FrontendAPI.GetRegistrationFlow(ctx).Id(flowID).Execute()
	a, err := call{http.MethodGet, "/self-service/registration/flows"}.answer(resp, err)
	if err != nil {
		return Registration{}, err
	}
	switch a.ended() {
	case FlowExpired:
		return Registration{ID: flowID, State: Expired}, nil
	case FlowUnknown:
		return Registration{ID: flowID, State: Unknown}, nil
	}
	state := RecoveryState(a.State)
	known := state == AwaitsEmail || state == AwaitsCode || state == Passed
	if a.status != http.StatusOK || !known || uuid.Validate(a.ID) != nil {
		return Registration{}, a.unexpected()
	}
	posted, _ := email.Parse(a.fieldValue("traits.email"))
	return Registration{ID: a.ID, Expires: a.ExpiresAt, State: state, Email: posted}, nil
}

// Proof is what a registration by code proves: that a person reads the mails of an address. Kratos wants the same traits with each
// call of a flow. The address alone is sent, so a stranger's names are in no mail and in no table.
type Proof struct {
	Flow    string
	Email   string         // lower case: Kratos stores the trait as it is sent
	Payload map[string]any // feeds the mail's template; Kratos does not keep it
}

func (p Proof) form() client.UpdateRegistrationFlowWithCodeMethod {
	payload := p.Payload
	if payload == nil {
		payload = map[string]any{}
	}
	return client.UpdateRegistrationFlowWithCodeMethod{
		Method:           "code",
		Traits:           map[string]any{"email": p.Email},
		TransientPayload: payload,
	}
}

// SendRegistrationCode makes Kratos mail the first code of a flow. Kratos looks no account up: known and unknown addresses get the
// same answer in the same time.
func (c *Client) SendRegistrationCode(ctx context.Context, p Proof) (SendResult, error) {
	return c.sendRegistration(ctx, p, p.form())
}

// ResendRegistrationCode mails another code and makes the former ones useless. It does not revive a flow whose tries are spent.
func (c *Client) ResendRegistrationCode(ctx context.Context, p Proof) (SendResult, error) {
	form, again := p.form(), "code"
	form.Resend = &again
	return c.sendRegistration(ctx, p, form)
}

func (c *Client) sendRegistration(ctx context.Context, p Proof, form client.UpdateRegistrationFlowWithCodeMethod) (SendResult, error) {
	switch {
	case uuid.Validate(p.Flow) != nil:
		return SendResult{Outcome: FlowUnknown}, nil
	case p.Email == "":
		return SendResult{Outcome: AddressRefused}, nil
	}
	a, err := c.postRegistration(ctx, p.Flow, form)
	if err != nil {
		return SendResult{}, err
	}
	switch ended := a.ended(); {
	case a.status == http.StatusBadRequest && a.State == "sent_email" && a.hasMessage(msgRegistrationSent): // 400 is Kratos's word for "go on"
		return SendResult{Outcome: CodeSent}, nil
	case a.status == http.StatusBadRequest && len(a.fieldErrors("traits.email")) > 0:
		return SendResult{Outcome: AddressRefused}, nil
	case a.status == http.StatusBadRequest && (a.hasMessage(msgNoStrategy) || a.hasMessage(msgTooOften)):
		return SendResult{Outcome: FlowSpent}, nil
	case ended == FlowExpired, ended == FlowUnknown:
		return SendResult{Outcome: ended}, nil
	}
	return SendResult{}, fmt.Errorf("%w: %w", ErrMailFailed, a.unexpected())
}

// RegistrationResult is the answer to SubmitRegistrationCode.
type RegistrationResult struct {
	Outcome Outcome // CodeRight, CodeWrong, CodeSpent, AccountExists, HookRefused, HookFailed, FlowExpired, FlowUnknown
	Token   string  // after CodeRight alone: of the new account's first session
	Account string  // after CodeRight alone: the new account's id
}

// SubmitRegistrationCode tries a code of digits. The right one makes the account and opens its first session. AccountExists is said
// after the right code alone, so to nobody but who reads the address's mails.
//
// CodeSpent is a flow that takes no code any more, by too many tries or because one was right before. HookFailed and HookRefused
// have spent the code too.
func (c *Client) SubmitRegistrationCode(ctx context.Context, p Proof, code string) (RegistrationResult, error) {
	if uuid.Validate(p.Flow) != nil {
		return RegistrationResult{Outcome: FlowUnknown}, nil
	}
	if code == "" { // Kratos would not count it
		return RegistrationResult{Outcome: CodeWrong}, nil
	}
	form := p.form()
	form.Code = &code
	a, err := c.postRegistration(ctx, p.Flow, form)
	if err != nil {
		return RegistrationResult{}, err
	}
	return a.registrationTried()
}

func (a *answer) registrationTried() (RegistrationResult, error) {
	token, hasToken := next(a.ContinueWith, actionToken)
	refused := a.status == http.StatusBadRequest
	ended := a.ended()
	switch {
	case a.status == http.StatusOK && hasToken && token.Token != "" && uuid.Validate(a.Identity.ID) == nil:
		return RegistrationResult{Outcome: CodeRight, Token: token.Token, Account: a.Identity.ID}, nil
	case refused && a.Failure.Code == http.StatusInternalServerError:
		return RegistrationResult{Outcome: HookFailed}, nil
	case refused && a.hasMessage(msgRegistrationWrong):
		return RegistrationResult{Outcome: CodeWrong}, nil
	case refused && a.hasMessage(msgAccountExists):
		return RegistrationResult{Outcome: AccountExists}, nil
	case refused && a.hasMessage(msgNotPermitted):
		return RegistrationResult{Outcome: HookRefused}, nil
	case refused && (a.hasMessage(msgTooOften) || a.hasMessage(msgNoStrategy)):
		return RegistrationResult{Outcome: CodeSpent}, nil
	case ended == FlowExpired, ended == FlowUnknown:
		return RegistrationResult{Outcome: ended}, nil
	}
	return RegistrationResult{}, a.unexpected()
}

// postRegistration always names the method.
func (c *Client) postRegistration(ctx context.Context, flowID string, form client.UpdateRegistrationFlowWithCodeMethod) (answer, error) {
	body := client.UpdateRegistrationFlowWithCodeMethodAsUpdateRegistrationFlowBody(&form)
	_, resp, err := c.patient.FrontendAPI.UpdateRegistrationFlow(ctx).Flow(flowID).UpdateRegistrationFlowBody(body).Execute()
	return call{http.MethodPost, "/self-service/registration"}.answer(resp, err)
}
