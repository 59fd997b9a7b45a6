// Package help is the user's guide as a page of the site: what to do at the first login, step by step.
//
//	/aide/premiere-connexion      help.go
//
// Only the server mounts it. Its sentences are those of the guide, in words/; its pictures are drawn from the same words.
package help

import (
	"embed"
	"net/http"

	"github.com/gorilla/mux"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/password"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

// Templates holds the page.
//
//go:embed *.html
var Templates embed.FS

// Path is where the guide is.
const Path = sitepath.Help

// Handler is the guide.
type Handler struct {
	Pages    *page.Renderer
	Errors   *page.ErrorHandler
	ReturnTo browser.ReturnTo
	Asks     map[string]formguard.Ask // what the forms ask, by form: the pictures show it
	Paper    Paper
}

// view is the guide.
type view struct {
	Policy   password.Policy
	LoginURL string
	ResetURL string
	// « Je ne suis pas un robot », where the page has it.
	LoginProof, ResetProof bool
	Paper                  Paper
}

// Mount adds the route.
func (h *Handler) Mount(r *mux.Router) {
	r.Handle(Path, h.Errors.Handle(h.getHelp)).Methods(http.MethodGet, http.MethodHead)
}

// show carries where the person comes from: the guide lies between the login and the reset.
func (h *Handler) getHelp(w http.ResponseWriter, r *http.Request) error {
	v := at(h.ReturnTo.Allowed(r.URL.Query().Get("return_to")))
	v.LoginProof, v.ResetProof = h.Asks[captcha.FormLogin].Proof, h.Asks[captcha.FormRecovery].Proof
	v.Paper = h.Paper
	return h.Pages.Write(w, r, guide(v))
}

func at(returnTo string) view {
	return view{Policy: password.Default(), LoginURL: browser.Carry(sitepath.Login, returnTo), ResetURL: browser.Carry(sitepath.Reset, returnTo)}
}

func guide(v view) page.Page {
	return page.Page{Template: "help", Heading: "help.heading", Title: "help.heading", View: v}
}

// Samples is the page.
func Samples() []page.Sample {
	v := at("")
	v.LoginProof, v.ResetProof = true, true
	v.Paper, _ = NewPaper("https://connexion.example.org") // an address of that length always fits
	return []page.Sample{{Name: "help", Page: guide(v)}}
}
