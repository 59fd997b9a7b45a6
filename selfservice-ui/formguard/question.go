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
// field was at fault and the challenge still waits for its answer. Who had opened the security code finds it open again, and who has a
// pass is asked nothing.
func (g *Guard) Question(ctx context.Context, form string, ask Ask, before Answer) (page.Guard, error) {
	stamp, err := g.Honeypot.Stamp(form)
	if err != nil {
		return page.Guard{}, err
	}
	q := page.Guard{Stamp: stamp, Open: before.Picture}
	if !ask.Picture && !ask.Proof {
		return q, nil
	}
	if before.Pass != "" {
		q.Passed = true
		return q, nil
	}
	if ask.Proof {
		q.Proof = PathProof + form
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

// Answer is what a visitor answered, as the form brought it, and what stood before them: a code that waits in a noscript, or
// in a part that is closed, sends nothing, and the proof's field is enabled by the script that shows the box.
type Answer struct {
	Challenge, Typed, Proof string
	Picture, Box            bool
	Pass                    string // of an earlier answer of this browser
}

// Answered reads it; a request that brings no form answers nothing, and who asks for another picture has given the first one up.
func (g *Guard) Answered(r *http.Request) (Answer, error) {
	f := r.PostForm
	a := Answer{
		Challenge: f.Get(FieldChallenge),
		Typed:     f.Get(FieldAnswer),
		Proof:     f.Get(proof.FieldName),
		Picture:   f.Has(FieldChallenge) || f.Has(FieldAnswer),
		Box:       f.Has(proof.FieldName),
	}
	if Renewed(r) {
		a.Typed = ""
	}
	var err error
	a.Pass, err = g.pass(r)
	return a, err
}

// String tells one answer from another, for package recovery's "twice is once".
func (a Answer) String() string { return a.Challenge + " " + a.Typed + " " + a.Proof + " " + a.Pass }

// Renewed tells that the visitor asked for another picture.
func Renewed(r *http.Request) bool { return r.PostForm.Has(FieldRenew) }

// Check takes the answer to a form's question: what has to be mended, nil when it holds. One of the actions offered is
// enough; whatever was answered is used up.
func (g *Guard) Check(ctx context.Context, form string, ask Ask, a Answer) (*page.Problem, error) {
	switch {
	case !ask.Picture && !ask.Proof:
		return nil, nil
	case a.Pass != "":
		outcome, err := g.usePass(ctx, a.Pass)
		return g.interpretAnswer(ctx, form, "pass", outcome, err)
	case ask.Proof && a.Proof != "":
		outcome, err := g.Proofs.Verify(ctx, form, a.Proof)
		return g.interpretAnswer(ctx, form, "proof", outcome, err)
	case a.Typed != "":
		outcome, err := g.Challenges.Verify(ctx, a.Challenge, form, image.Meant(a.Typed))
		return g.interpretAnswer(ctx, form, "picture", outcome, err)
	}
	return ask.unanswered(a), nil
}

// Mend is for a form whose own fields are at fault: it adds what is wrong with the answer to its question, so that all is told at
// once. A right answer is kept, and told by kept: the visitor is not asked again for somebody's typing error.
func (g *Guard) Mend(w http.ResponseWriter, r *http.Request, form string, ask Ask, problems []page.Problem) (all []page.Problem, kept bool, err error) {
	a, err := g.Answered(r)
	if err != nil || a.Pass != "" {
		return problems, false, err
	}
	problem, err := g.Check(r.Context(), form, ask, a)
	switch {
	case err != nil:
		return problems, false, err
	case problem != nil:
		return append(problems, *problem), false, nil
	}
	kept, err = g.Keep(w, ask, a)
	return problems, kept, err
}

// unanswered names what the visitor had before them, and nothing that only others see.
func (ask Ask) unanswered(a Answer) *page.Problem {
	switch {
	case ask.Proof && a.Box && a.Picture:
		return &page.Problem{Field: FieldAnswer, Key: "captcha.empty_or_proof"}
	case ask.Proof && (a.Box || !a.Picture):
		return &page.Problem{Field: FieldProof, Key: "proof.missing"}
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
	case way == "proof", way == "pass":
		return &page.Problem{Field: FieldProof, Key: "proof.again"}, nil
	case outcome == captcha.Wrong:
		return &page.Problem{Field: FieldAnswer, Key: "captcha.wrong"}, nil
	}
	return &page.Problem{Field: FieldAnswer, Key: "captcha.expired"}, nil
}
