// Package validate judges a document for Kratos as Kratos itself does at its start: with the same loader, ory/x configx, and the
// schema that Kratos embeds. Only kratos-config links it; the loader brings some hundred modules along.
package validate

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/knadh/koanf/parsers/json"
	"github.com/knadh/koanf/parsers/toml"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/ory/jsonschema/v3"
	"github.com/ory/x/configx"
)

//go:generate sh -c "../../.build/kratos config-schema > kratos-v1.3.1.schema.json"

// Schema is the configuration schema of the pinned Kratos (Apache-2.0, Ory Corp), as `kratos config-schema` prints it. A test
// compares it with the real one.
//
//go:embed kratos-v1.3.1.schema.json
var Schema []byte

// ErrRefused is returned for a document that Kratos would not start with.
var ErrRefused = errors.New("kratos would refuse the document")

// Parse reads a document as Kratos does, by the end of its file's name: TOML and JSON too. YAML where the name says nothing.
func Parse(name string, document []byte) (values map[string]any, err error) {
	switch filepath.Ext(name) {
	case ".toml":
		values, err = toml.Parser().Unmarshal(document)
	case ".json":
		values, err = json.Parser().Unmarshal(document)
	default:
		values, err = yaml.Parser().Unmarshal(document)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: it cannot be read: %s", ErrRefused, strings.Join(strings.Fields(err.Error()), " "))
	}
	return values, nil
}

// Document checks what Parse read. The error names each key at fault, and quotes nothing that stands there. Variables of this process's
// environment play no part, unlike in Kratos.
func Document(ctx context.Context, schema []byte, values map[string]any) error {
	// No files given: configx would watch them and write to the standard output at each change.
	_, err := configx.New(ctx, schema, configx.WithBaseValues(values), configx.DisableEnvLoading())
	if refused := new(jsonschema.ValidationError); errors.As(err, &refused) {
		return fmt.Errorf("%w:\n%s", ErrRefused, strings.Join(leaves(refused), "\n"))
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return nil
}

// quoted is a value in front of what is said of it: it may be a secret.
var quoted = regexp.MustCompile(`(?s)^"?.*"? (is not valid )`)

// leaves are the faults themselves; what stands above only says that something below is wrong.
func leaves(fault *jsonschema.ValidationError) (lines []string) {
	for _, cause := range fault.Causes {
		lines = append(lines, leaves(cause)...)
	}
	if len(lines) == 0 {
		lines = []string{"  " + strings.TrimPrefix(fault.InstancePtr, "#") + ": " + quoted.ReplaceAllString(fault.Message, "$1")}
	}
	return lines
}
