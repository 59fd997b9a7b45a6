package profile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// schemaFacts are what the profile has to know of the identity schema, read from the very document that Kratos is given.
type schemaFacts struct {
	traits   map[string]bool
	required []string
	address  string // the trait that people log in with
	compiled *jsonschema.Schema
	each     map[string]*jsonschema.Schema // of each trait alone
}

func readSchema(document []byte) (*schemaFacts, error) {
	var outline struct {
		Properties struct {
			Traits struct {
				Properties map[string]struct {
					Kratos struct {
						Credentials struct {
							Password struct {
								Identifier bool `json:"identifier"`
							} `json:"password"`
						} `json:"credentials"`
					} `json:"ory.sh/kratos"`
				} `json:"properties"`
				Required []string `json:"required"`
			} `json:"traits"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(document, &outline); err != nil {
		return nil, fmt.Errorf("schéma d’identité : %w", err)
	}
	facts := &schemaFacts{traits: map[string]bool{}, required: outline.Properties.Traits.Required}
	for name, trait := range outline.Properties.Traits.Properties {
		facts.traits[name] = true
		if trait.Kratos.Credentials.Password.Identifier {
			facts.address = name
		}
	}
	if facts.address == "" {
		return nil, errors.New("schéma d’identité : aucun trait n’est l’identifiant de connexion")
	}
	if err := facts.compile(document); err != nil {
		return nil, fmt.Errorf("schéma d’identité : %w", err)
	}
	return facts, nil
}

// compile makes the validators: of all traits together, and of each alone.
func (s *schemaFacts) compile(document []byte) error {
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	const name = "identity.schema.json"
	if err := compiler.AddResource(name, parsed); err != nil {
		return err
	}
	if s.compiled, err = compiler.Compile(name); err != nil {
		return err
	}
	s.each = map[string]*jsonschema.Schema{}
	escape := strings.NewReplacer("~", "~0", "/", "~1", "%", "%25")
	for trait := range s.traits {
		if s.each[trait], err = compiler.Compile(name + "#/properties/traits/properties/" + escape.Replace(trait)); err != nil {
			return fmt.Errorf("%s : %w", trait, err)
		}
	}
	return nil
}

// refused returns the trait that the schema refuses and the code of the rule, "" when it takes them all. When the fault is not in one
// trait (one is missing, one is too many) it returns "traits".
func (s *schemaFacts) refused(traits map[string]any) (trait, code string) {
	err := s.compiled.Validate(map[string]any{"traits": traits})
	if err == nil {
		return "", ""
	}
	var invalid *jsonschema.ValidationError
	if errors.As(err, &invalid) {
		for len(invalid.Causes) > 0 {
			invalid = invalid.Causes[0]
		}
		if at := invalid.InstanceLocation; len(at) > 1 {
			return strings.Join(at[1:], "."), ruleCode(invalid.ErrorKind)
		}
	}
	return "traits", CodeSchema
}

// ruleCode is the code of the rule that a value breaks.
func ruleCode(rule jsonschema.ErrorKind) string {
	switch rule := rule.(type) {
	case *kind.MaxLength:
		return CodeSchemaLong + ":" + strconv.Itoa(rule.Want)
	case *kind.MinLength:
		return CodeSchemaShort + ":" + strconv.Itoa(rule.Want)
	case *kind.Not:
		return CodeSchemaNot
	case *kind.Pattern:
		return CodeSchemaPattern
	case *kind.Format:
		return CodeSchemaFormat
	case *kind.Enum, *kind.Const:
		return CodeSchemaEnum
	}
	return CodeSchema
}
