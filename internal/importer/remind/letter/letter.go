// Package letter is the mail that tells an imported person that the account has moved and that a password is to be chosen. It
// explains before it asks, holds no link of its reader's own, and loads nothing. The reminders and the storybook call it.
package letter

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	htemplate "html/template"
	"net/url"
	"regexp"
	"strings"
	"text/template"

	look "efpconnect.example/courier-templates/shared"
)

//go:embed subject.gotmpl body.html.gotmpl body.txt.gotmpl
var sources embed.FS

// Texts are what an environment decides, as for the mail of the code (package mail of courier-templates).
type Texts struct {
	PublicURL        string
	EnvironmentLabel string // empty in production
	Ministry         string // lines separated by |
	ServiceName      string
	OldPortal        string // where the accounts come from
	AssistanceURL    string
	Sender           string // address
	Unsubscribe      string // address that a person writes to for no more reminders
}

// UnsubscribeSubject is the subject of the mail that the reader's program writes to the address Unsubscribe.
const UnsubscribeSubject = "desinscription"

// UnsubscribeURL is the mailto: of the header and of the mail's link.
func (t Texts) UnsubscribeURL() string {
	return "mailto:" + url.PathEscape(t.Unsubscribe) + "?subject=" + UnsubscribeSubject
}

// Person is whom the mail greets; any part may be missing.
type Person struct{ Title, GivenName, FamilyName string }

// Message is a mail in its parts.
type Message struct{ Subject, HTML, Text string }

// Writer writes the mail for one campaign.
type Writer struct {
	texts         Texts
	subject, text *template.Template
	html          *htemplate.Template
}

// New reads the templates.
func New(texts Texts) (*Writer, error) {
	texts.PublicURL = strings.TrimRight(texts.PublicURL, "/")
	subject, err := template.New("subject.gotmpl").Delims(look.Left, look.Right).ParseFS(sources, "subject.gotmpl")
	if err != nil {
		return nil, err
	}
	text := template.New("body.txt.gotmpl").Delims(look.Left, look.Right)
	html := htemplate.New("body.html.gotmpl").Delims(look.Left, look.Right)
	for _, err := range []error{
		parsed(text.ParseFS(look.Files, "text.gotmpl")), parsed(text.ParseFS(sources, "body.txt.gotmpl")),
		parsed(html.ParseFS(look.Files, "html.gotmpl")), parsed(html.ParseFS(sources, "body.html.gotmpl")),
	} {
		if err != nil {
			return nil, err
		}
	}
	return &Writer{texts, subject, text, html}, nil
}

func parsed[T any](_ T, err error) error { return err }

// view is what the templates read.
type view struct {
	Texts
	Who string
}

// MinistryLines is for the templates.
func (v view) MinistryLines() []string { return strings.Split(v.Ministry, "|") }

// Title is the mail's, and what its subject says.
func (v view) Title() string {
	return "Votre compte " + v.OldPortal + " est devenu un compte " + v.ServiceName
}

// Preheader is what a list of mails shows beside the subject.
func (v view) Preheader() string {
	return "Avant votre première connexion, choisissez un nouveau mot de passe. Voici pourquoi, et comment."
}

// Site is the address as it is typed: without its scheme.
func (v view) Site() string {
	_, site, _ := strings.Cut(v.PublicURL, "://")
	return site
}

// Mailto is for the HTML part.
func (v view) Mailto() htemplate.URL { return htemplate.URL(v.UnsubscribeURL()) }

var (
	typographer = strings.NewReplacer("'", "’")
	plainer     = strings.NewReplacer("’", "'", "\u00a0", " ", "\u202f", " ")
)

// Write makes the mail of a person. The text part has plain apostrophes, which programs of every age show.
func (w *Writer) Write(p Person) (Message, error) {
	v := view{Texts: w.texts, Who: p.greeting()}
	for _, text := range []*string{&v.ServiceName, &v.OldPortal, &v.Ministry, &v.EnvironmentLabel} {
		*text = typographer.Replace(*text)
	}
	var subject, text, html bytes.Buffer
	if err := errors.Join(w.subject.Execute(&subject, v), w.text.Execute(&text, v), w.html.Execute(&html, v)); err != nil {
		return Message{}, fmt.Errorf("letter: %w", err)
	}
	return Message{plainer.Replace(strings.TrimSpace(subject.String())), html.String(), plainer.Replace(text.String())}, nil
}

// A name is what somebody typed once: one that holds a digit, a link or a line break is not shown (see person.gotmpl of
// courier-templates, which has the same rule).
var name = regexp.MustCompile(`^(?:[\p{L}\p{M}'’ ()-]|\.[ -]|\.$){1,100}$`)

// greeting is "Madame Camille SERVE", or what of it makes a greeting.
func (p Person) greeting() string {
	clean := func(s string) string {
		if s = strings.TrimSpace(s); name.MatchString(s) {
			return s
		}
		return ""
	}
	title, given, family := clean(p.Title), clean(p.GivenName), strings.ToUpper(clean(p.FamilyName))
	switch {
	case title != "" && family == "":
		given = ""
	case title == "" && given == "":
		family = ""
	}
	return strings.Join(strings.Fields(title+" "+given+" "+family), " ")
}
