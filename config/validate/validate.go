// Package validate judges a document for Kratos as Kratos itself does at its start: with the same loader, ory/x configx, and the
// schema that Kratos embeds. Only kratos-config links it; the loader brings some hundred modules along.
package validate

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"

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

// Document checks a kratos.yml. The error names each key at fault; it may quote what stands there, so redact it. Variables of this
// process's environment play no part, unlike in Kratos.
func Document(ctx context.Context, schema, document []byte) error {
	values, err := yaml.Parser().Unmarshal(document)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	// No files given: configx would watch them and write to the standard output at each change.
	_, err = configx.New(ctx, schema, configx.WithBaseValues(values), configx.DisableEnvLoading())
	if refused := new(jsonschema.ValidationError); errors.As(err, &refused) {
		return fmt.Errorf("%w:\n%s", ErrRefused, strings.Join(leaves(refused), "\n"))
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return nil
}

// leaves are the faults themselves; what stands above only says that something below is wrong.
func leaves(fault *jsonschema.ValidationError) (lines []string) {
	for _, cause := range fault.Causes {
		lines = append(lines, leaves(cause)...)
	}
	if len(lines) == 0 {
		lines = []string{"  " + strings.TrimPrefix(fault.InstancePtr, "#") + ": " + fault.Message}
	}
	return lines
}
