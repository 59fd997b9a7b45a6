package deployment

import (
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Difference is one key of two documents.
type Difference struct {
	Key         string
	Left, Right string // "" where the key is absent; secrets are redacted, but still told apart
}

// Diff compares two documents for Kratos, key by key. What was made up for want of a secret is not compared.
func Diff(left, right []byte) ([]Difference, error) {
	flatLeft, err := flatten(left)
	if err != nil {
		return nil, err
	}
	flatRight, err := flatten(right)
	if err != nil {
		return nil, err
	}
	redactor := NewRedactor(left, right)
	keys := slices.Compact(slices.Sorted(slices.Values(slices.AppendSeq(slices.Collect(maps.Keys(flatLeft)), maps.Keys(flatRight)))))
	var found []Difference
	for _, key := range keys {
		if flatLeft[key] != flatRight[key] && !madeUp(flatLeft[key]) && !madeUp(flatRight[key]) {
			found = append(found, Difference{Key: key, Left: redactor.Text(flatLeft[key]), Right: redactor.Text(flatRight[key])})
		}
	}
	return found, nil
}

// flatten writes each value under its path.
func flatten(document []byte) (map[string]string, error) {
	var node map[string]any
	if err := yaml.Unmarshal(document, &node); err != nil {
		return nil, err
	}
	flat := map[string]string{}
	var walk func(path string, node any)
	walk = func(path string, node any) {
		switch n := node.(type) {
		case map[string]any:
			for key, below := range n {
				walk(path+"."+key, below)
			}
		case []any:
			for i, below := range n {
				walk(fmt.Sprintf("%s[%d]", path, i), below)
			}
		default:
			flat[path[1:]] = fmt.Sprint(n)
		}
	}
	walk("", node)
	return flat, nil
}
