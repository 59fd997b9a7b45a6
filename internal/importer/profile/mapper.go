package profile

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"efpconnect.example/internal/importer/legacy"
	"efpconnect.example/internal/importer/source"
)

// Person is a row turned into an account.
type Person struct {
	LegacyID string
	Address  string // in the form sent to Kratos
	Key      Key
	Active   bool
	Verified bool
	Traits   json.RawMessage // members sorted by name
	Hash     string          // password hash; "" for none
	Public   json.RawMessage // metadata_public; "null" for none
	// Digest changes when the row says something else. How a telephone number is written in the account is no part of it.
	Digest [16]byte
	// Shape is the Digest with telephone numbers in one form, as DigestOf has it.
	Shape [16]byte
	// Dropped are the columns whose value the profile lets the account do without.
	Dropped []string
}

// Mapper turns rows of one source into persons. It may be used by several goroutines.
type Mapper struct {
	profile  *Profile
	schema   *schemaFacts
	columns  []string
	id       int
	traits   []traitMap
	state    *choice
	verified *choice
	hasher   *hasher
	public   *publicMap
}

// traitMap is a trait ready to use.
type traitMap struct {
	name   string
	index  int // of its column; -1 for a constant
	trait  Trait
	words  map[string]string
	prefix []byte // its name in JSON
}

// NewMapper prepares a profile for a source with these columns. All columns that are missing, or there twice, are named at once.
func NewMapper(p *Profile, schema []byte, columns []string) (*Mapper, error) {
	facts, err := readSchema(schema)
	if err != nil {
		return nil, err
	}
	if err := p.columnFaults(columns); err != nil {
		return nil, err
	}
	at := newTitles(columns).index
	m := &Mapper{
		profile: p,
		schema:  facts,
		columns: columns,
		id:      at(p.ID.Column),
	}
	for _, name := range sortedKeys(p.Traits) {
		trait := p.Traits[name]
		t := traitMap{name: name, index: at(trait.Column), trait: trait, prefix: append(quote(name), ':')}
		if len(trait.Words) > 0 {
			t.words = map[string]string{}
			for to, froms := range trait.Words {
				for _, from := range append(froms, to) {
					t.words[fold(from)] = to
				}
			}
		}
		m.traits = append(m.traits, t)
	}
	m.state = newChoice(at(p.State.Column), p.State.Active, p.State.Inactive)
	m.verified = newChoice(at(p.Verified.Column), p.Verified.Yes, p.Verified.No)
	if m.hasher, err = newHasher(p.PasswordHash, newTitles(columns)); err != nil {
		return nil, err
	}
	if m.public, err = newPublicMap(p, at); err != nil {
		return nil, err
	}
	return m, nil
}

// Map turns a row into a person, or says why not.
func (m *Mapper) Map(record source.Record) (Person, *Rejection) {
	p, values, rejection := m.build(record)
	if rejection != nil {
		return p, rejection
	}
	if name, code := m.schema.refused(values); name != "" {
		rejection = &Rejection{Code: code}
		if t, ok := m.profile.Traits[name]; ok {
			rejection.Column = t.Column
		}
	}
	return p, rejection
}

// Remap turns a row that Map accepted into the same person, without asking the identity schema again. The caller compares the
// digests.
func (m *Mapper) Remap(record source.Record) (Person, *Rejection) {
	p, _, rejection := m.build(record)
	return p, rejection
}

func (m *Mapper) build(record source.Record) (p Person, values map[string]any, rejection *Rejection) {
	if record.Fault != "" {
		return p, nil, &Rejection{Code: CodeColumns}
	}
	record.Fields = m.withoutNulls(record.Fields)
	p.LegacyID = clean(record.Fields[m.id])
	if p.LegacyID == "" || len(p.LegacyID) > 255 || invisible(p.LegacyID) {
		return p, nil, &Rejection{CodeMissingID, m.columns[m.id]}
	}
	if damaged(p.LegacyID) {
		return p, nil, &Rejection{CodeDamagedID, m.columns[m.id]}
	}
	if values, p.Dropped, rejection = m.values(record.Fields); rejection != nil {
		return p, nil, rejection
	}
	p.Address = values[m.schema.address].(string)
	p.Key = AddressKey(p.Address)
	if p.Active, rejection = m.choose(m.state, record.Fields, true, CodeState); rejection != nil {
		return p, nil, rejection
	}
	if p.Verified, rejection = m.choose(m.verified, record.Fields, m.profile.Verified.Always, CodeVerified); rejection != nil {
		return p, nil, rejection
	}
	if rejection = m.passwordHash(record, &p); rejection != nil {
		return p, nil, rejection
	}
	var name, code string
	if p.Public, name, code = m.public.of(record.Fields); code != "" {
		return p, nil, &Rejection{code, m.profile.Legacy[name].Column}
	}
	m.finish(&p, values)
	return p, values, nil
}

// finish writes the traits and the digests. The digests are of the number as the source has it, so that the option e164 changes no row.
func (m *Mapper) finish(p *Person, values map[string]any) {
	written := m.traitsJSON(values)
	international, differ := m.internationalPhones(values)
	p.Digest = digest(written, p.Active, p.Verified, p.Hash, p.Public)
	p.Traits, p.Shape = written, p.Digest
	if !differ {
		return
	}
	p.Shape = digest(m.traitsJSON(international), p.Active, p.Verified, p.Hash, p.Public)
	for i := range m.traits {
		if t := &m.traits[i]; t.trait.Phone == phoneE164 && international[t.name] != nil {
			values[t.name] = international[t.name]
		}
	}
	p.Traits = m.traitsJSON(values)
}

// internationalPhones are values with all telephone numbers in the form of E.164; differ is false when they are the same.
func (m *Mapper) internationalPhones(values map[string]any) (international map[string]any, differ bool) {
	for i := range m.traits {
		t := &m.traits[i]
		written, ok := values[t.name].(string)
		if !ok || !t.isPhone() || t.index < 0 {
			continue
		}
		if number := internationalPhone(written); number != written {
			if !differ {
				international, differ = maps.Clone(values), true
			}
			international[t.name] = number
		}
	}
	if !differ {
		international = values
	}
	return international, differ
}

// withoutNulls are fields in which what stands for no value is empty.
func (m *Mapper) withoutNulls(fields []string) []string {
	if len(m.profile.Null) == 0 {
		return fields
	}
	none := func(field string) bool { return slices.Contains(m.profile.Null, strings.TrimSpace(field)) }
	if !slices.ContainsFunc(fields, none) {
		return fields
	}
	fields = slices.Clone(fields)
	for i, field := range fields {
		if none(field) {
			fields[i] = ""
		}
	}
	return fields
}

// passwordHash reads the hash of a row; the profile may let the account do without one that is none.
func (m *Mapper) passwordHash(record source.Record, p *Person) *Rejection {
	if m.hasher == nil {
		return nil
	}
	hash, code := m.hasher.read(record)
	switch {
	case code != "" && m.hasher.Invalid != "drop":
		return &Rejection{code, m.hasher.Column}
	case code != "":
		p.Dropped = append(p.Dropped, m.hasher.Column)
	}
	p.Hash = hash
	return nil
}

// values makes the traits of a row. dropped are the columns of values that are left out.
func (m *Mapper) values(fields []string) (values map[string]any, dropped []string, rejection *Rejection) {
	values = make(map[string]any, len(m.traits))
	for i := range m.traits {
		t := &m.traits[i]
		if t.index < 0 {
			values[t.name] = *t.trait.Constant
			continue
		}
		value, drop, code := m.value(t, fields[t.index])
		if code == "" && value == "" && slices.Contains(m.schema.required, t.name) {
			code = CodeMissing
		}
		if code != "" {
			return nil, nil, &Rejection{code, m.columns[t.index]}
		}
		if drop {
			dropped = append(dropped, m.columns[t.index])
		}
		if value != "" { // absent and empty are two things for a schema
			values[t.name] = value
		}
	}
	return values, dropped, nil
}

// value cleans one field; code says what is wrong with it, drop that the profile lets the account do without it.
func (m *Mapper) value(t *traitMap, raw string) (value string, drop bool, code string) {
	if t.name == m.schema.address {
		value, code = readAddress(raw)
		return value, false, code
	}
	value, code = t.value(raw)
	switch {
	case t.trait.Invalid == "drop" && (code == CodeInvisible || code == CodeLong || code == CodeMisread || code == CodeEscaped):
		return "", true, ""
	case code != "" || value == "":
		return "", code == "" && t.words != nil && clean(raw) != "", code
	case t.trait.Invalid == "drop" && m.schema.each[t.name].Validate(value) != nil:
		return "", true, ""
	}
	return value, false, ""
}

// value cleans one field; code says what is wrong with it.
func (t *traitMap) value(raw string) (value, code string) {
	if len(raw) > maxFieldBytes {
		return "", CodeLong
	}
	value = clean(raw)
	if invisible(value) {
		return "", CodeInvisible
	}
	if value == "" || t.isPhone() && noPhone(value) {
		return "", ""
	}
	if misread(value) {
		return "", CodeMisread
	}
	if escaped(value) {
		return "", CodeEscaped
	}
	if t.words != nil {
		word, ok := t.words[fold(value)]
		if !ok && t.trait.Unknown != "drop" {
			return "", CodeWord
		}
		return word, ""
	}
	return setCase(value, t.trait.Case), ""
}

func (m *Mapper) traitsJSON(values map[string]any) json.RawMessage {
	out := make([]byte, 0, 256)
	out = append(out, '{')
	for i := range m.traits {
		value, ok := values[m.traits[i].name]
		if !ok {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, m.traits[i].prefix...)
		out = append(out, quote(value.(string))...)
	}
	return append(out, '}')
}

func digest(traits []byte, active, verified bool, hash string, public []byte) [16]byte {
	h := sha256.New()
	h.Write(traits)
	fmt.Fprintf(h, "\x00%t\x00%t\x00%s\x00", active, verified, hash)
	h.Write(public)
	return [16]byte(h.Sum(nil)[:16])
}

// State is the word that Kratos uses.
func (p Person) State() string {
	if p.Active {
		return "active"
	}
	return "inactive"
}

// Create is the body that makes the account in Kratos.
func (m *Mapper) Create(p Person, stamp legacy.Stamp) []byte {
	out := make([]byte, 0, 768)
	out = append(out, `{"schema_id":`...)
	out = append(out, quote(m.profile.Schema)...)
	out = append(out, `,"traits":`...)
	out = append(out, p.Traits...)
	out = append(out, `,"state":"`+p.State()+`","metadata_admin":`...)
	out = append(out, stamp.Metadata()...)
	if string(p.Public) != "null" {
		out = append(out, `,"metadata_public":`...)
		out = append(out, p.Public...)
	}
	if p.Verified {
		out = append(out, `,"verifiable_addresses":[`...)
		out = append(out, p.VerifiableAddress()...)
		out = append(out, ']')
	}
	if p.Hash != "" {
		out = append(out, `,"credentials":{"password":{"config":{"hashed_password":`...)
		out = append(out, quote(p.Hash)...)
		out = append(out, `}}}`...)
	}
	return append(out, '}')
}

// VerifiableAddress is the entry of verifiable_addresses for the address, proved or not.
func (p Person) VerifiableAddress() json.RawMessage {
	state := `,"verified":false,"via":"email","status":"pending"}`
	if p.Verified {
		state = `,"verified":true,"via":"email","status":"completed"}`
	}
	return append(append([]byte(`{"value":`), quote(p.Address)...), state...)
}

// CarriesHashes tells whether the profile has a column of password hashes.
func (m *Mapper) CarriesHashes() bool { return m.hasher != nil }

// quote writes a JSON string.
func quote(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string never fails
	}
	return b
}
