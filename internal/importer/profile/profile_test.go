package profile_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"efpconnect.example/config"
	"efpconnect.example/internal/importer/legacy"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/source"
)

func example(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("../profiles/mes-demarches.yml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func parse(t testing.TB, text string) *profile.Profile {
	t.Helper()
	p, err := profile.Parse([]byte(text), config.IdentitySchema())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A profile with ten faults names all ten: an operator corrects it once.
func TestTenFaults(t *testing.T) {
	text := `
version: 2
source: Mes Démarches
format: xml
colour: blue
csv: {delimiter: '"', encoding: latin-9}
id: {}
traits:
  email: {constant: x@example.test}
  surname: {column: NOM}
  title: {column: CIV, words: {Madame: [F], Monsieur: [f]}, unknown: guess}
state: {column: S}
duplicates: random
`
	_, err := profile.Parse([]byte(text), config.IdentitySchema())
	if !errors.Is(err, profile.ErrInvalid) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"version", "source", "format", "colour", "csv.delimiter", "csv.encoding", "id.column", "traits.email", "traits.surname",
		"traits.title.words", "traits.title.unknown", "state.active", "duplicates"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named in:\n%v", want, err)
		}
	}
}

func TestMissingColumns(t *testing.T) {
	p := parse(t, string(example(t)))
	_, err := profile.NewMapper(p, config.IdentitySchema(), []string{"NOM", "PRENOM"})
	if err == nil || !strings.Contains(err.Error(), "ID_USAGER") || !strings.Contains(err.Error(), "ADRESSE_MAIL") {
		t.Errorf("got %v, want all missing columns named", err)
	}
	_, err = profile.NewMapper(p, config.IdentitySchema(), append(p.Columns(), "AUTRE", "AUTRE", "NOM"))
	if err == nil || !strings.Contains(err.Error(), "plusieurs fois dans la source : NOM") {
		t.Errorf("got %v, want the column that is there twice: nobody can say which one holds the names", err)
	}
}

// A file without its line of titles begins with a person, whom no message may name.
func TestMissingTitles(t *testing.T) {
	p := parse(t, string(example(t)))
	_, err := profile.NewMapper(p, config.IdentitySchema(), []string{"1", "jean.dupont@mairie.example.test", "Jean", "Dupont"})
	if err == nil || strings.Contains(err.Error(), "Jean") || strings.Contains(err.Error(), "upont") || !strings.Contains(err.Error(), "elle en a 4") {
		t.Errorf("got %v", err)
	}
	_, err = profile.NewMapper(p, config.IdentitySchema(), []string{"ID_USAGER", "PRENOMS", "a@mairie.example.test", "0612345678"})
	if err == nil || strings.Contains(err.Error(), "mairie") || strings.Contains(err.Error(), "06") || !strings.Contains(err.Error(), "PRENOMS") {
		t.Errorf("got %v", err)
	}
}

const testProfile = `
version: 1
source: test
format: csv
id: {column: id}
traits:
  email: {column: mail}
  title: {column: civ, words: {Madame: [Mme, Mlle], Monsieur: [M]}, unknown: reject}
  given_name: {column: prenom, case: title}
  family_name: {column: nom}
  phone_number: {column: tel, invalid: drop}
state: {column: etat, active: [A], inactive: [I]}
verified: {column: sur, yes: [O], no: [N, ""]}
password_hash: {column: hash}
`

var testColumns = []string{"id", "mail", "civ", "prenom", "nom", "tel", "etat", "sur", "hash"}

func testMapper(t testing.TB) *profile.Mapper {
	t.Helper()
	m, err := profile.NewMapper(parse(t, testProfile), config.IdentitySchema(), testColumns)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const bcrypt = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"

func TestMap(t *testing.T) {
	m := testMapper(t)
	row := func(changes ...string) []string {
		fields := []string{"7", "zoe@mairie.example.test", "Mme", "Zoé", "Serve", "", "A", "O", ""}
		for i := 0; i+1 < len(changes); i += 2 {
			for at, name := range testColumns {
				if name == changes[i] {
					fields[at] = changes[i+1]
				}
			}
		}
		return fields
	}
	cases := []struct {
		why    string
		fields []string
		code   string
		traits string // when there is no code
	}{
		{"as it should be", row(), "", `{"email":"zoe@mairie.example.test","family_name":"Serve","given_name":"Zoé","title":"Madame"}`},
		{"spaces, a no-break one too", row("nom", "  Serve\u00a0 Dupont ", "id", " 7 "), "", `{"email":"zoe@mairie.example.test","family_name":"Serve Dupont","given_name":"Zoé","title":"Madame"}`},
		{"capitals become a name", row("prenom", "JEAN-PIERRE"), "", `{"email":"zoe@mairie.example.test","family_name":"Serve","given_name":"Jean-Pierre","title":"Madame"}`},
		{"mixed case knows better", row("prenom", "McGregor"), "", `{"email":"zoe@mairie.example.test","family_name":"Serve","given_name":"McGregor","title":"Madame"}`},
		{"a decomposed accent is composed", row("nom", "Le\u0301vy"), "", `{"email":"zoe@mairie.example.test","family_name":"Lévy","given_name":"Zoé","title":"Madame"}`},
		{"dots and case of a word", row("civ", "m."), "", `{"email":"zoe@mairie.example.test","family_name":"Serve","given_name":"Zoé","title":"Monsieur"}`},
		{"a phone that the schema refuses is dropped", row("tel", "poste 12"), "", `{"email":"zoe@mairie.example.test","family_name":"Serve","given_name":"Zoé","title":"Madame"}`},
		{"a phone copied from a page, with its direction marks", row("tel", "\u202d06 12 34 56 78\u202c"), "", `{"email":"zoe@mairie.example.test","family_name":"Serve","given_name":"Zoé","title":"Madame"}`},
		{"a phone with a tab", row("tel", "06 12\t34"), "", `{"email":"zoe@mairie.example.test","family_name":"Serve","given_name":"Zoé","title":"Madame"}`},
		{"a phone of absurd length", row("tel", strings.Repeat("0", 5000)), "", `{"email":"zoe@mairie.example.test","family_name":"Serve","given_name":"Zoé","title":"Madame"}`},
		{"address in capitals", row("mail", " ZOE@Mairie.Example.TEST"), "", `{"email":"zoe@mairie.example.test","family_name":"Serve","given_name":"Zoé","title":"Madame"}`},
		{"an address with what nobody sees", row("mail", "\u200bzoe@mairie.exam\u00adple.test\ufeff"), "", `{"email":"zoe@mairie.example.test","family_name":"Serve","given_name":"Zoé","title":"Madame"}`},
		{"an address with a typographic apostrophe", row("mail", "o’brien@example.test"), "", `{"email":"o'brien@example.test","family_name":"Serve","given_name":"Zoé","title":"Madame"}`},
		{"a domain with an accent is sent in ASCII", row("mail", "zoe@Mairie-Éxample.test"), "", `{"email":"zoe@xn--mairie-xample-hhb.test","family_name":"Serve","given_name":"Zoé","title":"Madame"}`},
		{"an empty optional trait is absent, not empty", row("nom", ""), "", `{"email":"zoe@mairie.example.test","given_name":"Zoé","title":"Madame"}`},
		{"no id", row("id", "  "), profile.CodeMissingID, ""},
		{"no address", row("mail", ""), profile.CodeMissing, ""},
		{"no at", row("mail", "zoe"), profile.CodeAddress, ""},
		{"a name with the address", row("mail", "Zoé <zoe@mairie.example.test>"), profile.CodeAddress, ""},
		{"two addresses", row("mail", "a@example.test,b@example.test"), profile.CodeAddress, ""},
		{"no dot in the domain", row("mail", "zoe@localhost"), profile.CodeAddress, ""},
		{"an IP address", row("mail", "zoe@192.0.2.1"), profile.CodeAddress, ""},
		{"an IP address in brackets", row("mail", "zoe@[192.0.2.1]"), profile.CodeAddress, ""},
		{"an accent before the @, which no relay delivers", row("mail", "zoé@mairie.example.test"), profile.CodeAddressAccent, ""},
		{"a capital that lowering would make another person's", row("mail", "İ2@mairie.example.test"), profile.CodeAddressAccent, ""},
		{"the Kelvin sign, the same", row("mail", "\u212aevin@mairie.example.test"), profile.CodeAddressAccent, ""},
		{"a line end in an address", row("mail", "zoe@mairie.example.test\nb@example.test"), profile.CodeAddress, ""},
		{"a domain with an underscore", row("mail", "zoe@ma_irie.example.test"), profile.CodeAddress, ""},
		{"two dots", row("mail", "zoe..serve@mairie.example.test"), profile.CodeAddress, ""},
		{"local part of 65", row("mail", strings.Repeat("z", 65)+"@example.test"), profile.CodeAddressLong, ""},
		{"a bell in a name", row("nom", "Ser\x07ve"), profile.CodeInvisible, ""},
		{"a line end in a name", row("nom", "Ser\nve"), profile.CodeInvisible, ""},
		{"text that reads backwards", row("nom", "Ser\u202eve"), profile.CodeInvisible, ""},
		{"an absurd length", row("nom", strings.Repeat("x", 5000)), profile.CodeLong, ""},
		{"longer than the schema", row("nom", strings.Repeat("x", 101)), profile.CodeSchemaLong + ":100", ""},
		{"a link as a name: it would end up in a mail", row("prenom", "http://example.test"), profile.CodeSchemaNot, ""},
		{"an unknown word", row("civ", "Dr"), profile.CodeWord, ""},
		{"an unknown state", row("etat", "X"), profile.CodeState, ""},
		{"an unknown verified", row("sur", "?"), profile.CodeVerified, ""},
		{"a hash that Kratos knows", row("hash", bcrypt), "", `{"email":"zoe@mairie.example.test","family_name":"Serve","given_name":"Zoé","title":"Madame"}`},
		{"a hash cut short: Kratos would look at its prefix alone", row("hash", bcrypt[:40]), profile.CodeHash, ""},
		{"a digest that does not say its algorithm", row("hash", "5f4dcc3b5aa765d61d8327deb882cf99"), profile.CodeHashForm, ""},
		{"a hash of nothing known", row("hash", "$P$B12345678901234567890123456789."), profile.CodeHash, ""},
		{"an account that no password opens", row("hash", "!"), profile.CodeHashNone, ""},
		{"a hash whose encoding is broken", row("hash", "{SSHA}JFZFs0oHzxbMwkSJmYVeI8MnTDy/276ab"), profile.CodeHash, ""},
		{"a cost that the algorithm does not have", row("hash", "$scrypt$ln=1000,r=8,p=1$2npRo7P03Mt8keSoMbyD/tKFWyUzjiQf2svUaNDSrhA=$MiCzNcIplSMqSBrm4HckjYqYhaVPPjTARTzwB1cVNYE="), profile.CodeHash, ""},
		{"a hash that would take minutes", row("hash", "$2a$31$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"), profile.CodeHash, ""},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			p, rejection := m.Map(source.Record{Line: 2, Fields: c.fields})
			code := ""
			if rejection != nil {
				code = rejection.Code
				if profile.Sentence(code) == code {
					t.Errorf("code %s has no sentence", code)
				}
			}
			if code != c.code || (code == "" && string(p.Traits) != c.traits) {
				t.Errorf("got %q %s, want %q %s", code, p.Traits, c.code, c.traits)
			}
			if dropped := len(p.Dropped) > 0; dropped != strings.HasPrefix(c.why, "a phone") {
				t.Errorf("counted among what was left out: %v", p.Dropped)
			}
			again, _ := m.Remap(source.Record{Line: 2, Fields: c.fields})
			if code == "" && again.Digest != p.Digest {
				t.Error("the second pass makes another person of the row")
			}
		})
	}
}

// What a profile says without a column: constants, public metadata, every address verified, everybody active.
func TestConstants(t *testing.T) {
	p := parse(t, `
version: 1
source: test
format: csv
id: {column: id}
traits:
  email: {column: mail}
  title: {constant: Madame}
  given_name: {column: prenom, case: lower}
  family_name: {column: nom, case: upper}
verified: {always: true}
metadata_public: {origine: "Mes Démarches", lot: 2}
`)
	m, err := profile.NewMapper(p, config.IdentitySchema(), []string{"id", "mail", "prenom", "nom"})
	if err != nil {
		t.Fatal(err)
	}
	person, rejection := m.Map(source.Record{Fields: []string{"7", "zoe@example.test", "ZOÉ", "Lœw"}})
	if rejection != nil {
		t.Fatal(rejection)
	}
	body := string(m.Create(person, legacy.Stamp{Source: "test", ID: "7", Run: "r"}))
	for _, want := range []string{`"traits":{"email":"zoe@example.test","family_name":"LŒW","given_name":"zoé","title":"Madame"}`, `"state":"active"`,
		`"metadata_public":{"lot":2,"origine":"Mes Démarches"}`, `"verified":true`} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not in %s", want, body)
		}
	}
}

// Two spellings of one mailbox have one key; two mailboxes never.
func TestAddressKey(t *testing.T) {
	same := [][2]string{{"a@example.test", "A@EXAMPLE.test"}, {"zoé@example.test", "ZOE\u0301@example.test"}, {" a@example.test", "a@example.test "},
		{"o’brien@example.test", "O'Brien@example.test"}, {"a@éxample.test", "a@xn--xample-9ua.test"}, {"\u200ba@example.test", "a@example.test"}}
	for _, pair := range same {
		if profile.AddressKey(pair[0]) != profile.AddressKey(pair[1]) {
			t.Errorf("%q and %q have different keys", pair[0], pair[1])
		}
	}
	for _, other := range []string{"zoé@example.test", "\u017foe@example.test"} {
		if profile.AddressKey(other) == profile.AddressKey("zoe@example.test") || profile.AddressKey(other) == profile.AddressKey("soe@example.test") {
			t.Errorf("%q has another's key", other)
		}
	}
}

// Any change of what the account would be changes the digest, and nothing else does.
func TestDigest(t *testing.T) {
	m := testMapper(t)
	base := []string{"7", "zoe@example.test", "Mme", "Zoé", "Serve", "", "A", "O", ""}
	first, _ := m.Map(source.Record{Fields: base})
	for i, value := range map[int]string{1: "z@example.test", 2: "M", 3: "Zoe", 4: "Serv", 5: "0612345678", 6: "I", 7: "N", 8: bcrypt} {
		changed := append([]string(nil), base...)
		changed[i] = value
		if p, rejection := m.Map(source.Record{Fields: changed}); rejection != nil || p.Digest == first.Digest {
			t.Errorf("a change of %s is not seen (%v)", testColumns[i], rejection)
		}
	}
	spaced := append([]string(nil), base...)
	spaced[4] = " Serve"
	if p, _ := m.Map(source.Record{Fields: spaced}); p.Digest != first.Digest {
		t.Error("a space makes an update")
	}
}

func TestCreate(t *testing.T) {
	m := testMapper(t)
	p, rejection := m.Map(source.Record{Fields: []string{"7", "zoe@example.test", "Mme", "", "", "", "I", "O", bcrypt}})
	if rejection != nil {
		t.Fatal(rejection)
	}
	body := string(m.Create(p, legacy.Stamp{Source: "test", ID: "7", ImportedAt: time.Unix(1700000000, 0).UTC(), Run: "r"}))
	want := `{"schema_id":"account","traits":{"email":"zoe@example.test","title":"Madame"},"state":"inactive",` +
		`"metadata_admin":{"legacy":{"source":"test","id":"7","imported_at":"2023-11-14T22:13:20Z","run":"r"}},` +
		`"verifiable_addresses":[{"value":"zoe@example.test","verified":true,"via":"email","status":"completed"}],` +
		`"credentials":{"password":{"config":{"hashed_password":"` + bcrypt + `"}}}}`
	if body != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
}

// Whatever the operator gives as an identity schema makes a profile or an error.
func FuzzSchema(f *testing.F) {
	f.Add([]byte(config.IdentitySchema()))
	f.Add([]byte(`{"properties":{"traits":{"properties":{"a/b~%":{"ory.sh/kratos":{"credentials":{"password":{"identifier":true}}}}}}}}`))
	f.Add([]byte(`{"$ref":"#/properties/traits"}`))
	f.Fuzz(func(t *testing.T, schema []byte) {
		p, err := profile.Parse([]byte(testProfile), schema)
		if err != nil {
			return
		}
		m, err := profile.NewMapper(p, schema, testColumns)
		if err != nil {
			t.Fatalf("a schema that the profile fits cannot be used: %v", err)
		}
		m.Map(source.Record{Fields: []string{"7", "zoe@example.test", "Mme", "Zoé", "Serve", "0612345678", "A", "O", ""}})
	})
}

// Whatever Kratos shows of an account is compared, or said not to be comparable.
func FuzzDigestOf(f *testing.F) {
	m := mapperWithoutHash(f)
	f.Add([]byte(`{"email":"zoe@example.test","title":"Madame"}`), "active", []byte(`{"b":1,"a":[2]}`))
	f.Add([]byte(`{"email":5}`), "", []byte(`x`))
	f.Fuzz(func(t *testing.T, traits []byte, state string, public []byte) {
		first, ok := m.DigestOf(traits, state, nil, public)
		if again, okAgain := m.DigestOf(traits, state, nil, public); again != first || ok != okAgain {
			t.Error("one account has two digests")
		}
	})
}

func mapperWithoutHash(t testing.TB) *profile.Mapper {
	t.Helper()
	p := parse(t, strings.Replace(testProfile, "password_hash: {column: hash}\n", "", 1))
	m, err := profile.NewMapper(p, config.IdentitySchema(), testColumns)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func FuzzProfile(f *testing.F) {
	f.Add(example(f))
	f.Add([]byte(testProfile))
	f.Add([]byte("traits: {email: {words: {a: [b]}}}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := profile.Parse(text, config.IdentitySchema())
		if err != nil {
			if !errors.Is(err, profile.ErrInvalid) {
				t.Fatalf("an error without a name: %v", err)
			}
			return
		}
		if _, err := profile.NewMapper(p, config.IdentitySchema(), p.Columns()); err != nil {
			t.Fatalf("a profile without faults cannot be used: %v", err)
		}
	})
}

// Whatever the fields hold, a row is rejected with a sentence or becomes an account that the schema accepts.
func FuzzMap(f *testing.F) {
	f.Add("7", "zoe@example.test", "Zoé", "Serve", "0612345678", bcrypt)
	f.Add("\u200b", "a@b", "\u0301", "x\u202e", "+", "{SSHA}")
	m := testMapper(f)
	f.Fuzz(func(t *testing.T, id, mail, given, family, phone, hash string) {
		record := source.Record{Fields: []string{id, mail, "Mme", given, family, phone, "A", "O", hash}}
		p, rejection := m.Map(record)
		if rejection != nil {
			if profile.Sentence(rejection.Code) == rejection.Code {
				t.Fatalf("code %s has no sentence", rejection.Code)
			}
			return
		}
		again, rejection := m.Remap(record)
		if rejection != nil || again.Digest != p.Digest {
			t.Fatal("the second pass sees another row")
		}
		if profile.AddressKey(p.Address) != p.Key {
			t.Fatal("the key is not that of the address")
		}
	})
}
