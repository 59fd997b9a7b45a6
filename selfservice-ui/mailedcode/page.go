package mailedcode

import (
	"embed"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/selfservice-ui/page"
)

// Templates holds the page.
//
//go:embed *.html
var Templates embed.FS

// View is the page of the code.
type View struct {
	Email     string
	CodeRight bool // never here: the recap of the steps that follow says so
	Handle    string
	Texts     Texts
	SentAt    string // hour of the last sending
	Sending   string // names that sending, so that a resend pressed twice is one
	NextAt    string // hour from which another code may be asked for, "" when at once
	Wait      int    // seconds until then, for the script's countdown
	Left      int    // tries left
	Used      bool   // a try is used: from then on the page counts them
	Lifetime  int    // life of a code, in hours
	Ended     bool   // no try left, or the code has expired: another one has to be asked for
}

// Write shows the page as the flow stands now. The answer to a form leads to it.
func (s *Step[F]) Write(w http.ResponseWriter, r *http.Request, f F, status int, notice *page.Notice, problems ...page.Problem) error {
	if r.Method == http.MethodPost {
		return s.Guard.Answer(w, r, s.Texts.Code, page.Page{Status: status, Notice: notice, Problems: problems})
	}
	said, answered, err := s.Guard.Recall(w, r)
	if err != nil {
		return err
	}
	if answered && (said.Notice != nil || len(said.Problems) > 0) {
		status, notice, problems = said.Status, said.Notice, said.Problems
	}
	part := s.Way.Part(f)
	t, err := s.load(r.Context(), part)
	if err != nil {
		return err
	}
	sent := t.Sent(part.Proof)
	view := View{
		Email:    part.Email,
		Handle:   part.Handle,
		Texts:    s.Texts,
		SentAt:   page.Clock(sent),
		Sending:  strconv.FormatInt(sent.UnixMilli(), 36),
		Left:     t.Left(part.Proof),
		Lifetime: int(s.Times.Code.Hours()),
	}
	view.Used = t.Used(part.Proof)
	expired := slices.ContainsFunc(problems, func(p page.Problem) bool { return p.Key == codeExpired })
	view.Ended = view.Left == 0 || expired || !s.Now().Before(sent.Add(s.Times.Code))
	if next := sent.Add(s.Times.Pause); next.After(s.Now()) && !t.Failed(part.Proof) {
		view.NextAt, view.Wait = page.NextMinute(next), int(next.Sub(s.Now()).Seconds())+1
	}
	if notice == nil && t.Failed(part.Proof) {
		notice = &page.Notice{Kind: "warning", Key: "code.not_sent"}
	}
	if notice == nil && len(problems) == 0 && view.Ended {
		notice = endedNotice(part, view.Left)
	}
	ask, err := s.ask(r.Context(), part)
	if err != nil {
		return err
	}
	p := codePage(view)
	p.Status, p.Notice, p.Problems = status, notice, problems
	return s.Guard.Write(w, r, s.Pages, captcha.FormCode, ask, p)
}

func codePage(view View) page.Page {
	return page.Page{Template: "code", Heading: view.Texts.Heading, Step: 2, View: view}
}

// Answer shows an outcome that is a state of this page.
func (s *Step[F]) Answer(w http.ResponseWriter, r *http.Request, o Outcome[F]) error {
	part := s.Way.Part(o.Flow)
	mend := func(status int, problem page.Problem) error { return s.Write(w, r, o.Flow, status, nil, problem) }
	switch o.Verdict {
	case Wrong:
		return mend(http.StatusUnprocessableEntity, wrongProblem(part, o.Left))
	case Asked:
		return mend(http.StatusUnprocessableEntity, page.Problem{Field: o.Field, Key: o.Key})
	case Late:
		return mend(http.StatusUnprocessableEntity, page.Problem{Key: codeExpired})
	case NoTry:
		return mend(http.StatusTooManyRequests, spentProblem(part))
	case Renewed:
		return s.carryOn(w, r, o.Flow, &page.Notice{Kind: "info", Key: "code.renewed"})
	case Sent, Fresh:
		return s.carryOn(w, r, o.Flow, &page.Notice{Kind: "success", Key: "code.resent"})
	case Early:
		t, err := s.load(r.Context(), part)
		if err != nil {
			return err
		}
		at := page.NextMinute(t.Sent(part.Proof).Add(s.Times.Pause))
		return s.Write(w, r, o.Flow, http.StatusTooManyRequests, &page.Notice{Kind: "warning", Key: "code.too_early", Args: []any{"hour", at}})
	}
	return s.unexpected("code", kratos.Outcome(o.Verdict))
}

// carryOn shows the page of a flow that the browser may not carry yet.
func (s *Step[F]) carryOn(w http.ResponseWriter, r *http.Request, f F, notice *page.Notice) error {
	if err := s.Cookie.Set(w, f); err != nil {
		return err
	}
	return s.Write(w, r, f, http.StatusOK, notice)
}

// wrongProblem tells which mail's code is meant: who came by the button of an older one is in that one's flow, where the newest
// code is wrong.
func wrongProblem(part Flow, left int) page.Problem {
	if left == 0 {
		return spentProblem(part)
	}
	key := "code.wrong"
	if part.Proof == Button {
		key = "code.wrong_by_mail"
	}
	if left == 1 {
		key += "_last"
	}
	return page.Problem{Field: "code", Key: key, Args: []any{"n", left}}
}

// codeExpired is no fault of the field, which is not there any more; nor is that no try is left.
const codeExpired = "code.expired"

// endedNotice says to who comes back why there is no field.
func endedNotice(part Flow, left int) *page.Notice {
	key := codeExpired
	if left == 0 {
		key = spentProblem(part).Key
	}
	return &page.Notice{Kind: "warning", Key: key}
}

// spentProblem tells who has no try left where two are kept.
func spentProblem(part Flow) page.Problem {
	if part.Proof == Button {
		return page.Problem{Key: "code.spent"}
	}
	return page.Problem{Key: "code.spent_plain"}
}

// unexpected is an answer that no row of Kratos's tables explains here.
func (s *Step[F]) unexpected(step string, o kratos.Outcome) error {
	return fmt.Errorf("%s: %s: outcome %q: %w", s.Texts.Kind, step, string(o), kratos.ErrUnexpected)
}
