package cas

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

func notAdmitted(name string) error {
	return &page.Message{Status: http.StatusForbidden, Heading: "error.heading", Text: "cas.not_admitted", Args: []any{"service", name}, Actions: []page.Action{actionServices}}
}

func loops(name string) error {
	return &page.Message{Status: http.StatusConflict, Heading: "error.heading", Text: "cas.loop", Args: []any{"service", name}, Actions: []page.Action{actionServices}}
}

// Samples is every state of this package's pages, with invented data.
func Samples() []page.Sample {
	const name = "Déclarer une formation"
	asked := logoutView{Path: "/cas/logout", Service: name, Back: "https://formation.example.test/"}
	untold := asked
	untold.Untold = []string{name, "Contrats"}
	message := func(sample string, err error) page.Sample { return page.MessageSample(sample, err.(*page.Message)) }
	return []page.Sample{
		message("service-unknown", errUnknownService),
		message("service-bad-request", errBadRequest),
		message("service-not-admitted", notAdmitted(name)),
		message("service-loop", loops(name)),
		{Name: "service-post", Page: postPage(postView{Service: name, Action: "/service-post", Ticket: "ST-EXEMPLE"})},
		{Name: "service-logout", Page: logoutPage(asked)},
		{Name: "service-logged-out", Page: loggedOutPage(asked)},
		{Name: "service-logged-out-untold", Page: loggedOutPage(untold)},
	}
}
