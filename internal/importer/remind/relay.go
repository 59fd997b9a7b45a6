package remind

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"efpconnect.example/internal/dsn"
	"efpconnect.example/internal/email"
	"efpconnect.example/internal/importer/remind/letter"
)

const (
	// oneTry bounds one conversation with the relay; perConnection is how many mails one connection carries: many relays end it at 100.
	oneTry        = 30 * time.Second
	perConnection = 90
)

// answer is what the relay's answer means.
type answer int

const (
	taken     answer = iota // it has the mail
	never                   // it refuses this mail for good
	later                   // it refuses this mail for now
	untouched               // it certainly has not taken it: no connection, or one that broke before the mail's end
	unclear                 // the connection broke where the answer should have come: it may have the mail
	unwelcome               // it refuses us, not the mail: the sender's address, or the password
)

// outcome is an answer with what is known of it. Its error may quote the address: not for logs.
type outcome struct {
	answer
	code   int
	status string
	cause  error
}

// unknown tells whether the relay says that there is no such address.
func (o outcome) unknown() bool {
	return dsn.Recipient{Action: dsn.Failed, Status: o.status, Code: o.code}.Unknown() && o.status != "" && o.status != "5.0.0"
}

// relay hands mails over, one at a time.
type relay struct {
	client  *mail.Client
	open    bool
	carried int
}

// relay reads the relay's address. getenv gives the password; nil only checks.
func (c *Campaign) relay(getenv func(string) string) (*relay, error) {
	u, err := url.Parse(c.Relay)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("une adresse comme smtp://relais:25, smtps://… ou smtp+starttls://…")
	}
	options := []mail.Option{mail.WithTimeout(oneTry), mail.WithDSNMailReturnType(mail.DSNMailReturnHeadersOnly), mail.WithDSNRcptNotifyType(mail.DSNRcptNotifyFailure)}
	port := map[string]int{"smtp": 25, "smtps": 465, "smtp+starttls": 587}[u.Scheme]
	switch u.Scheme {
	case "smtp":
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	case "smtps":
		options = append(options, mail.WithSSL())
	case "smtp+starttls":
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	default:
		return nil, errors.New("smtp, smtps ou smtp+starttls")
	}
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, errors.New("le port n’est pas un nombre")
		}
	}
	options = append(options, mail.WithPort(port))
	if _, inside := u.User.Password(); inside {
		return nil, errors.New("le mot de passe va dans la variable d’environnement que nomme relay_password_env, pas ici")
	}
	if name := u.User.Username(); name != "" && getenv != nil {
		password := getenv(c.RelayPasswordEnv)
		if password == "" {
			return nil, fmt.Errorf("la variable d’environnement %q (relay_password_env) est vide", c.RelayPasswordEnv)
		}
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(name), mail.WithPassword(password))
	}
	client, err := mail.NewClient(u.Hostname(), options...)
	if err != nil {
		return nil, err
	}
	return &relay{client: client}, nil
}

// connect makes sure that there is a connection.
func (r *relay) connect(ctx context.Context) *outcome {
	if r.open && r.carried < perConnection {
		return nil
	}
	r.close()
	if err := r.client.DialWithContext(ctx); err != nil {
		var said *textproto.Error
		if errors.As(err, &said) && said.Code >= 500 {
			return &outcome{answer: unwelcome, code: said.Code, cause: err}
		}
		return &outcome{answer: untouched, cause: err}
	}
	r.open, r.carried = true, 0
	return nil
}

func (r *relay) close() {
	if r.open {
		_ = r.client.Close() // a relay that has hung up already is as well
		r.open = false
	}
}

// deliver hands a mail over the open connection.
func (r *relay) deliver(m *mail.Msg) outcome {
	r.carried++
	err := r.client.Send(m)
	if err == nil {
		return outcome{answer: taken}
	}
	out := judge(m, err)
	if out.code == 0 || out.code == 421 {
		r.close()
	}
	return out
}

// judge tells what an error of the SMTP client means for the mail.
func judge(m *mail.Msg, err error) outcome {
	if m.IsDelivered() { // it hung up after it had taken the mail
		return outcome{answer: taken, cause: err}
	}
	var sending *mail.SendError
	if !errors.As(err, &sending) {
		return outcome{answer: unclear, cause: err}
	}
	out := outcome{code: sending.ErrorCode(), status: sending.EnhancedStatusCode(), cause: err}
	switch {
	case out.code == 421:
		out.answer = untouched
	case out.code >= 500 && sending.Reason == mail.ErrSMTPMailFrom, out.code == 530, out.code == 535:
		out.answer = unwelcome
	case out.code >= 500:
		out.answer = never
	case out.code >= 400:
		out.answer = later
	case sending.Reason == mail.ErrSMTPDataClose, sending.Reason == mail.ErrAmbiguous:
		out.answer = unclear
	default:
		out.answer = untouched
	}
	return out
}

// message is a letter as it goes out. Nothing in it is of one reader alone but the greeting and the Message-ID.
func (c *Campaign) message(to email.Address, text letter.Message) (m *mail.Msg, messageID string, err error) {
	m = mail.NewMsg()
	if err := errors.Join(m.FromFormat(c.ServiceName, c.Sender), m.EnvelopeFrom(c.ReturnPath)); err != nil {
		return nil, "", fmt.Errorf("sender : %w", err)
	}
	if err := m.To(to.String()); err != nil {
		return nil, "", errUnwritable
	}
	m.Subject(text.Subject)
	// RFC 3834, and Exchange's own: no notice of absence comes back.
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetGenHeader("List-Unsubscribe", "<"+c.texts().UnsubscribeURL()+">")
	m.SetDate()
	_, host, _ := strings.Cut(c.Sender, "@")
	messageID = strings.ToLower(rand.Text()) + "@" + host
	m.SetMessageIDWithValue(messageID)
	m.SetBodyString(mail.TypeTextPlain, text.Text)
	m.AddAlternativeString(mail.TypeTextHTML, text.HTML)
	return m, messageID, nil
}

// errUnwritable does not quote the address: errors are logged.
var errUnwritable = errors.New("ce compte n’a pas d’adresse à laquelle écrire")
