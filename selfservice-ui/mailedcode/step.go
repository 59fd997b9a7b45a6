package mailedcode

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/seal"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/once"
	"efpconnect.example/selfservice-ui/page"
)

// Step is step 2 of every kind of flow: the page of the code, who may try one, what Kratos's answer means, and the resend. F is a
// flow as its browser carries it; what differs between the kinds is in Way and Texts. All fields down to Sending are required.
type Step[F any] struct {
	Way    Way[F]
	Texts  Texts
	Guard  *formguard.Guard
	Asks   formguard.Ask // what step 1 asks
	Pages  *page.Renderer
	Cookie *browser.SealedCookie // carries F
	States *States
	Keeper *once.Keeper
	Times  Times
	Box    *seal.Box
	Now    func() time.Time
	Log    *slog.Logger

	SendWithin  time.Duration   // bound of the detached call that makes Kratos send
	AnswerAfter time.Duration   // instant at which a resend and a wrong code are answered, whatever Kratos did meanwhile
	Sending     *sync.WaitGroup // codes that are being handed to Kratos
}

// Texts are what the pages of one kind of flow say and name.
type Texts struct {
	Kind    string // names the flow in logs and errors
	Heading string // word key; the stepper's words go with it
	Start   string // path of step 1
	Code    string // path of this step
	Resend  string // path of the resend
	Silent  bool   // an address without account gets no mail, and the page says so
}

// Way is what one kind of flow does at Kratos.
type Way[F any] interface {
	// Part is what this package has to know of a flow.
	Part(f F) Flow
	// In is the flow in another of Kratos's flows.
	In(f F, id string, opened time.Time) F
	// Proven is the flow in a browser that turns out to read the mailbox.
	Proven(f F) F
	// Elsewhere tells whether what the flow is for was done elsewhere since it was opened.
	Elsewhere(ctx context.Context, f F) (bool, error)
	// Open opens another of Kratos's flows for the same person. No mail leaves.
	Open(ctx context.Context, f F) (F, error)
	// Takes asks Kratos what it would answer a sending (FlowSpent, FlowExpired, FlowUnknown; "" for a code), which takes as long for
	// everybody: no answer waits for the sending, which takes longer where there is an account to mail to.
	Takes(ctx context.Context, f F) (kratos.Outcome, error)
	// Send makes Kratos mail a code, another one where again says so.
	Send(ctx context.Context, f F, again bool) (kratos.Outcome, error)
	// Submit gives Kratos a code for its flow id. Where late says so, what the flow is for was done elsewhere: a right code may open
	// nothing then.
	Submit(ctx context.Context, f F, id, code string, late bool) (Answer[F], error)
	// Note counts a step.
	Note(ctx context.Context, step metrics.Step, f F)
}

// Answer is what Kratos says of a code: an outcome of kratos.SubmitCode's, and what the browser carries after a right one.
type Answer[F any] struct {
	Outcome kratos.Outcome
	Flow    F
	Renew   bool // the code is spent by no fault of the person's: another one is sent without being counted
}

// Outcome is what came of a form of this step. Package once keeps it for the same form sent again.
type Outcome[F any] struct {
	Verdict Verdict `json:"verdict"`
	Flow    F       `json:"flow"`           // what the browser carries from now on
	Left    int     `json:"left,omitzero"`  // tries left
	Key     string  `json:"key,omitzero"`   // word key of a refusal
	Field   string  `json:"field,omitzero"` // the field it is about
}

// Verdict names an outcome.
type Verdict string

// Verdicts of a code. Those from Right on are the flow's own pages.
const (
	Wrong   Verdict = "wrong"
	Late    Verdict = "expired"
	NoTry   Verdict = "spent"
	Renewed Verdict = "renewed"
	Asked   Verdict = "asked" // the breaker asks for a security code first

	Right    Verdict = "right"
	Used     Verdict = "used"
	Finished Verdict = "finished"
	Over     Verdict = "over"
	Inactive Verdict = "inactive"
)

// Verdicts of a resend; Finished is one too, and AskAgain the flow's own page: a new flow is needed, and with it the proofs of step 1.
const (
	Sent     Verdict = "sent"
	Early    Verdict = "early"
	Fresh    Verdict = "fresh" // a new flow was needed and opened
	AskAgain Verdict = "restart"
)

// Passing is true of "too early": the same form sent a minute later must be heard.
func (o Outcome[F]) Passing() bool { return o.Verdict == Early }

// workTime bounds what is done under a flow's lock.
const workTime = 15 * time.Second

// form is a form of this step as it was sent. All forms of a flow share one lock: each writes the flow's state.
func (s *Step[F]) form(part Flow, step, typed string) once.Submission {
	return once.Submission{
		Secret: part.Secret,
		Lock:   s.States.LockName(part.ID),
		What:   []string{step, part.ID, typed},
		Time:   workTime,
	}
}

func (s *Step[F]) load(ctx context.Context, part Flow) (State, error) {
	return s.States.Load(ctx, part.ID, part.Opened)
}

func (s *Step[F]) failpoint(point string) {
	if s.Keeper.Failpoint != nil {
		s.Keeper.Failpoint(point)
	}
}
