package kratos

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"time"

	client "github.com/ory/kratos-client-go"
)

// MessageNotPermitted is the id of the message that our permit hook refuses with. Kratos's own messages stay below 4900000.
const MessageNotPermitted = 4900001

// Ids of Kratos's that decide outcomes (its packages text and session).
const (
	msgMissing   = 4000002 // a required field is empty
	msgBadLogin  = 4000006
	msgCodeSent  = 1060003
	msgCodeWrong = 4060006
	// Of a registration by code.
	msgRegistrationSent  = 1040005
	msgRegistrationWrong = 4040003
	msgAccountExists     = 4000007
	msgTooOften          = 4000001 // too many tries in one flow, among other things
	msgNoStrategy        = 4010003 // the flow has come to its end
	msgNotPermitted      = MessageNotPermitted
	msgDisabled          = 4010011 // a disabled account, at login, from the versions after v26.2.0 on
	idForeignFlow        = "security_identity_mismatch"
	idOldSession         = "session_refresh_required"
	idDisabled           = "identity_disabled" // the same elsewhere
	idForbiddenURL       = "self_service_flow_return_to_forbidden"
	actionToken          = "set_ory_session_token"
	actionRecovery       = "show_recovery_ui"
	actionSettings       = "show_settings_ui"
)

// call names an exchange in errors.
type call struct{ method, route string }

// answer is what Kratos said. kratos-client-go sends the requests and reads the
// sessions, but its models are not used for flows and errors: a status 400 may hold a flow or an error object where
// it expects one kind, its unions are silently nil and its states untyped. This
// one shape holds every flow and every error; no pointer, so nothing to be nil.
// English sentences are not decoded at all, so nothing can depend on them.
type answer struct {
	call   call
	status int
	header http.Header

	ID        string    `json:"id"`
	State     string    `json:"state"`
	Status    string    `json:"status"` // of health/ready
	ExpiresAt time.Time `json:"expires_at"`
	UI        struct {
		Messages []message `json:"messages"`
		Nodes    []node    `json:"nodes"`
	} `json:"ui"`
	ContinueWith []continuation `json:"continue_with"`
	Identity     struct {
		ID string `json:"id"`
	} `json:"identity"` // the account that a registration has made

	Failure struct {
		ID      string `json:"id"`
		Code    int    `json:"code"`
		Details struct {
			IdentityID   string         `json:"identity_id"`
			ContinueWith []continuation `json:"continue_with"`
		} `json:"details"`
	} `json:"error"`
	UseFlowID string `json:"use_flow_id"` // the flow Kratos made in place of an expired one
}

type message struct {
	ID      int64           `json:"id"`
	Type    string          `json:"type"`
	Context json.RawMessage `json:"context"` // differs with each id
}

type node struct {
	Attributes struct {
		Name  string          `json:"name"`
		Value json.RawMessage `json:"value"`
	} `json:"attributes"`
	Messages []message `json:"messages"`
}

type continuation struct {
	Action string `json:"action"`
	Token  string `json:"ory_session_token"`
	Flow   struct {
		ID string `json:"id"`
	} `json:"flow"`
}

// answer turns what kratos-client-go returned into what Kratos said. Its own
// error about a status or a model is of no interest: body and status are judged here.
func (c call) answer(resp *http.Response, err error) (answer, error) {
	var said *client.GenericOpenAPIError
	if err != nil && !errors.As(err, &said) || resp == nil {
		return answer{}, c.noAnswer(err)
	}
	body, err := io.ReadAll(resp.Body) // in memory: kratos-client-go has put it back
	if err != nil {
		return answer{}, c.noAnswer(err)
	}
	a := answer{call: c, status: resp.StatusCode, header: resp.Header}
	return a, a.decode(body)
}

// decode reads the body. A server's trouble outranks whatever the body looks like.
func (a *answer) decode(body []byte) error {
	if a.status == http.StatusNoContent {
		return nil
	}
	err := json.Unmarshal(body, a)
	if a.status >= 500 || a.status == http.StatusTooManyRequests {
		return a.fail(ErrUnavailable)
	}
	if err != nil || a.status >= 300 && a.status < 400 {
		return a.unexpected()
	}
	return nil
}

func (a *answer) unexpected() error { return a.fail(ErrUnexpected) }

// identifier is what Kratos's error ids look like. Anything else stays out of the logs.
var identifier = regexp.MustCompile(`^[a-z0-9_]{1,64}$`)

func (a *answer) fail(kind error) error {
	e := &Error{Kind: kind, Method: a.call.method, Route: a.call.route, Status: a.status}
	if identifier.MatchString(a.Failure.ID) {
		e.ID = a.Failure.ID
	}
	for _, m := range a.messages() {
		if e.MessageIDs = append(e.MessageIDs, m.ID); len(e.MessageIDs) == 10 {
			break
		}
	}
	return e
}

// ended answers for what may happen to any flow or session, "" for all else.
func (a *answer) ended() Outcome {
	switch {
	case a.status == http.StatusUnauthorized && a.Failure.Details.IdentityID != "", a.disabled():
		return AccountInactive
	case a.status == http.StatusUnauthorized && a.Failure.Code == a.status:
		return SessionOver
	case a.status == http.StatusForbidden && a.Failure.ID == idForeignFlow:
		return FlowForeign
	case a.status == http.StatusNotFound && a.Failure.Code == a.status: // a proxy's 404 has no such code
		return FlowUnknown
	case a.status == http.StatusGone && a.Failure.Code == a.status:
		return FlowExpired
	}
	return ""
}

// disabled tells an account that was disabled, as the versions after v26.2.0 say it: by a message or an id, under any status of a refusal.
func (a *answer) disabled() bool {
	return a.status >= 400 && a.status < 500 && (a.Failure.ID == idDisabled || a.hasMessage(msgDisabled))
}

// messages are those of the whole form, then those of its fields.
func (a *answer) messages() []message {
	all := a.UI.Messages
	for _, n := range a.UI.Nodes {
		all = append(all[:len(all):len(all)], n.Messages...)
	}
	return all
}

func (a *answer) hasMessage(id int64) bool {
	for _, m := range a.messages() {
		if m.ID == id {
			return true
		}
	}
	return false
}

// fieldErrors are a field's error messages, oldest first. Order and number of
// nodes vary between answers, so the field is looked up by its name.
func (a *answer) fieldErrors(name string) []message {
	var errs []message
	for _, n := range a.UI.Nodes {
		for _, m := range n.Messages {
			if n.Attributes.Name == name && m.Type == "error" {
				errs = append(errs, m)
			}
		}
	}
	return errs
}

// fieldValue is the first text that a node of that name holds.
func (a *answer) fieldValue(name string) string {
	for _, n := range a.UI.Nodes {
		var value string
		if n.Attributes.Name == name && json.Unmarshal(n.Attributes.Value, &value) == nil && value != "" {
			return value
		}
	}
	return ""
}

// next finds a continuation by its action.
func next(all []continuation, action string) (continuation, bool) {
	for _, c := range all {
		if c.Action == action {
			return c, true
		}
	}
	return continuation{}, false
}
