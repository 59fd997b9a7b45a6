package mail

import (
	"fmt"
	htemplate "html/template"
	"path"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// Data is what Kratos v1.3.1 gives the templates. v26.2.0 gives more; a template that used more would fail here. Each kind gets its
// own code, and no kind but the recovery and the verification gets an identity.
type Data struct {
	To               string
	RecoveryCode     string
	RegistrationCode string
	VerificationCode string
	// Identity has "traits" among its keys.
	Identity map[string]any
	// RequestURL holds a host that the client chose: the templates do not use it.
	RequestURL string
	// TransientPayload is what the site sends along with the address: "suite", the sealed text of the button; "asked_at",
	// the time of the sending, Paris time, written "24 novembre 2026 à 10 h 32"; "device", the kind of browser and system that asked,
	// written "Firefox sur Windows". Anything else in them is left out.
	TransientPayload map[string]any
}

// Message is a mail as Kratos sends it.
type Message struct{ Subject, HTML, Text string }

// Render makes a mail as Kratos would.
func Render(c Constants, kind Kind, d Data) (Message, error) {
	files, err := Files(c)
	if err != nil {
		return Message{}, err
	}
	return execute(files, kind, d)
}

// execute does what Kratos does (courier/template/load_template.go): the same functions, and for the HTML the same set of files.
func execute(files map[string][]byte, kind Kind, d Data) (Message, error) {
	subject, err := executeText(files, kind.subject(), d)
	if err != nil {
		return Message{}, err
	}
	text, err := executeText(files, kind.text(), d)
	if err != nil {
		return Message{}, err
	}
	set := htemplate.New("").Funcs(sprig.HermeticHtmlFuncMap())
	for _, file := range []string{kind.html(), kind.text()} { // the glob email.body*, in its order
		if _, err := set.New(path.Base(file)).Parse(string(files[file])); err != nil {
			return Message{}, fmt.Errorf("mail: %s: %w", file, err)
		}
	}
	html, err := run(set, kind.html(), d)
	if err != nil {
		return Message{}, err
	}
	return Message{Subject: strings.TrimSpace(subject), HTML: string(html), Text: text}, nil
}

func executeText(files map[string][]byte, file string, d Data) (string, error) {
	parsed, err := template.New(path.Base(file)).Funcs(sprig.HermeticTxtFuncMap()).Parse(string(files[file]))
	if err != nil {
		return "", fmt.Errorf("mail: %s: %w", file, err)
	}
	text, err := run(parsed, file, d)
	return string(text), err
}
