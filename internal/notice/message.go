package notice

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	htemplate "html/template"
	"net/url"
	"strconv"
	"strings"
	"text/template"

	"github.com/wneessen/go-mail"
)

//go:embed subject.gotmpl body.html.gotmpl body.txt.gotmpl
var sources embed.FS

// Texts are what an environment decides, as for the mail of the code (package mail of courier-templates).
type Texts struct {
	PublicURL        string
	EnvironmentLabel string
	Ministry         string // lines separated by |
	ServiceName      string
	AssistanceURL    string
	Sender           string // address
}

// view is what the templates read.
type view struct {
	Texts
	When string
}

// MinistryLines is for the templates.
func (v view) MinistryLines() []string { return strings.Split(v.Ministry, "|") }

type renderer struct {
	texts   Texts
	subject *template.Template
	text    *template.Template
	html    *htemplate.Template
}

// together keeps a day and an hour whole: a line may break between the two.
var together = strings.NewReplacer(" à ", " à ", " ", "\u00a0")

var plainer = strings.NewReplacer("’", "'", "\u00a0", " ", "\u202f", " ")

func newRenderer(texts Texts) (*renderer, error) {
	texts.PublicURL = strings.TrimRight(texts.PublicURL, "/")
	subject, err := template.ParseFS(sources, "subject.gotmpl")
	if err != nil {
		return nil, err
	}
	text, err := template.ParseFS(sources, "body.txt.gotmpl")
	if err != nil {
		return nil, err
	}
	html, err := htemplate.ParseFS(sources, "body.html.gotmpl")
	if err != nil {
		return nil, err
	}
	return &renderer{texts, subject, text, html}, nil
}

// Render is the notice without the mail around it, for the storybook.
func Render(texts Texts, when string) (subject, text, html string, err error) {
	r, err := newRenderer(texts)
	if err != nil {
		return "", "", "", err
	}
	return r.write(when)
}

// write fills the templates. The text part has plain apostrophes, which programs of every age show.
func (r *renderer) write(when string) (subject, text, html string, err error) {
	v := view{Texts: r.texts, When: together.Replace(when)}
	var s, t, h bytes.Buffer
	if err := errors.Join(r.subject.Execute(&s, v), r.text.Execute(&t, v), r.html.Execute(&h, v)); err != nil {
		return "", "", "", fmt.Errorf("notice: %w", err)
	}
	return plainer.Replace(strings.TrimSpace(s.String())), plainer.Replace(t.String()), h.String(), nil
}

// errNoAddress does not quote what is none: errors are logged.
var errNoAddress = errors.New("notice: the recipient is no address")

// message writes one notice.
func (n *Notices) message(l letter) (*mail.Msg, error) {
	r := n.render
	subject, text, html, err := r.write(l.when)
	if err != nil {
		return nil, err
	}
	m := mail.NewMsg()
	if err := m.FromFormat(r.texts.ServiceName, r.texts.Sender); err != nil {
		return nil, fmt.Errorf("notice: sender: %w", err)
	}
	if err := m.To(l.to.String()); err != nil {
		return nil, errNoAddress
	}
	m.Subject(subject)
	// RFC 3834: no vacation notice comes back for it.
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetDate()
	m.SetMessageID()
	m.SetBodyString(mail.TypeTextPlain, text)
	m.AddAlternativeString(mail.TypeTextHTML, html)
	return m, nil
}

// newClient reads the relay's address.
func newClient(address string) (*mail.Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("notice_smtp: must be smtp://host:port, smtps:// or smtp+starttls://") // not quoted: it may hold a password
	}
	options := []mail.Option{mail.WithTimeout(oneTry)}
	port := map[string]int{"smtp": 25, "smtps": 465, "smtp+starttls": 587}[u.Scheme]
	switch u.Scheme {
	case "smtp":
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	case "smtps":
		options = append(options, mail.WithSSL())
	case "smtp+starttls":
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	default:
		return nil, errors.New("notice_smtp: the scheme must be smtp, smtps or smtp+starttls")
	}
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, errors.New("notice_smtp: the port is no number")
		}
	}
	options = append(options, mail.WithPort(port))
	if password, ok := u.User.Password(); ok {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	return mail.NewClient(u.Hostname(), options...)
}
