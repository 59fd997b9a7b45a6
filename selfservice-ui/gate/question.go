package gate

import (
	"context"
	"net/http"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/captcha/image"
	"efpconnect.example/selfservice-ui/page"
)

// Fields of the security code in a form.
const (
	FieldChallenge = "defi"
	FieldAnswer    = "code-de-securite"
	FieldRenew     = "nouveau-code" // the button « Afficher un nouveau code »
)

// Question makes what a form shows: a fresh challenge each time, since each is used once.
func (g *Gate) Question(ctx context.Context, form string, ask Ask) (page.Guard, error) {
	stamp, err := g.Trap.Stamp(form)
	if err != nil {
		return page.Guard{}, err
	}
	q := page.Guard{Stamp: stamp}
	if !ask.Picture {
		return q, nil
	}
	challenge, err := g.Challenges.New(ctx, form, image.Answer())
	if err != nil {
		return page.Guard{}, err
	}
	q.Challenge, q.Picture, q.Sound = challenge.ID, pathOf(challenge.ID, "image"), pathOf(challenge.ID, "son")
	return q, nil
}

// Answer is what a visitor answered, as the form brought it.
type Answer struct{ Challenge, Typed string }

// Answered reads it.
func Answered(r *http.Request) Answer {
	return Answer{Challenge: r.PostForm.Get(FieldChallenge), Typed: r.PostForm.Get(FieldAnswer)}
}

// Renewed tells that the visitor asked for another picture.
func Renewed(r *http.Request) bool { return r.PostForm.Has(FieldRenew) }

// Check takes the answer to a form's question: the word key of a problem, "" when it holds. The challenge is used up
// whatever the result.
func (g *Gate) Check(ctx context.Context, form string, ask Ask, a Answer) (string, error) {
	if !ask.Picture {
		return "", nil
	}
	if a.Typed == "" {
		return "captcha.empty", nil
	}
	outcome, err := g.Challenges.Verify(ctx, a.Challenge, form, a.Typed)
	if err != nil {
		return "", err
	}
	g.Log.InfoContext(ctx, "captcha", "form", form, "outcome", outcome.String())
	return map[captcha.Outcome]string{captcha.Right: "", captcha.Wrong: "captcha.wrong",
		captcha.Unknown: "captcha.expired", captcha.WrongForm: "captcha.expired"}[outcome], nil
}
