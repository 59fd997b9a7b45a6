package profile

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Nulls is a list of words that mean no value. NULL and ~ without quotes are YAML's own null: here they are the words.
type Nulls []string

// UnmarshalYAML takes the words as they are written.
func (n *Nulls) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.SequenceNode {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: cannot unmarshal !!str `%s` into []string", node.Line, node.Value)}}
	}
	for _, word := range node.Content {
		*n = append(*n, word.Value)
	}
	return nil
}
