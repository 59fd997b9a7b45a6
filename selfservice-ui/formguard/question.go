package formguard

import (
	"context"
	"net/http"
	"time"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/captcha/image"
	"efpconnect.example/internal/captcha/proof"
	"efpconnect.example/selfservice-ui/page"
)

// Fields of the security code in a form.
const (
	FieldChallenge = "defi"
	FieldAnswer    = "code-de-securite"
	FieldRenew     = "nouveau-code" // the button « Afficher un nouveau code »
	FieldProof     = "robot"        // the checkbox « Je ne suis pas un robot »; its proof is in proof.FieldName
)

// Question makes what a form shows: a fresh challenge, since each is used once, or the one before with what was typed where another
// field was at fault and the challenge still waits for its answer. Who had the security code before them in
// place of the proof has it again, and not only once the proof has failed once more.
func (g *Guard) Question(ctx context.Context, form string, ask Ask, before Answer) (page.Guard, error) {
	stamp, err := g.Honeypot.Stamp(form)
	if err != nil {
		return page.Guard{}, err
	}
	q := page.Guard{Stamp: stamp, Fallback: !ask.Picture && !before.Picture}
	if ask.Proof {
		q.Proof = PathProof + form
	}
	if !ask.Picture && !ask.Proof {
		return q, nil
	}
	challenge, waits, err := g.waiting(ctx, form, before)
	if waits {
		q.Typed = before.Typed
	} else if err == nil {
		challenge, err = g.Challenges.New(ctx, form, image.Answer())
	}
	if err != nil {
		return page.Guard{}, err
	}
	q.Challenge, q.Picture, q.Sound = challenge.ID, pathOf(challenge.ID, "image"), pathOf(challenge.ID, "son")
	return q, nil
}

// waiting is the challenge that a visitor has copied and that was not looked at, with time left to mend the rest.
func (g *Guard) waiting(ctx context.Context, form string, before Answer) (captcha.Challenge, bool, error) {
	if before.Typed == "" {
		return captcha.Challenge{}, false, nil
	}
	c, found, err := g.Challenges.Find(ctx, before.Challenge)
	return c, found && c.Form == form && c.Expires.Sub(g.Now()) > time.Minute, err
}

// Answer is what a visitor answered, as the form brought it, and what stood before them: a picture that waits in a noscript sends
// nothing, and the proof's field is enabled by the script that shows the box.
type Answer struct {
	Challenge, Typed, Proof string
	Picture, Box            bool
}

// Answered reads it; a request that brings no form answers nothing, and who asks for another picture has given the first one up.
func Answered(r *http.Request) Answer {
	f := r.PostForm
	a := Answer{Challenge: f.Get(FieldChallenge), Typed: f.Get(FieldAnswer), Proof: f.Get(proof.FieldName),
		Picture: f.Has(FieldChallenge) || f.Has(FieldAnswer), Box: f.Has(proof.FieldName)}
	if Renewed(r) {
		a.Typed = ""
	}
	return a
}

// String tells one answer from another, for package recovery's "twice is once".
func (a Answer) String() string { return a.Challenge + " " + a.Typed + " " + a.Proof }

// Renewed tells that the visitor asked for another picture.
func Renewed(r *http.Request) bool { return r.PostForm.Has(FieldRenew) }

// Check takes the answer to a form's question: what has to be mended, nil when it holds. One of the actions offered is
// enough; whatever was answered is used up.
func (g *Guard) Check(ctx context.Context, form string, ask Ask, a Answer) (*page.Problem, error) {
	switch {
	case !ask.Picture && !ask.Proof:
		return nil, nil
	case ask.Proof && a.Proof != "":
		outcome, err := g.Proofs.Verify(ctx, form, a.Proof)
		return g.interpretAnswer(ctx, form, "proof", outcome, err)
	case a.Typed != "":
		outcome, err := g.Challenges.Verify(ctx, a.Challenge, form, image.Meant(a.Typed))
		return g.interpretAnswer(ctx, form, "picture", outcome, err)
	}
	return ask.unanswered(a), nil
}

// Missing adds to what is wrong with a form's own fields that its question was not answered: all is told at once, and nothing
// is used up.
func (ask Ask) Missing(problems []page.Problem, a Answer) []page.Problem {
	if !ask.Picture && !ask.Proof || a.Typed != "" || ask.Proof && a.Proof != "" {
		return problems
	}
	return append(problems, *ask.unanswered(a))
}

// unanswered names what the visitor had before them, and nothing that only others see.
func (ask Ask) unanswered(a Answer) *page.Problem {
	switch {
	case !ask.Picture && !a.Picture:
		return &page.Problem{Field: FieldProof, Key: "proof.missing"}
	case ask.Proof && a.Box:
		return &page.Problem{Field: FieldAnswer, Key: "captcha.empty_or_proof"}
	}
	return &page.Problem{Field: FieldAnswer, Key: "captcha.empty"}
}

func (g *Guard) interpretAnswer(ctx context.Context, form, way string, outcome captcha.Outcome, err error) (*page.Problem, error) {
	if err != nil {
		return nil, err
	}
	g.Metrics.Captcha(form, way, outcome.String())
	g.Log.InfoContext(ctx, "captcha", "form", form, "way", way, "outcome", outcome.String())
	switch {
	case outcome == captcha.Right:
		return nil, nil
	case way == "proof":
		return &page.Problem{Field: FieldProof, Key: "proof.again"}, nil
	case outcome == captcha.Wrong:
		return &page.Problem{Field: FieldAnswer, Key: "captcha.wrong"}, nil
	}
	return &page.Problem{Field: FieldAnswer, Key: "captcha.expired"}, nil
}
