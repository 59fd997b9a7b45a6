package consent

import (
	"net/http"

	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

var (
	actionServices = page.Action{Label: "way.services", URL: sitepath.Services}
	actionLogin    = page.Action{Label: "way.login", URL: sitepath.Login}

	errBadRequest     = &page.Message{Status: http.StatusBadRequest, Heading: "error.heading", Text: "cas.bad_request", Actions: []page.Action{actionServices, actionLogin}}
	errUnknownService = &page.Message{Status: http.StatusForbidden, Heading: "error.heading", Text: "cas.unknown_service", Actions: []page.Action{actionServices, actionLogin}}
)

// over is a challenge that Hydra does not know, or not any more: used, or older than half an hour.
func over(cause error) error {
	return &page.Message{Status: http.StatusGone, Heading: "error.heading", Text: "openid.over", Actions: []page.Action{actionServices, actionLogin}, Cause: cause}
}

func notAdmitted(name string) error {
	return &page.Message{Status: http.StatusForbidden, Heading: "error.heading", Text: "cas.not_admitted", Args: []any{"service", name}, Actions: []page.Action{actionServices}}
}

// openAgain is for who is signed in and cannot be led back: the service has no page under « Vos services ».
func openAgain(name string) error {
	return &page.Message{Status: http.StatusOK, Heading: "login.continue_heading", Text: "openid.open_again", Args: []any{"service", name}, Actions: []page.Action{actionServices}}
}

// Samples is every state of this package's pages that no other package has, with invented data.
func Samples() []page.Sample {
	const name = "Contrats"
	asked := logoutView{Path: sitepath.Logout, Service: name, Next: "https://contrats.example.test/"}
	untold := asked
	untold.Untold = []string{"Déclarer une formation"}
	return []page.Sample{
		page.MessageSample("openid-over", over(nil).(*page.Message)),
		page.MessageSample("openid-open-again", openAgain(name).(*page.Message)),
		{Name: "openid-logout", Page: logoutPage(asked)},
		{Name: "openid-logged-out", Page: loggedOutPage(asked)},
		{Name: "openid-logged-out-untold", Page: loggedOutPage(untold)},
	}
}
