// Package page is what every page of the site is made of: one layout, the words in each language, the assets, a render
// into a buffer, and the one error handler, which makes a page of every error.
//
// The steps (recovery, login) and the server may call it; it knows none of them and never calls Kratos.
package page

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"efpconnect.example/selfservice-ui/sitepath"
)

// A Page is what a step hands over: which template, and what it shows.
type Page struct {
	Template string    // base name of the template, "email" for email.html
	Status   int       // HTTP status, 200 when zero
	Heading  string    // word key of the h1
	Title    string    // word key of the page's part of <title>
	Step     int       // 1 to 3 (address, code, password) in the stepper, 0 for a page outside it
	Problems []Problem // what the person has to mend: shown in a summary and beside each field
	Guard    Guard     // what the page's form asks of a visitor besides its own fields
	Notice   *Notice   // one status message above the form
	View     any       // the typed struct of the page's own template

	Handle string // of the tab whose form led here, "" without one: the renderer finds it in the address

	// The renderer's, for the templates. Not in a struct of its own around this one: text/template looks the fields of an
	// embedded struct up the long way, each time.
	Site   *Site
	Lang   string
	Theme  string // chosen, "" for the system's
	Assets *Assets
}

// A Problem is one thing to mend. Field is the id of the input it belongs to, empty for the form as a whole.
type Problem struct {
	Field string
	Key   string // word key of the sentence
	Args  []any  // pairs for the sentence's {placeholders}
}

// Guard is what a form asks of a visitor besides its own fields; package formguard makes and checks it.
type Guard struct {
	Stamp     string // when the form was made, for the honeypot; "" shows none
	Challenge string // id of the security code, "" when none is asked
	Picture   string // address of its picture
	Sound     string // address of its sound
	Typed     string // what was copied from it already
	Proof     string // address of « Je ne suis pas un robot »'s challenge, "" when it is not offered
	Open      bool   // the security code was open before, and is again
	Passed    bool   // answered in the last minutes: nothing is asked
}

// A Notice is a status message; Kind is DSFR's word: info, success, warning or error.
type Notice struct {
	Kind string
	Key  string
	Args []any
}

// A Link is a named address of the layout: footer, services, ways on.
type Link struct {
	Label string
	URL   string
}

// Site is what an administrator decides about every page.
type Site struct {
	Ministry      []string // official title, a line each; it changes by decree, capitals come from CSS
	Service       string   // "EFP Connect"
	Environment   string   // label of a test environment, empty in production
	Assistance    string   // address of the help desk's page
	Contacts      string   // address of « Contacts utiles », empty when there is none
	CreateAccount string   // where an account is created, empty when nowhere
	Feedback      string   // « Je donne mon avis » on the last page, empty when nobody asks
	OldPortal     string   // name of the portal the accounts come from
	MailSender    string   // address the mails come from
	Languages     []string // offered: a switch where there are several
	Own           Own      // where the footer's mandatory links lead
	Legal         []Link   // the footer's links besides
}

// Own are the addresses of the State's mandatory pages: the site's, or what an administrator has in their place.
type Own struct {
	Accessibility, Notice, Personal, Cookies string
	AccessibilityState                       string // none, partial or full
}

// CreatesAccounts tells that people create their account on this site.
func (s Site) CreatesAccounts() bool { return s.CreateAccount == sitepath.Registration }

// MinistryName is the official title on one line.
func (s Site) MinistryName() string { return strings.Join(s.Ministry, " ") }

// ways are the ways of several steps, by the heading of their pages: what precedes a step's number in its word key, and the word key
// of the pages' part of <title>. That heading ends with the service's name, which every title ends with too.
var ways = map[string]struct{ step, title string }{
	"reset.heading":    {"step.", "title.reset"},
	"register.heading": {"register_step.", "title.register"},
}

// StepKey is the word key of a step's name.
func (p Page) StepKey(n int) string { return ways[p.Heading].step + strconv.Itoa(n) }

// WayTitle is the word key of the way's part of <title>.
func (p Page) WayTitle() string { return ways[p.Heading].title }

// Field returns the problem of one input, nil when it has none.
func (p Page) Field(id string) *Problem {
	for i := range p.Problems {
		if p.Problems[i].Field == id {
			return &p.Problems[i]
		}
	}
	return nil
}

// StatusCode is the HTTP status the page is sent with.
func (p Page) StatusCode() int { return cmp.Or(p.Status, http.StatusOK) }
