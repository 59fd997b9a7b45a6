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

// shared are the pieces of all kinds.
const shared = "shared/*.gotmpl"

// fill replaces each [[ ]]. In the HTML part html/template escapes every value for the place where it stands.
func fill(c Constants) (map[string][]byte, error) {
	files := make(map[string][]byte)
	for _, kind := range Kinds {
		plain, typographic := kind.page(c.spelled(plainer)).spelled(plainer), kind.page(c.spelled(typographer)).spelled(typographer)
		for _, name := range []string{kind.subject(), kind.text()} {
			parsed, err := template.New(path.Base(name)).Delims(left, right).ParseFS(sources, shared, name)
			if err != nil {
				return nil, fmt.Errorf("mail: %w", err)
			}
			if files[name], err = run(parsed, name, plain); err != nil {
				return nil, err
			}
		}
		parsed, err := htemplate.New(path.Base(kind.html())).Delims(left, right).ParseFS(sources, shared, kind.html())
		if err != nil {
			return nil, fmt.Errorf("mail: %w", err)
		}
		if files[kind.html()], err = run(parsed, kind.html(), typographic); err != nil {
			return nil, err
		}
	}
	return files, nil
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
