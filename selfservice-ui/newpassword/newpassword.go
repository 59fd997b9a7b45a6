// Package newpassword is step 3 of every flow that ends with a password: its page, what is refused before Kratos hears it, and the
// save under a permit. The reset and the registration use it; it knows neither of them.
package newpassword

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"time"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/password"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/store"
	"efpconnect.example/selfservice-ui/hook"
	"efpconnect.example/selfservice-ui/page"
)

// Templates holds the page.
//
//go:embed *.html
var Templates embed.FS

// View is the page.
type View struct {
	Email     string
	CodeRight bool // always here
	Handle    string
	Action    string // where the form goes
	Policy    password.Policy
	Until     string // hour until which this page can be used
	Names     any    // what the template "names" shows; nil: the names are not asked here
}

// Page is the page. What was typed never comes back to it; so the list of criteria begins anew, or it would speak of a password that is
// gone.
func Page(heading string, v View, problems ...page.Problem) page.Page {
	v.CodeRight = true
	p := page.Page{Template: "password", Heading: heading, Step: 3, Problems: problems, View: v}
	if len(problems) > 0 {
		p.Status = http.StatusUnprocessableEntity
	}
	return p
}

// Read is what a form of the page brings.
func Read(r *http.Request) (typed, confirmed string) {
	return password.Normal(r.PostForm.Get("mot-de-passe")), password.Normal(r.PostForm.Get("confirmation"))
}

// Faults is what the site's own policy has against a password; Kratos judges the rest. Guessed are the names that an attacker of
// this account tries first.
func Faults(policy password.Policy, typed, confirmed string, guessed []string) []page.Problem {
	report := policy.Check(typed)
	var problems []page.Problem
	add := func(field, key string, args ...any) {
		problems = append(problems, page.Problem{Field: field, Key: key, Args: args})
	}
	switch {
	case typed == "":
		add("mot-de-passe", "password.empty")
	case report.TooLong || report.Malformed:
		add("mot-de-passe", "password.too_long", "n", policy.MaxBytes)
	case report.Length != password.Met:
		add("mot-de-passe", "password.too_short", "n", policy.MinLength, "typed", report.Characters)
	case report.OK && policy.Guessable(typed, guessed):
		add("mot-de-passe", "password.guessable")
	case !report.OK:
		add("mot-de-passe", "password.too_plain", "n", policy.Required, "all", len(policy.Classes))
	}
	switch {
	case confirmed == "":
		add("confirmation", "password.unconfirmed")
	case confirmed != typed:
		add("confirmation", "password.differs")
	}
	return problems
}

// Saver gives a password to Kratos. Failpoint may be nil.
type Saver struct {
	Kratos    *kratos.Client
	Store     store.Store
	Box       *seal.Box
	Log       *slog.Logger
	Life      time.Duration // of the session that saves
	Failpoint func(point string)
}

// Session is what saves: the account's session at Kratos, its settings flow, and the browser's own random.
type Session struct {
	Token, Settings string
	Secret          []byte
}

// Save gives the password to Kratos under a permit. The intent is written first: again tells that the same browser gave the same
// password before and lost the answer, and "same as the old one" is a success then.
func (s Saver) Save(ctx context.Context, in Session, typed string) (result kratos.PasswordResult, again bool, err error) {
	intent, err := seal.Fingerprint(in.Secret, "intent password", in.Settings, typed)
	if err != nil {
		return result, false, err
	}
	key := "intent:" + s.Box.Hash("settings", in.Settings)
	before, _, err := s.Store.Get(ctx, key)
	if err != nil {
		return result, false, err
	}
	again = string(before) == intent
	if err := s.Store.Put(ctx, key, []byte(intent), s.Life); err != nil {
		return result, again, err
	}
	if result, err = s.permitted(ctx, in, typed); err != nil || result.Outcome != kratos.PasswordRefused {
		return result, again, err
	}
	if again && result.Reason.Kind == kratos.SameAsOld {
		return kratos.PasswordResult{Outcome: kratos.PasswordSet}, again, nil
	}
	// It was heard: typed again, "same as the old one" is true.
	return result, again, s.Store.Delete(ctx, key)
}

func (s Saver) permitted(ctx context.Context, in Session, typed string) (kratos.PasswordResult, error) {
	if err := hook.Permit(ctx, s.Store, hook.ChoosePassword, in.Settings); err != nil {
		return kratos.PasswordResult{}, err
	}
	result, err := s.Kratos.SetPassword(ctx, in.Token, in.Settings, typed)
	s.failpoint("password: answered")
	// The permit has served or will not: it also ends by itself after 30 seconds.
	if revokeErr := hook.Revoke(ctx, s.Store, hook.ChoosePassword, in.Settings); revokeErr != nil {
		s.Log.WarnContext(ctx, "password: the permit could not be deleted", "cause", revokeErr.Error())
	}
	if err == nil {
		s.failpoint("password: revoked")
	}
	return result, err
}

func (s Saver) failpoint(point string) {
	if s.Failpoint != nil {
		s.Failpoint(point)
	}
}

// Refusal is the sentence for each of Kratos's own reasons.
func Refusal(reason kratos.Reason) (key string, limit int) {
	switch reason.Kind {
	case kratos.TooShort:
		return "password.kratos_short", reason.Min
	case kratos.TooLong:
		return "password.too_long", reason.Max
	case kratos.TooSimilar:
		return "password.similar", 0
	case kratos.Breached:
		return "password.breached", 0
	case kratos.SameAsOld:
		return "password.same", 0
	case kratos.Missing:
		return "password.empty", 0
	}
	return "password.refused", 0
}
