package profile_test

import (
	"encoding/json"
	"strings"
	"testing"

	"efpconnect.example/config"
	"efpconnect.example/internal/importer/profile"
)

const valuesHead = "version: 1\nsource: s\nformat: csv\nid: {column: id}\ntraits:\n  email: {column: email}\n  given_name: {column: nom}\n"

var valuesColumns = []string{"id", "email", "nom", "tel"}

func valuesRow(t *testing.T, p *profile.Profile, id, name, phone string) (profile.Person, *profile.Rejection) {
	t.Helper()
	return mapRow(t, p, valuesColumns, []string{id, "zoe@mairie.example.test", name, phone})
}

func trait(t *testing.T, p profile.Person, name string) string {
	t.Helper()
	var traits map[string]string
	if err := json.Unmarshal(p.Traits, &traits); err != nil {
		t.Fatal(err)
	}
	return traits[name]
}

// What a dump writes for no value is no name, and no identifier.
func TestNulls(t *testing.T) {
	p := parse(t, valuesHead)
	if got, rejection := valuesRow(t, p, "7", ` \N `, ""); rejection != nil || trait(t, got, "given_name") != "" {
		t.Errorf("a first name: %s, %v", got.Traits, rejection)
	}
	if _, rejection := valuesRow(t, p, `\N`, "Zoé", ""); rejection == nil || rejection.Code != profile.CodeMissingID {
		t.Errorf("an identifier: %v", rejection)
	}
	p = parse(t, "null: [NULL, n/a]\n"+valuesHead)
	for name, want := range map[string]string{"NULL": "", "n/a": "", "Nulle": "Nulle", `\N`: `\N`} {
		if got, rejection := valuesRow(t, p, "7", name, ""); rejection != nil || trait(t, got, "given_name") != want {
			t.Errorf("%s: %s, %v", name, got.Traits, rejection)
		}
	}
}

// An identifier that a spreadsheet has damaged would be that of many people.
func TestDamagedIdentifiers(t *testing.T) {
	p := parse(t, valuesHead)
	for id, damaged := range map[string]bool{
		"1,2E+15": true, "1.2E+15": true, "1E+15": true, "1,23457e+12": true, "-1,2E+15": true, "1,2E15": true, "3,1E-05": true,
		"####": true, "#N/A": true, "#REF!": true, "#NOM?": true, "#DIV/0!": true,
		"12E45": false, "E12": false, "1234567890123456": false, "1E5A": false, "A#1": false, "MD-1E+5": false, "#42": false,
	} {
		_, rejection := valuesRow(t, p, id, "Zoé", "")
		if got := rejection != nil && rejection.Code == profile.CodeDamagedID; got != damaged {
			t.Errorf("%s: damaged %v, want %v (%v)", id, got, damaged, rejection)
		}
	}
}

// A sign inside a word is a letter of another encoding; in prices and titles it is itself.
func TestMisread(t *testing.T) {
	p := parse(t, valuesHead)
	for name, misread := range map[string]bool{
		"¼uvrard": true, "Le B½uf": true, "Andr‚": true, "Fran‡ois": true, "ZoÃ©": true, "H√©l√®ne": true,
		"Œuvrard": false, "D´Artagnan": false, "L’Été": false, "São": false, "ÃRIA": false, "Zoé": false, "João Â": false, "Nº 2": false,
	} {
		_, rejection := valuesRow(t, p, "7", name, "")
		if got := rejection != nil && rejection.Code == profile.CodeMisread; got != misread {
			t.Errorf("%s: misread %v, want %v (%v)", name, got, misread, rejection)
		}
	}
}

// What was written for a web page or a mail and never turned back is no name; signs that only look like it are.
func TestEscaped(t *testing.T) {
	p := parse(t, valuesHead)
	for name, escaped := range map[string]bool{
		"Zo&eacute;": true, "L&#039;Isle": true, "L&#x27;Isle": true, "Dupont &amp; fils": true, "Zo=C3=A9": true, "No=C3=ABl": true,
		"Dupont & fils": false, "Dupont &fils ;": false, "R&D;": false, "A=C3": false, "Zoé": false,
	} {
		_, rejection := valuesRow(t, p, "7", name, "")
		if got := rejection != nil && rejection.Code == profile.CodeEscaped; got != escaped {
			t.Errorf("%s: escaped %v, want %v (%v)", name, got, escaped, rejection)
		}
	}
}

// French numbers come to E.164 where the profile asks for it; others stay as they are written, and what is no number is none.
func TestPhones(t *testing.T) {
	kept := parse(t, valuesHead+"  phone_number: {column: tel, invalid: drop}\n")
	international := parse(t, valuesHead+"  phone_number: {column: tel, invalid: drop, phone: e164}\n")
	for written, want := range map[string]string{
		"06 12 34 56 78": "+33612345678", "01.23.45.67.89": "+33123456789", "+33 (0)1 23 45 67 89": "+33123456789", "0033612345678": "+33612345678",
		"+33 6 12 34 56 78": "+33612345678", "+33612345678": "+33612345678", "0590 12 34 56": "+590590123456", "0692 12 34 56": "+262692123456",
		"+262 692 12 34 56": "+262692123456", "+32 2 123 45 67": "+32 2 123 45 67", "3103": "3103", "612345678": "612345678",
		"-": "", "0": "", "--": "", ".": "", "00 00 00 00 00": "",
	} {
		before, rejection := valuesRow(t, kept, "7", "Zoé", written)
		after, again := valuesRow(t, international, "7", "Zoé", written)
		if rejection != nil || again != nil || trait(t, after, "phone_number") != want {
			t.Errorf("%q: %s, want %q (%v, %v)", written, after.Traits, want, rejection, again)
		}
		if kept := trait(t, before, "phone_number"); kept != written && (want != "" || kept != "") {
			t.Errorf("%q is kept as %q", written, kept)
		}
		// A reformatting is no change: neither to a journal of before the option, nor to a lost one, whatever form the account has.
		if before.Digest != after.Digest {
			t.Errorf("%q: the option changes the row", written)
		}
		for _, account := range []profile.Person{before, after} {
			m, err := profile.NewMapper(international, config.IdentitySchema(), valuesColumns)
			if err != nil {
				t.Fatal(err)
			}
			if shape, ok := m.DigestOf(account.Traits, "active", nil, nil); !ok || shape != after.Shape {
				t.Errorf("%q: the account %s looks changed", written, account.Traits)
			}
		}
	}
}

// What every account carries is bounded.
func TestLargeMetadata(t *testing.T) {
	_, err := profile.Parse([]byte(valuesHead+"metadata_public: {note: "+strings.Repeat("x", 900_000)+"}\n"), config.IdentitySchema())
	if err == nil || !strings.Contains(err.Error(), "metadata_public") || len(err.Error()) > 500 {
		t.Errorf("%.200v", err)
	}
	parse(t, valuesHead+"metadata_public: {note: "+strings.Repeat("x", 8000)+"}\n")
}
