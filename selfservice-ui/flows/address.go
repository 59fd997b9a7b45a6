package flows

import (
	"cmp"
	"net/http"
	"strings"

	"efpconnect.example/internal/email"
)

// Fields of step 1.
const (
	FieldAddress = "identifiant"
	FieldMeant   = "adresse-proposee"    // the button that takes the suggestion
	FieldAsked   = "adresse-deja-saisie" // the address that was asked about: sent again, it is meant
)

// Typed is the address as it was typed, or the suggestion in its place.
func Typed(r *http.Request) string {
	return strings.TrimSpace(cmp.Or(r.PostForm.Get(FieldMeant), r.PostForm.Get(FieldAddress)))
}

// Suggestion is what was probably meant, "" where nothing is to be asked, or was asked already.
func (fr *Frame) Suggestion(r *http.Request, typed string) string {
	if meant, ok := email.Suggest(typed, fr.MailDomains); ok && r.PostForm.Get(FieldAsked) != typed {
		return meant.Display()
	}
	return ""
}
