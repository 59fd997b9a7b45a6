package deployment

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"efpconnect.example/config/redact"
)

// Difference is one key of two documents.
type Difference struct {
	Key         string
	Left, Right string // "" where the key is absent; of two secrets that differ, only that they do
}

// Diff compares two documents for Kratos, key by key. What was made up for want of a secret is not compared.
func Diff(left, right map[string]any) []Difference {
	flatLeft, flatRight := flatten(left), flatten(right)
	keys := slices.Compact(slices.Sorted(slices.Values(slices.AppendSeq(slices.Collect(maps.Keys(flatLeft)), maps.Keys(flatRight)))))
	var found []Difference
	for _, key := range keys {
		if flatLeft[key] != flatRight[key] && !madeUp(flatLeft[key]) && !madeUp(flatRight[key]) {
			found = append(found, Difference{Key: key, Left: redact.Text(key, flatLeft[key]), Right: redact.Text(key, flatRight[key])})
		}
	}
	return found
}

// flatten writes each value under its path.
func flatten(document map[string]any) map[string]string {
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
			flat[strings.TrimPrefix(path, ".")] = fmt.Sprint(n)
		}
	}
	walk("", document)
	return flat
}
