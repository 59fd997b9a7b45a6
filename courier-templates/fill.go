package mail

import (
	"bytes"
	"fmt"
	htemplate "html/template"
	"io"
	"path"
	"text/template"
)

// Our delimiters: what stands between Kratos's own is plain text to this step.
const left, right = "[[", "]]"

// person is the file that both parts begin with: whom the mail greets, and what of the payload can be trusted.
const person = "person.gotmpl"

// fill replaces each [[ ]]. In the HTML part html/template escapes every value for the place where it stands.
func fill(c Constants) (map[string][]byte, error) {
	files := make(map[string][]byte)
	for _, name := range []string{subjectFile, textFile} {
		parsed, err := template.New(person).Delims(left, right).ParseFS(sources, person, name)
		if err != nil {
			return nil, fmt.Errorf("mail: %w", err)
		}
		if files[name], err = run(parsed, name, c.spelled(plainer)); err != nil {
			return nil, err
		}
	}
	parsed, err := htemplate.New(person).Delims(left, right).ParseFS(sources, person, htmlFile)
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	files[htmlFile], err = run(parsed, htmlFile, c.spelled(typographer))
	return files, err
}

// run executes the template of a file, which ParseFS calls by its last name.
func run(parsed interface {
	ExecuteTemplate(io.Writer, string, any) error
}, file string, data any) ([]byte, error) {
	var out bytes.Buffer
	if err := parsed.ExecuteTemplate(&out, path.Base(file), data); err != nil {
		return nil, fmt.Errorf("mail: %s: %w", file, err)
	}
	return out.Bytes(), nil
}
