// Package dsn reads delivery reports (RFC 3464: what a mail server sends back when a mail could not be delivered) and the mailboxes
// in which they arrive: Maildir folders, mbox files, and pipes. The reminders and the help desk call it.
//
// Whoever can send a mail can send a report: what it says is a claim. The caller believes it only about a mail that it sent itself.
package dsn

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/textproto"
)

// ErrNoReport is returned for a mail that is no delivery report.
var ErrNoReport = errors.New("dsn: the mail is no delivery report")

const (
	// MaxBytes is how much of a mail is read: reports are short, and what follows is the mail that was returned.
	MaxBytes = 1 << 20
	// maxRecipients is how many recipients of one report are read; maxParts how many parts; maxText the length of one value.
	maxRecipients = 100
	maxParts      = 16
	maxText       = 1000
)

// Action is what a report says of a recipient.
type Action string

// The actions of RFC 3464, 2.3.3.
const (
	Failed    Action = "failed"
	Delayed   Action = "delayed"
	Delivered Action = "delivered"
	Relayed   Action = "relayed"
	Expanded  Action = "expanded"
)

// Report is one delivery report.
type Report struct {
	// MessageID is that of the mail that the report is about, without angle brackets; "" when the report does not hold its headers.
	MessageID string
	// EnvelopeID is the ENVID that the mail was sent with, if any.
	EnvelopeID string
	// Reporter is the server that wrote the report.
	Reporter   string
	Arrived    time.Time // of the mail, at the server; zero when not said
	Recipients []Recipient
}

// Recipient is what a report says of one address.
type Recipient struct {
	Address  string // the address that delivery was tried to; forwarding may have changed it
	Original string // the address that the mail was sent to, when the report says it
	Action   Action
	Status   string // RFC 3463: "5.1.1"; "" when missing or malformed
	Code     int    // of SMTP, as the remote server answered; 0 when not said
	Remote   string // the server that answered
	// Diagnostic is that server's text. It can quote the address: not for logs.
	Diagnostic string
}

// Unknown tells whether the address does not exist, or no longer does: mailing it again is in vain (5.1.x, moved, disabled).
func (r Recipient) Unknown() bool {
	if r.Action != Failed {
		return false
	}
	switch {
	case strings.HasPrefix(r.Status, "5.1."), r.Status == "5.2.1":
		return r.Status != "5.1.7" && r.Status != "5.1.8" // the sender's address
	case r.Status == "" || r.Status == "5.0.0":
		return r.Code == 550 || r.Code == 551 || r.Code == 553
	}
	return false
}

// Read reads a mail as a delivery report. ErrNoReport is for any other mail; other errors are r's.
func Read(r io.Reader) (Report, error) {
	limited := &remembering{Reader: io.LimitReader(r, MaxBytes)}
	report := read(limited)
	switch {
	case limited.failed != nil:
		return Report{}, limited.failed
	case len(report.Recipients) == 0:
		return Report{}, ErrNoReport
	}
	return report, nil
}

// read takes what can be read: a part that is cut or malformed ends it, and what came before counts.
func read(r io.Reader) (report Report) {
	entity, _ := message.Read(r)
	if entity == nil {
		return report
	}
	kind, _, _ := entity.Header.ContentType()
	parts := entity.MultipartReader()
	if parts == nil || kind != "multipart/report" {
		return report
	}
	for range maxParts {
		part, _ := parts.NextPart()
		if part == nil {
			break
		}
		report.part(part)
	}
	return report
}

// remembering tells a reader's error from one of the mail's form.
type remembering struct {
	io.Reader
	failed error
}

func (r *remembering) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.failed = err
	}
	return n, err
}

func (r *Report) part(part *message.Entity) {
	kind, _, _ := part.Header.ContentType()
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		if len(r.Recipients) == 0 {
			r.status(part.Body)
		}
	case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "text/rfc822":
		if r.MessageID == "" {
			r.MessageID = messageID(part.Body)
		}
	}
}

// status reads the machine's part: fields of the mail, then fields of each recipient, with empty lines between.
func (r *Report) status(body io.Reader) {
	whole := true
	for block := range blocks(body) {
		if whole {
			whole = false
			r.EnvelopeID = text(block, "Original-Envelope-Id")
			r.Reporter = typed(block, "Reporting-Mta")
			r.Arrived, _ = parseDate(text(block, "Arrival-Date"))
			if !block.Has("Final-Recipient") {
				continue
			}
		}
		if one := recipient(block); one.Address != "" || one.Original != "" {
			r.Recipients = append(r.Recipients, one)
		}
		if len(r.Recipients) == maxRecipients {
			return
		}
	}
}

var (
	statusCode = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}$`)
	replyCode  = regexp.MustCompile(`^\W*([245]\d\d)\b`)
)

func recipient(block textproto.Header) Recipient {
	one := Recipient{
		Address:    address(typed(block, "Final-Recipient")),
		Original:   address(typed(block, "Original-Recipient")),
		Action:     Action(strings.ToLower(text(block, "Action"))),
		Remote:     typed(block, "Remote-Mta"),
		Diagnostic: typed(block, "Diagnostic-Code"),
	}
	// "5.1.1 (bad destination)": a comment may follow.
	if status, _, _ := strings.Cut(text(block, "Status"), " "); statusCode.MatchString(status) {
		one.Status = status
	}
	if match := replyCode.FindStringSubmatch(one.Diagnostic); match != nil {
		one.Code, _ = strconv.Atoi(match[1])
	}
	return one
}

// blocks gives the groups of fields. A line that is no field is left out: reports of old servers have some.
func blocks(r io.Reader) func(func(textproto.Header) bool) {
	return func(yield func(textproto.Header) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(make([]byte, 0, 4096), 64<<10)
		var block bytes.Buffer
		give := func() bool {
			if block.Len() == 0 {
				return true
			}
			block.WriteString("\r\n")
			header, err := textproto.ReadHeader(bufio.NewReader(bytes.NewReader(block.Bytes())))
			block.Reset()
			return (err != nil && header.Len() == 0) || yield(header)
		}
		for lines.Scan() {
			line := strings.TrimRight(lines.Text(), "\r")
			switch {
			case strings.TrimSpace(line) == "":
				if !give() {
					return
				}
			case fieldLine.MatchString(line), block.Len() > 0 && (line[0] == ' ' || line[0] == '\t'):
				block.WriteString(line + "\r\n")
			}
		}
		give()
	}
}

var fieldLine = regexp.MustCompile(`^[!-9;-~]+[ \t]*:`)

// text is a field's value on one line, cut to a length that no honest one has.
func text(block textproto.Header, name string) string {
	value := strings.Join(strings.Fields(block.Get(name)), " ")
	if len(value) > maxText {
		value = strings.ToValidUTF8(value[:maxText], "")
	}
	return value
}

// typed is the value of a field that begins with its type: "rfc822; a@example.test".
func typed(block textproto.Header, name string) string {
	value := text(block, name)
	if _, after, ok := strings.Cut(value, ";"); ok {
		return strings.TrimSpace(after)
	}
	return value
}

// address takes the angle brackets and comments of an address away.
func address(value string) string {
	if from, to := strings.IndexByte(value, '<'), strings.LastIndexByte(value, '>'); from >= 0 && to > from {
		value = value[from+1 : to]
	}
	value, _, _ = strings.Cut(value, " ")
	if !strings.Contains(value, "@") {
		return ""
	}
	return value
}

// messageID finds the Message-ID in the headers of the mail that was returned.
func messageID(body io.Reader) string {
	for block := range blocks(body) {
		return strings.Trim(text(block, "Message-Id"), "<> ")
	}
	return ""
}

func parseDate(value string) (time.Time, error) {
	value, _, _ = strings.Cut(value, " (")
	for _, layout := range []string{time.RFC1123Z, "Mon, 2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 -0700", time.RFC1123} {
		if at, err := time.Parse(layout, value); err == nil {
			return at, nil
		}
	}
	return time.Time{}, errors.New("dsn: no date")
}
