package profile

import (
	"encoding/json"
	"slices"
)

// DigestOf is the Shape of a row that would make an account look the way it does in Kratos. ok is false when that cannot be told:
// Kratos does not show password hashes, and an account may hold traits that no row can.
func (m *Mapper) DigestOf(traits json.RawMessage, state string, verified map[string]bool, public json.RawMessage) (d [16]byte, ok bool) {
	if m.hasher != nil {
		return d, false
	}
	var texts map[string]string
	if json.Unmarshal(traits, &texts) != nil {
		return d, false
	}
	values := make(map[string]any, len(texts))
	for name, value := range texts {
		if !slices.ContainsFunc(m.traits, func(t traitMap) bool { return t.name == name }) {
			return d, false
		}
		values[name] = value
	}
	values, _ = m.internationalPhones(values)
	return digest(m.traitsJSON(values), state == "active", verified[texts[m.schema.address]], "", canonicalJSON(public)), true
}

// canonicalJSON writes an object with its members sorted, whatever a database made of it.
func canonicalJSON(raw json.RawMessage) json.RawMessage {
	var v any
	if len(raw) == 0 || json.Unmarshal(raw, &v) != nil {
		return json.RawMessage("null")
	}
	b, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return b
}
