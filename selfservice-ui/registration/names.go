package registration

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"efpconnect.example/internal/email"
	"efpconnect.example/selfservice-ui/page"
)

// Names are what a person says of himself, beside the address.
type Names struct {
	Title  string `json:"title,omitzero"`
	Given  string `json:"given,omitzero"`
	Family string `json:"family,omitzero"`
	Phone  string `json:"phone,omitzero"`
}

// typedNames reads a form: spaces around and doubled are nobody's name.
func typedNames(r *http.Request) Names {
	read := func(field string) string { return strings.Join(strings.Fields(r.PostForm.Get(field)), " ") }
	n := Names{Title: read("civilite"), Given: read("prenom"), Family: read("nom"), Phone: read("telephone")}
	if n.Title != "Madame" && n.Title != "Monsieur" {
		n.Title = ""
	}
	return n
}

// String tells one form from another, for package once.
func (n Names) String() string {
	return strings.Join([]string{n.Title, n.Given, n.Family, n.Phone}, "\n")
}

// IsZero tells that nothing was typed: the browser came by the mail's button.
func (n Names) IsZero() bool { return n == Names{} }

// longestName is the schema's bound, in characters.
const longestName = 100

// phone is what the schema takes, with as many digits as a number has anywhere.
var phone = regexp.MustCompile(`^\+?[0-9 ().-]{6,29}$`)

// faults is what has to be mended. The account's schema is milder, since it also holds names that were imported: what is typed here
// goes into mails, so nothing that reads as an address passes.
func (n Names) faults() []page.Problem {
	var all []page.Problem
	for _, one := range []struct{ field, name, empty, wrong string }{
		{"prenom", n.Given, "names.given_empty", "names.given_wrong"},
		{"nom", n.Family, "names.family_empty", "names.family_wrong"},
	} {
		switch {
		case one.name == "":
			all = append(all, page.Problem{Field: one.field, Key: one.empty})
		case !isName(one.name):
			all = append(all, page.Problem{Field: one.field, Key: one.wrong})
		}
	}
	if digits := strings.Count(strings.Map(digit, n.Phone), "0"); n.Phone != "" && (!phone.MatchString(n.Phone) || digits < 6 || digits > 15) {
		all = append(all, page.Problem{Field: "telephone", Key: "names.phone_wrong"})
	}
	return all
}

func digit(r rune) rune {
	if r >= '0' && r <= '9' {
		return '0'
	}
	return -1
}

// isName takes letters of any script, with what stands between them in names: a dot ends an abbreviation and begins no domain.
func isName(name string) bool {
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > longestName || !strings.ContainsFunc(name, unicode.IsLetter) {
		return false
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case unicode.IsLetter(r), unicode.IsMark(r), r == ' ', r == '-', r == '\'', r == '’', r == '‑', r == '‐':
		case r == '.' && (i+1 == len(runes) || runes[i+1] == ' ' || runes[i+1] == '-'):
		default:
			return false
		}
	}
	return !strings.ContainsFunc(name, email.Invisible)
}

// traits are what Kratos keeps of a person.
func (n Names) traits(address email.Address) map[string]any {
	traits := map[string]any{"email": address.Fold()}
	for name, value := range map[string]string{traitTitle: n.Title, traitGiven: n.Given, traitFamily: n.Family, traitPhone: n.Phone} {
		if value != "" {
			traits[name] = value
		}
	}
	return traits
}

// The traits of config/identity.schema.json.
const (
	traitTitle  = "title"
	traitGiven  = "given_name"
	traitFamily = "family_name"
	traitPhone  = "phone_number"
)

// refusedTraits is what has to be mended after Kratos's schema refused some traits.
func refusedTraits(traits []string) []page.Problem {
	var all []page.Problem
	for _, one := range []struct{ trait, field, key string }{
		{traitGiven, "prenom", "names.given_wrong"},
		{traitFamily, "nom", "names.family_wrong"},
		{traitPhone, "telephone", "names.phone_wrong"},
	} {
		if slices.Contains(traits, one.trait) {
			all = append(all, page.Problem{Field: one.field, Key: one.key})
		}
	}
	return all
}
