package recovery

import (
	"fmt"
	"net/http"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/selfservice-ui/page"
)

// inactive is said only to who has given the right code, so it tells a stranger nothing.
func inactive(assistance string) *page.Message {
	return &page.Message{Status: http.StatusForbidden, Heading: "reset.heading", Text: "account.inactive",
		Actions: []page.Action{{Label: "way.assistance", URL: assistance}, actionLogin}}
}

// gone is said to who has given the right code of an account that was deleted or changed since.
func gone(assistance string) *page.Message {
	return &page.Message{Status: http.StatusGone, Heading: "reset.heading", Text: "password.gone",
		Actions: []page.Action{actionRestart, {Label: "way.assistance", URL: assistance}}}
}

var (
	// errLate: the right code lets one choose a password for a while only.
	errLate = &page.Message{Status: http.StatusGone, Heading: "reset.heading", Text: "password.late", Actions: []page.Action{actionRestart, actionLogin}}

	// errElsewhere: the same person's other device is at step 3.
	errElsewhere = &page.Message{Status: http.StatusConflict, Heading: "reset.heading", Text: "flow.elsewhere", Actions: []page.Action{actionRestart, actionLogin}}

	errOver = &page.Message{Status: http.StatusGone, Heading: "reset.heading", Text: "flow.over", Actions: []page.Action{actionRestart, actionLogin}}

	// errHook: Kratos could not ask whether the password may be saved, so it saved nothing.
	errHook = fmt.Errorf("recovery: kratos did not reach the permit hook: %w", kratos.ErrUnavailable)
)
