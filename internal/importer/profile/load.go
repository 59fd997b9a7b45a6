package profile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ErrInvalid is returned for a profile with faults; its text lists them all.
var ErrInvalid = errors.New("profil incorrect")

// MaxBytes is the size of a profile at most.
const MaxBytes = 1 << 20

// maxPublicBytes is what every account may carry: a batch of a thousand with it still fits in a few requests.
const maxPublicBytes = 8 << 10

// nullKey is the key null as people write it: without quotes YAML takes it for nothing, and skips it without a word.
var nullKey = regexp.MustCompile(`(?m)^null[ \t]*:`)

// Parse reads a profile strictly: an unknown key is a fault. All faults are reported at once. schema is the identity schema.
func Parse(text, schema []byte) (*Profile, error) {
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("%w : plus de %d octets", ErrInvalid, MaxBytes)
	}
	var p Profile
	var faults []string
	decoder := yaml.NewDecoder(bytes.NewReader(nullKey.ReplaceAll(text, []byte(`"null":`))))
	decoder.KnownFields(true)
	err := decoder.Decode(&p)
	var types *yaml.TypeError
	switch {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%w : fichier vide", ErrInvalid)
	case errors.As(err, &types):
		for _, fault := range types.Errors {
			faults = append(faults, yamlFault(fault))
		}
	case err != nil:
		return nil, fmt.Errorf("%w : %s", ErrInvalid, yamlFault(err.Error()))
	default:
		if decoder.Decode(&struct{}{}) != io.EOF {
			faults = append(faults, "un seul document par fichier")
		}
	}
	p.defaults()
	known, err := readSchema(schema)
	if err != nil {
		return nil, err
	}
	faults = append(faults, p.faults(known)...)
	if len(faults) > 0 {
		return nil, fmt.Errorf("%w, %d fautes :\n  - %s", ErrInvalid, len(faults), strings.Join(faults, "\n  - "))
	}
	return &p, nil
}

func (p *Profile) defaults() {
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	set(&p.Schema, "account")
	set(&p.CSV.Delimiter, ";")
	set(&p.CSV.Quote, `"`)
	for _, encoding := range []*string{&p.CSV.Encoding, &p.JSON.Encoding, &p.JSONL.Encoding, &p.LDIF.Encoding, &p.Fixed.Encoding} {
		set(encoding, "utf-8")
	}
	p.PasswordHash.defaults()
	set(&p.Duplicates, DuplicatesConflict)
	set(&p.Registered, RegisteredConflict)
	if p.Null == nil {
		p.Null = Nulls{`\N`}
	}
	for name, t := range p.Traits {
		set(&t.Case, "keep")
		set(&t.Unknown, "reject")
		set(&t.Invalid, "reject")
		p.Traits[name] = t
	}
}

var sourceName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// faultList collects faults as "where : what".
type faultList []string

func (f *faultList) add(where, format string, args ...any) {
	*f = append(*f, where+" : "+fmt.Sprintf(format, args...))
}

// oneOf adds a fault when value is not one of the allowed ones.
func (f *faultList) oneOf(where, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		f.add(where, "%q n’est pas l’une de ces valeurs : %s", value, strings.Join(allowed, ", "))
	}
}

func (p *Profile) faults(known *schemaFacts) []string {
	var f faultList
	if p.Version != 1 {
		f.add("version", "doit être 1")
	}
	if !sourceName.MatchString(p.Source) {
		f.add("source", "nom court en minuscules, chiffres et tirets (par exemple mes-demarches)")
	}
	f.oneOf("duplicates", p.Duplicates, DuplicatesConflict, DuplicatesFirst, DuplicatesLastActive)
	f.oneOf("registered", p.Registered, RegisteredConflict, RegisteredAttach)
	if p.ID.Column == "" {
		f.add("id.column", "obligatoire")
	}
	p.named(func(where, column string) {
		if column != "" && columnName(column) == "" {
			f.add(where, "nom de colonne fait d’espaces : une colonne sans titre ne se nomme pas")
		}
	})
	if public, err := json.Marshal(p.MetadataPublic); err == nil && len(public) > maxPublicBytes {
		f.add("metadata_public", "%d octets : au plus %d, puisque chaque compte les porte", len(public), maxPublicBytes)
	}
	p.legacyFaults(&f)
	p.formatFaults(&f)
	p.PasswordHash.faults(&f)
	p.traitFaults(&f, known)
	p.choiceFaults(&f)
	return f
}

func (p *Profile) traitFaults(f *faultList, known *schemaFacts) {
	for _, name := range sortedKeys(p.Traits) {
		t, where := p.Traits[name], "traits."+name
		if !known.traits[name] {
			f.add(where, "n’existe pas dans le schéma d’identité (%s)", strings.Join(sortedKeys(known.traits), ", "))
		}
		if (t.Column == "") == (t.Constant == nil) {
			f.add(where, "column ou constant, l’un des deux")
		}
		f.oneOf(where+".case", t.Case, "keep", "lower", "upper", "title")
		if t.Phone != "" {
			f.oneOf(where+".phone", t.Phone, phoneKeep, phoneE164)
		}
		f.oneOf(where+".unknown", t.Unknown, "reject", "drop")
		f.oneOf(where+".invalid", t.Invalid, "reject", "drop")
		seen := map[string]string{}
		for _, to := range sortedKeys(t.Words) {
			for _, from := range t.Words[to] {
				if other, twice := seen[fold(from)]; twice && other != to {
					f.add(where+".words", "%q vaut à la fois %q et %q", from, other, to)
				}
				seen[fold(from)] = to
			}
		}
	}
	if known.address != "" && p.Traits[known.address].Column == "" {
		f.add("traits."+known.address, "obligatoire, depuis une colonne : c’est l’adresse de connexion")
	}
	for _, name := range append([]string{known.address}, known.required...) {
		if t, ok := p.Traits[name]; ok && (t.Unknown == "drop" || t.Invalid == "drop") {
			f.add("traits."+name, "obligatoire dans le schéma : ne peut pas être omis (drop)")
		}
	}
}

func (p *Profile) choiceFaults(f *faultList) {
	if s := p.State; s.Column == "" && len(s.Active)+len(s.Inactive) > 0 {
		f.add("state", "des valeurs sans column")
	} else if s.Column != "" && len(s.Active) == 0 {
		f.add("state.active", "au moins une valeur")
	}
	v := p.Verified
	switch {
	case v.Always && v.Column != "":
		f.add("verified", "always ou column, pas les deux")
	case v.Column == "" && len(v.Yes)+len(v.No) > 0:
		f.add("verified", "des valeurs sans column")
	case v.Column != "" && len(v.Yes) == 0:
		f.add("verified.yes", "au moins une valeur")
	}
	for where, lists := range map[string][2][]string{"state": {p.State.Active, p.State.Inactive}, "verified": {v.Yes, v.No}} {
		for _, value := range lists[0] {
			if slices.ContainsFunc(lists[1], func(other string) bool { return fold(other) == fold(value) }) {
				f.add(where, "%q est dans les deux listes", value)
			}
		}
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
