package profile_test

import (
	"strings"
	"testing"

	"efpconnect.example/config"
	"efpconnect.example/internal/importer/legacy"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/source"
)

// What services ask for goes to metadata_public.legacy, beside what the profile writes on every account. The column of telephones, whose
// faulty values the profile drops, is the SIRET's too.
func TestLegacyForServices(t *testing.T) {
	const wanted = "legacy: {id: {column: id}, siret: {column: tel}}\n"
	columns := []string{"id", "mail", "civ", "prenom", "nom", "tel", "etat", "sur", "hash"}
	for name, c := range map[string]struct {
		profile, siret, public, code string
	}{
		"both":            {wanted, " 732 829 320 00074 ", `{"legacy":{"id":"7","siret":"732 829 320 00074"}}`, ""},
		"one is empty":    {wanted, "", `{"legacy":{"id":"7"}}`, ""},
		"beside others":   {wanted + "metadata_public: {origine: Portail}\n", "1", `{"legacy":{"id":"7","siret":"1"},"origine":"Portail"}`, ""},
		"none":            {"", "1", `null`, ""},
		"a spreadsheet's": {wanted, "7,3283E+13", "", profile.CodeDamagedID},
		"a line end":      {wanted, "7\n8", "", profile.CodeInvisible},
		"a novel":         {wanted, strings.Repeat("7", 501), "", profile.CodeLong},
	} {
		m, err := profile.NewMapper(parse(t, testProfile+c.profile), config.IdentitySchema(), columns)
		if err != nil {
			t.Fatal(name, err)
		}
		p, rejection := m.Map(source.Record{Fields: []string{"7", "zoe@mairie.example.test", "Mme", "Zoé", "Serve", c.siret, "A", "O", ""}})
		if rejection != nil {
			if rejection.Code != c.code || rejection.Column != "tel" {
				t.Errorf("%s: %+v", name, rejection)
			}
			continue
		}
		if c.code != "" || string(p.Public) != c.public {
			t.Errorf("%s: %s", name, p.Public)
		}
		if body := string(m.Create(p, legacy.Stamp{})); strings.Contains(body, `"metadata_public":`+c.public) != (c.public != "null") {
			t.Errorf("%s: the account is made as %s", name, body)
		}
	}
}

func TestLegacyFaults(t *testing.T) {
	_, err := profile.Parse([]byte(testProfile+"legacy: {SIRET: {column: tel}, nom: {}}\nmetadata_public: {legacy: {id: 1}}\n"), config.IdentitySchema())
	for _, want := range []string{"legacy.SIRET", "legacy.nom.column", "metadata_public.legacy"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named: %v", want, err)
		}
	}
}
