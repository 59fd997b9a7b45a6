package login

import (
	"strings"

	"efpconnect.example/selfservice-ui/page"
)

// untoldPage says which services a session was open at that could not be told of its end.
func untoldPage(services []string) page.Page {
	return page.Page{
		Template: "message",
		Heading:  "cas.logged_out_heading",
		Title:    "cas.logged_out_heading",
		Notice:   &page.Notice{Kind: "warning", Key: "cas.untold", Args: []any{"services", strings.Join(services, ", ")}},
		View:     &page.Message{Text: "cas.logged_out", Actions: []page.Action{{Label: "way.login", URL: PathLogin}}},
	}
}
