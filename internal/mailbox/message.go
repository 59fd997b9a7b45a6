package mailbox

import (
	"errors"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // mails that are not UTF-8
	"github.com/emersion/go-message/mail"
)

// Message is a mail that arrived. Text and HTML are decoded: transfer encoding and charset are gone. Its JSON is what
// /api/messages answers.
type Message struct {
	ID       int                 `json:"id"`   // grows from one mail to the next
	From     string              `json:"from"` // of the SMTP envelope, as To: where the mail really went
	To       []string            `json:"to"`
	Subject  string              `json:"subject"`
	Text     string              `json:"text"`
	HTML     string              `json:"html"`
	Headers  map[string][]string `json:"headers"`
	Received time.Time           `json:"received"`

	size int // bytes, as it came
}

// parse never fails: what is wrong with a mail is shown in its place, since finding that out is what the page is for.
func parse(r io.Reader) Message {
	m := Message{Headers: map[string][]string{}}
	reader, err := mail.CreateReader(r)
	if err != nil && !message.IsUnknownCharset(err) {
		m.Text = "[mail illisible : " + err.Error() + "]"
		return m
	}
	defer reader.Close()
	m.readHeaders(reader.Header)
	if err := m.readParts(reader); err != nil {
		m.Text += "\n[la suite du mail est illisible : " + err.Error() + "]"
	}
	return m
}

func (m *Message) readHeaders(header mail.Header) {
	for fields := header.Fields(); fields.Next(); {
		value, err := fields.Text()
		if err != nil { // an encoding that cannot be decoded: as it came
			value = fields.Value()
		}
		m.Headers[fields.Key()] = append(m.Headers[fields.Key()], value)
	}
	if subject := m.Headers["Subject"]; len(subject) > 0 {
		m.Subject = subject[0]
	}
}

func (m *Message) readParts(reader *mail.Reader) error {
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !message.IsUnknownCharset(err) {
			return err
		}
		inline, ok := part.Header.(*mail.InlineHeader)
		if !ok {
			continue // attachments are not shown
		}
		body, err := io.ReadAll(part.Body)
		m.keep(inline, string(body))
		if err != nil {
			return err
		}
	}
}

// keep takes the first text and the first HTML, as a reader's program does.
func (m *Message) keep(header *mail.InlineHeader, body string) {
	body = strings.ToValidUTF8(strings.ReplaceAll(body, "\r\n", "\n"), "\uFFFD")
	switch kind, _, _ := header.ContentType(); {
	case kind == "text/html" && m.HTML == "":
		m.HTML = body
	case kind == "text/plain" && m.Text == "":
		m.Text = body
	}
}
