package settings

import (
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"
)

// words are the values of settings that have few of them.
var words = map[string][]string{
	"languages":   {"fr", "en"},
	"protections": {"picture", "proof", "both", "nothing"},
	"level":       {"debug", "info", "warn", "error"},
	"state":       {"none", "partial", "full"},
}

// WriteSchema writes the JSON Schema of a file of settings, by which editors complete and check it. Secrets are not in it: the file
// takes none.
func WriteSchema(w io.Writer) error {
	properties := map[string]any{}
	t := reflect.TypeFor[Settings]()
	for i, f := range fields() {
		if !f.secret {
			properties[f.key] = f.schema(t.Field(i).Type)
		}
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(map[string]any{
		"$schema":              "http://json-schema.org/draft-07/schema#",
		"title":                "Settings of selfservice-ui",
		"type":                 "object",
		"additionalProperties": false,
		"properties":           properties,
	})
}

// schema describes one setting. Whatever is written as a text is taken as well, and nothing is a value.
func (f field) schema(kind reflect.Type) map[string]any {
	described := map[string]any{"description": f.help}
	text := map[string]any{"type": []string{"string", "null"}}
	if few := words[f.check]; few != nil && kind.Kind() == reflect.String {
		text = map[string]any{"enum": few}
	}
	switch kind {
	case reflect.TypeFor[bool]():
		text = map[string]any{"type": "boolean"}
	case reflect.TypeFor[int]():
		text = map[string]any{"type": "integer"}
	case reflect.TypeFor[time.Duration]():
		text = map[string]any{"type": "string", "pattern": `^([0-9.]+(ns|us|µs|ms|s|m|h))+$`}
	case reflect.TypeFor[[]string]():
		item := map[string]any{"type": "string"}
		if few := words[f.check]; few != nil {
			item = map[string]any{"enum": few}
		}
		text = map[string]any{"anyOf": []any{map[string]any{"type": "array", "items": item}, text}}
	}
	for key, value := range text {
		described[key] = value
	}
	if f.def != "" {
		described["default"] = f.example(kind)
	}
	return described
}

// example is the default as a file has it.
func (f field) example(kind reflect.Type) any {
	target := reflect.New(kind).Elem()
	if kind == reflect.TypeFor[time.Duration]() || parse(target, f.def) != nil {
		return f.def
	}
	if written, ok := target.Interface().([]string); ok {
		return slices.DeleteFunc(written, func(s string) bool { return strings.TrimSpace(s) == "" })
	}
	return target.Interface()
}
