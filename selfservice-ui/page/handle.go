package page

import (
	"net/url"
	"regexp"
)

// FieldHandle names a tab whose form was answered, in the address of the page that says so and in its form.
const FieldHandle = "reponse"

// HandleLength is a handle's, in characters.
const HandleLength = 10

var handle = regexp.MustCompile(`^[A-Z2-7]{10}$`)

// Handle is the one that a form or an address brings, "" without one.
func Handle(from url.Values) string {
	if given := from.Get(FieldHandle); handle.MatchString(given) {
		return given
	}
	return ""
}
