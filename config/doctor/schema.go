package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"efpconnect.example/config/validate"
)

// Schema is the configuration schema of a Kratos: the keys it knows, and what it takes where nothing is written.
type Schema struct{ root map[string]any }

// pinned is the schema of the Kratos that this repository is tested with.
var pinned = sync.OnceValue(func() *Schema {
	schema, err := ParseSchema(validate.Schema)
	if err != nil {
		panic(err) // embedded at build, and read by the tests
	}
	return schema
})

// ErrNoSchema is returned for a file that is no configuration schema of a Kratos.
var ErrNoSchema = errors.New("no configuration schema of a Kratos (embedx/config.schema.json of its source)")

// ParseSchema reads what `kratos config-schema` prints.
func ParseSchema(text []byte) (*Schema, error) {
	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoSchema, err)
	}
	s := &Schema{root}
	if s.at("selfservice.methods.password.enabled") == nil {
		return nil, ErrNoSchema
	}
	return s, nil
}

// Default is what Kratos takes for a key that is not written; nil where the schema names nothing.
func (s *Schema) Default(key string) any {
	node := s.at(key)
	if node == nil {
		return nil
	}
	return node["default"]
}

// Knows tells whether Kratos has the key.
func (s *Schema) Knows(key string) bool { return s.at(key) != nil }

// Below are the names under a key, sorted; "" is the document itself.
func (s *Schema) Below(key string) []string {
	return slices.Sorted(maps.Keys(s.properties(s.at(key))))
}

// at is the description of a key; nil where there is none.
func (s *Schema) at(key string) map[string]any {
	node := s.root
	if key == "" {
		return node
	}
	for name := range strings.SplitSeq(key, ".") {
		below, ok := s.properties(node)[name].(map[string]any)
		if !ok {
			return nil
		}
		node = s.resolve(below)
	}
	return node
}

// properties are what a description and its alternatives have below them.
func (s *Schema) properties(node map[string]any) map[string]any {
	node = s.resolve(node)
	found := map[string]any{}
	for _, combined := range []string{"allOf", "anyOf", "oneOf"} {
		list, _ := node[combined].([]any)
		for _, one := range list {
			if below, ok := one.(map[string]any); ok {
				maps.Copy(found, s.properties(below))
			}
		}
	}
	own, _ := node["properties"].(map[string]any)
	maps.Copy(found, own)
	return found
}

// resolve follows a reference inside the document; what stands beside it wins.
func (s *Schema) resolve(node map[string]any) map[string]any {
	for range 8 { // a reference to a reference; none of Kratos's is deeper
		reference, _ := node["$ref"].(string)
		path, inside := strings.CutPrefix(reference, "#/")
		if !inside {
			return node
		}
		target, _ := at(s.root, strings.Split(path, "/")...).(map[string]any)
		whole := maps.Clone(target)
		if whole == nil {
			whole = map[string]any{}
		}
		for name, value := range node {
			if name != "$ref" {
				whole[name] = value
			}
		}
		node = whole
	}
	return node
}

// schema is that of the Kratos that is judged.
func (f *Facts) schema() *Schema {
	if f.Judged != nil {
		return f.Judged
	}
	return pinned()
}

// knows tells whether the Kratos that is judged has a key.
func (f *Facts) knows(key string) bool { return f.schema().Knows(key) || slices.Contains(f.Keys, key) }

// unwritten says of a key that is not written that its value is Kratos's own, and what v1.3.1's is where that differs.
func (f *Facts) unwritten(key string) string {
	if f.has(key) {
		return ""
	}
	mine, other := f.schema().Default(key), pinned().Default(key)
	if reflect.DeepEqual(mine, other) {
		return ", by Kratos's default"
	}
	return fmt.Sprintf(", by the default of this Kratos (that of v1.3.1 is %v)", other)
}
