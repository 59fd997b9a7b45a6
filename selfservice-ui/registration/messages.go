package registration

import (
	"fmt"
	"net/http"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

var (
	actionRestart = page.Action{Label: "register.restart", URL: PathForm}
	actionLogin   = page.Action{Label: "way.login", URL: sitepath.Login}
	actionReset   = page.Action{Label: "login.reset", URL: sitepath.Reset}

	errNone       = message(http.StatusGone, "register.none", actionRestart, actionLogin)
	errUsed       = message(http.StatusGone, "register.used", actionReset, actionLogin)
	errOver       = message(http.StatusGone, "flow.over", actionRestart, actionLogin)
	errLate       = message(http.StatusGone, "register.late", actionReset, actionLogin)
	errLinkForged = message(http.StatusNotFound, "link.forged", actionRestart, actionLogin)
	errLinkOver   = message(http.StatusGone, "link.over", actionRestart, actionLogin)

	// errHook: Kratos could not ask whether it may save, so it saved nothing.
	errHook = fmt.Errorf("registration: kratos did not reach the permit hook: %w", kratos.ErrUnavailable)
)

func message(status int, text string, actions ...page.Action) *page.Message {
	return &page.Message{Status: status, Heading: heading, Text: text, Actions: actions}
}

// otherTab tells whose form is of another request which one is under way here.
func otherTab(f flow) *page.Message {
	m := message(http.StatusConflict, "flow.other_tab", page.Action{Label: "way.continue", URL: f.Path()}, actionRestart)
	m.Args = []any{"address", f.Email.Display()}
	return m
}

// inactive is said only to who has given the right code, so it tells a stranger nothing.
func inactive(assistance string) *page.Message {
	return message(http.StatusForbidden, "account.inactive", page.Action{Label: "way.assistance", URL: assistance}, actionLogin)
}
