package profile_test

import (
	"regexp"
	"strings"
	"testing"

	"efpconnect.example/config"
	"efpconnect.example/internal/importer/profile"
)

// least is a profile with nothing but what it must have, and these lines.
func least(lines string) string {
	return "version: 1\nsource: x\nformat: csv\nid: {column: id}\ntraits: {email: {column: mail}}\n" + lines
}

// goWords are what a Go library says, and no operator should read.
var goWords = regexp.MustCompile(`yaml:|unmarshal|!!|profile\.|source\.|\bfield\b|\bmapping\b|\bline [0-9]|\bstruct\b|\[\]string|expected`)

// What is wrong with a profile is said in French, by its line, with what may stand there.
func TestFaultsAreFrench(t *testing.T) {
	cases := map[string]struct{ text, says string }{
		"an unknown key":         {least("colour: blue\n"), "ligne 6 : clé inconnue « colour » (possibles ici : csv, duplicates"},
		"in a section":           {least("csv: {delimeter: x}\n"), "ligne 6 : clé inconnue « delimeter » (possibles ici : columns, delimiter"},
		"in a trait":             {least("")[:0] + "version: 1\nsource: x\nformat: csv\nid: {column: id}\ntraits:\n  email: {colum: mail}\n", "clé inconnue « colum » (possibles ici : case, column, constant"},
		"in a column of a width": {least("fixed: {columns: [{nom: a}]}\n"), "clé inconnue « nom » (possibles ici : from, name, to)"},
		"no number":              {strings.Replace(least(""), "version: 1", "version: un", 1), "ligne 1 : il faut un nombre entier et non « un »"},
		"no boolean":             {least("verified: {always: oui}\n"), "ligne 6 : il faut true ou false et non « oui »"},
		"no list":                {least("state: {column: s, active: 1}\n"), "ligne 6 : il faut une liste ([a, b]) et non « 1 »"},
		"a list for a text":      {least("schema: [a]\n"), "ligne 6 : il faut un texte"},
		"a text for a section":   {least("csv: ;\n"), "ligne 6 : il faut des clés et leurs valeurs (clé: valeur) et non « ; »"},
		"a key twice":            {least("duplicates: first\nduplicates: first\n"), `ligne 7 : la clé "duplicates" est déjà à la ligne 6`},
		"a tab":                  {"version: 1\n\tsource: x\n", "ligne 2 : une tabulation : alignez avec des espaces"},
		"a colon":                {"version: 1\nsource: a: b\n", "ligne 2 : un deux-points de trop"},
		"a percent sign":         {"version: 1\nsource: %a\n", "ligne 2 : un caractère qui ne peut pas commencer une valeur"},
		"a quote not closed":     {"version: 1\nsource: \"a\n", "guillemet"},
		"a bracket not closed":   {"version: 1\ncsv: [a\nsource: x\n", "n’est pas fermée"},
		"an anchor":              {least("state: {column: *actif, active: [a]}\n"), "l’ancre « actif » n’est définie nulle part"},
		"an escape":              {least("schema: \"\\d\"\n"), "entre guillemets doubles, \\ annonce un caractère spécial"},
		"Latin-1":                {least("schema: \"\xe9\"\n"), "le profil n’est pas en UTF-8"},
		"two documents":          {least("---\na: b\n"), "un seul document par fichier"},
		"nothing":                {"", "fichier vide"},
		"a text alone":           {"bonjour\n", "il faut des clés et leurs valeurs"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := profile.Parse([]byte(c.text), config.IdentitySchema())
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v\nwant %s", err, c.says)
			}
			if err != nil && goWords.MatchString(err.Error()) {
				t.Errorf("the library's own words: %v", err)
			}
		})
	}
}

// Options that cannot be are refused before the file is opened; those that can, pass.
func TestFormatOptions(t *testing.T) {
	cases := map[string]string{ // lines → the fault, "" for none
		`csv: {delimiter: "||", quote: none, escape: "\\", columns: [id, mail]}`: "",
		`csv: {quote: "'", encoding: windows-1252}`:                              "",
		`csv: {quote: "''"}`:                                                                       "csv.quote",
		`csv: {escape: "é"}`:                                                                       "csv.escape",
		`csv: {delimiter: "'", quote: "'"}`:                                                        "trois caractères différents",
		`csv: {escape: '"'}`:                                                                       "trois caractères différents",
		`csv: {delimiter: "a\nb"}`:                                                                 "csv.delimiter",
		`csv: {columns: [id, id]}`:                                                                 "csv.columns",
		`json: {path: users, encoding: latin1}`:                                                    "json.encoding",
		`ldif: {object_class: person}`:                                                             "",
		`xlsx: {sheet: Comptes}`:                                                                   "",
		`fixed: {skip: 1, columns: [{name: id, from: 1, to: 4}]}`:                                  "",
		`fixed: {columns: [{name: id, from: 0, to: 4}]}`:                                           "fixed.columns",
		`fixed: {columns: [{name: id, from: 5, to: 4}]}`:                                           "fixed.columns",
		`fixed: {skip: -1}`:                                                                        "fixed.skip",
		`password_hash: {column: h, invalid: drop}`:                                                "",
		`password_hash: {column: h, form: rot13}`:                                                  "password_hash.form",
		`password_hash: {column: h, invalid: ignore}`:                                              "password_hash.invalid",
		`password_hash: {form: md5}`:                                                               "password_hash.column : obligatoire",
		`password_hash: {column: h, salt: s, form: sha512, pattern: "{SALT}"}`:                     "n’importe quel mot de passe",
		`password_hash: {column: h, salt: s, form: sha512, iterations: 5000}`:                      "Kratos ne sait répéter que pbkdf2",
		`password_hash: {column: h, salt: s, form: pbkdf2-sha512}`:                                 "password_hash.iterations",
		`password_hash: {column: h, form: hmac-sha256}`:                                            "password_hash.key_env",
		`password_hash: {column: h, form: firebase, key_env: K}`:                                   "firebase demande salt",
		`password_hash: {column: h, form: firebase, key_env: K, salt: s, rounds: 8, mem_cost: 14}`: "",
		`password_hash: {column: h, salt: s, salt_encoding: rot13}`:                                "salt_encoding",
	}
	for lines, want := range cases {
		_, err := profile.Parse([]byte(least(lines+"\n")), config.IdentitySchema())
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", lines, err, want)
		}
	}
	_, err := profile.Parse([]byte(strings.Replace(least(""), "format: csv", "format: fixed", 1)), config.IdentitySchema())
	if err == nil || !strings.Contains(err.Error(), "fixed.columns : obligatoire") {
		t.Errorf("fixed without columns: %v", err)
	}
}

// The key of hashes is in the environment; without it no hash could be right.
func TestHashKeyMissing(t *testing.T) {
	p := parse(t, least("password_hash: {column: h, form: hmac-sha256, key_env: EFP_TEST_NO_SUCH_KEY}\n"))
	_, err := profile.NewMapper(p, config.IdentitySchema(), []string{"id", "mail", "h"})
	if err == nil || !strings.Contains(err.Error(), "EFP_TEST_NO_SUCH_KEY") {
		t.Errorf("got %v", err)
	}
}

// Whatever an operator writes, no fault is in the library's words.
func FuzzFaultsAreFrench(f *testing.F) {
	f.Add("version: [")
	f.Add("a: &b *c\n\t- x")
	f.Add("csv: {columns: {a: 1}}\nid: 3")
	f.Fuzz(func(t *testing.T, text string) {
		_, err := profile.Parse([]byte(text), config.IdentitySchema())
		if err != nil && (strings.Contains(err.Error(), "unmarshal") || strings.Contains(err.Error(), "yaml:")) && !strings.Contains(text, "unmarshal") && !strings.Contains(text, "yaml:") {
			t.Errorf("%v", err)
		}
	})
}
