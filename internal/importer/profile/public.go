package profile

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
)

// legacyMember is where metadata_public keeps what services read of the former account: the site releases it as legacy.NAME
// (package services) and nobody but the import writes it.
const legacyMember = "legacy"

// legacyName is a name that services.yml may ask for.
var legacyName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)

// maxLegacyBytes bounds one value: it travels in every ticket of a service.
const maxLegacyBytes = 500

func (p *Profile) legacyFaults(f *faultList) {
	for _, name := range sortedKeys(p.Legacy) {
		if !legacyName.MatchString(name) {
			f.add("legacy."+name, "nom en minuscules, chiffres et _ (par exemple siret)")
		}
		if columnName(p.Legacy[name].Column) == "" {
			f.add("legacy."+name+".column", "obligatoire")
		}
	}
	if _, taken := p.MetadataPublic[legacyMember]; taken {
		f.add("metadata_public."+legacyMember, "réservé à ce que la clé legacy: reprend des colonnes")
	}
}

// publicMap makes the metadata_public of a row.
type publicMap struct {
	fixed   map[string]any
	columns map[string]int  // by name in legacyMember
	alone   json.RawMessage // of a row without any of them
}

func newPublicMap(p *Profile, at func(string) int) (*publicMap, error) {
	m := &publicMap{fixed: p.MetadataPublic, columns: map[string]int{}, alone: json.RawMessage("null")}
	for name, column := range p.Legacy {
		m.columns[name] = at(column.Column)
	}
	if p.MetadataPublic == nil {
		return m, nil
	}
	var err error
	if m.alone, err = json.Marshal(p.MetadataPublic); err != nil {
		return nil, fmt.Errorf("metadata_public : %w", err)
	}
	return m, nil
}

// of is the metadata_public of a row, "null" for nothing; name is the value that is refused, and code why.
func (m *publicMap) of(fields []string) (public json.RawMessage, name, code string) {
	values := map[string]string{}
	for name, index := range m.columns {
		value := clean(fields[index])
		switch {
		case value == "":
			continue
		case len(value) > maxLegacyBytes:
			return nil, name, CodeLong
		case invisible(value):
			return nil, name, CodeInvisible
		case misread(value):
			return nil, name, CodeMisread
		case escaped(value):
			return nil, name, CodeEscaped
		case damaged(value):
			return nil, name, CodeDamagedID
		}
		values[name] = value
	}
	if len(values) == 0 {
		return m.alone, "", ""
	}
	all := maps.Clone(m.fixed)
	if all == nil {
		all = map[string]any{}
	}
	all[legacyMember] = values
	public, err := json.Marshal(all)
	if err != nil {
		return nil, "", CodeMisread // the fixed part has been written once, and texts always are
	}
	return public, "", ""
}
