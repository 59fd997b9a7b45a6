package page

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"regexp"
	"strings"

	"efpconnect.example/internal/language"
)

//go:embed words/*.json
var wordFiles embed.FS

// Languages are those of the words folder; the first is what a browser gets that asks for none of them.
var Languages = language.All

// Words are the texts of one language by key. What people read is only here, never in a template.
type Words map[string]string

// LoadWords reads the words of one language.
func LoadWords(language string) (Words, error) {
	raw, err := wordFiles.ReadFile("words/" + language + ".json")
	if err != nil {
		return nil, fmt.Errorf("words: no language %q: %w", language, err)
	}
	w := Words{}
	if err := json.Unmarshal(raw, &w); err != nil {
		return nil, fmt.Errorf("words: %s.json: %w", language, err)
	}
	return w, nil
}

// Text is the sentence of a key, its {placeholders} filled from the pairs. A key without a sentence is shown as it is:
// a test keeps that from being seen by anyone.
func (w Words) Text(key string, pairs ...any) string {
	text, ok := w[key]
	if !ok {
		return key
	}
	return fill(text, pairs, func(v any) string { return fmt.Sprint(v) })
}

var (
	richLink    = regexp.MustCompile(`\[([^\]]+)\]\(([a-z_]+)\)`)
	richBold    = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	richAddress = regexp.MustCompile("`([^`]+)`")
)

// Rich is Text for sentences with **bold** words, [links](name), where name is one of the pairs, and `addresses`, which no
// line breaks at a hyphen as long as they fit into one (what ends their sentence is inside: it may not begin a line). Everything else is escaped, the values of the pairs included.
func (w Words) Rich(key string, pairs ...any) template.HTML {
	text := template.HTMLEscapeString(w.Text(key))
	text = richBold.ReplaceAllString(text, `<strong>$1</strong>`)
	text = richLink.ReplaceAllString(text, `<a class="fr-link" href="{$2}">$1</a>`)
	text = richAddress.ReplaceAllString(text, `<span class="efp-address">$1</span>`)
	escape := func(v any) string { return template.HTMLEscapeString(fmt.Sprint(v)) }
	return template.HTML(fill(text, pairs, escape)) //nolint:gosec // every part was escaped above
}

// fill replaces each {name} that one of the pairs has; what a value holds is left as it is.
func fill(text string, pairs []any, show func(any) string) string {
	if len(pairs) < 2 {
		return text
	}
	var filled strings.Builder
	for {
		before, rest, opened := strings.Cut(text, "{")
		filled.WriteString(before)
		if !opened {
			return filled.String()
		}
		text = rest
		name, after, closed := strings.Cut(rest, "}")
		if value, ok := valueOf(name, pairs); ok && closed {
			filled.WriteString(show(value))
			text = after
		} else {
			filled.WriteByte('{')
		}
	}
}

func valueOf(name string, pairs []any) (value any, ok bool) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == name {
			return pairs[i+1], true
		}
	}
	return nil, false
}
