package profile_test

import (
	"slices"
	"strings"
	"testing"

	"efpconnect.example/config"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/source"
)

// optional are the parts of a profile that may name a column. Without one of them a person is made of the others.
var optional = map[string]string{
	"given_name": "given_name: {column: prenom}",
	"constant":   "given_name: {constant: Zoé}",
	"state":      "state: {column: etat, active: [A], inactive: [I]}",
	"verified":   "verified: {column: sur, yes: [O], no: [N]}",
	"hash":       "password_hash: {column: hash}",
}

// columnsProfile is a profile with those of the optional parts that are named.
func columnsProfile(t *testing.T, parts ...string) *profile.Profile {
	t.Helper()
	traits, rest := "traits:\n  email: {column: email}\n", ""
	for _, part := range parts {
		if line := optional[part]; strings.HasPrefix(line, "given_name") {
			traits += "  " + line + "\n"
		} else {
			rest += line + "\n"
		}
	}
	return parse(t, "version: 1\nsource: s\nformat: csv\nid: {column: id}\n"+traits+rest)
}

// A column without a title is no column: whatever it holds, it becomes neither a hash, nor a state, nor a name, wherever it stands and
// whichever of the optional columns the profile leaves out.
func TestUntitledColumns(t *testing.T) {
	values := map[string]string{"prenom": "Zoé", "etat": "A", "sur": "O", "hash": bcrypt}
	named := map[string]string{"given_name": "prenom", "state": "etat", "verified": "sur", "hash": "hash"}
	profiles := [][]string{nil, {"constant"}, {"given_name"}, {"state"}, {"verified"}, {"hash"},
		{"constant", "state", "verified", "hash"}, {"given_name", "state", "verified"}}
	for _, parts := range profiles {
		columns, fields := []string{"id", "email"}, []string{"7", "zoe@mairie.example.test"}
		for _, part := range parts {
			if column, ok := named[part]; ok {
				columns, fields = append(columns, column), append(fields, values[column])
			}
		}
		p := columnsProfile(t, parts...)
		want, rejection := mapRow(t, p, columns, fields)
		if rejection != nil {
			t.Fatalf("%v: %v", parts, rejection)
		}
		for _, title := range []string{"", " ", "\t", "\u00a0", "\u200b", "\ufeff", " \ufeff "} {
			for _, content := range []string{bcrypt, "p", "I", ""} {
				for at := range len(columns) + 1 {
					got, rejection := mapRow(t, p, slices.Insert(slices.Clone(columns), at, title), slices.Insert(slices.Clone(fields), at, content))
					if rejection != nil || got.Digest != want.Digest || got.Hash != want.Hash || got.Active != want.Active {
						t.Fatalf("%v, column %q with %q at %d: %+v, %v", parts, title, content, at, got, rejection)
					}
				}
			}
		}
		// Two of them are no column twice.
		if _, rejection := mapRow(t, p, append(columns, "", " "), append(fields, "x", "y")); rejection != nil {
			t.Errorf("%v: two untitled columns: %v", parts, rejection)
		}
	}
}

func mapRow(t *testing.T, p *profile.Profile, columns, fields []string) (profile.Person, *profile.Rejection) {
	t.Helper()
	m, err := profile.NewMapper(p, config.IdentitySchema(), columns)
	if err != nil {
		t.Fatalf("%q: %v", columns, err)
	}
	return m.Map(source.Record{Line: 2, Fields: fields})
}

// A title is found also with a second byte order mark, with spaces around it, and in another Unicode form; and is then there twice.
func TestTitlesAreCompared(t *testing.T) {
	p := parse(t, "version: 1\nsource: s\nformat: csv\nid: {column: id}\ntraits:\n  email: {column: \" Adresse mél \"}\n")
	for _, title := range []string{"Adresse mél", "Adresse me\u0301l", "\u00a0Adresse  mél\u200b"} {
		if got, rejection := mapRow(t, p, []string{"\ufeffid", title}, []string{"7", "zoe@mairie.example.test"}); rejection != nil || got.LegacyID != "7" {
			t.Errorf("%q: %v, %v", title, got, rejection)
		}
	}
	_, err := profile.NewMapper(p, config.IdentitySchema(), []string{"id", "Adresse mél", "Adresse me\u0301l"})
	if err == nil || !strings.Contains(err.Error(), "plusieurs fois") {
		t.Errorf("one title in two Unicode forms: %v", err)
	}
}

// A name of blanks in a profile is a fault wherever it stands: as no column it would lose hashes or states without a word.
func TestBlankNames(t *testing.T) {
	for where, text := range map[string]string{
		"id.column":                "id: {column: \" \"}\ntraits: {email: {column: email}}",
		"traits.given_name.column": "id: {column: id}\ntraits: {email: {column: email}, given_name: {column: \"\\u00a0\"}}",
		"traits.email.column":      "id: {column: id}\ntraits: {email: {column: \"\\ufeff\"}}",
		"state.column":             "id: {column: id}\ntraits: {email: {column: email}}\nstate: {column: \" \", active: [A]}",
		"verified.column":          "id: {column: id}\ntraits: {email: {column: email}}\nverified: {column: \"\\t\", yes: [A]}",
		"password_hash.column":     "id: {column: id}\ntraits: {email: {column: email}}\npassword_hash: {column: \"\\u200b\"}",
	} {
		_, err := profile.Parse([]byte("version: 1\nsource: s\nformat: csv\n"+text+"\n"), config.IdentitySchema())
		if err == nil || !strings.Contains(err.Error(), where+" : nom de colonne") {
			t.Errorf("%s: %v", where, err)
		}
	}
}
