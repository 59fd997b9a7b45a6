package mail

import (
	"strings"
	"testing"
)

func TestGreeting(t *testing.T) {
	type person = map[string]any
	for name, c := range map[string]struct {
		traits person
		want   string
	}{
		"all":                  {person{"title": "Madame", "given_name": "Camille", "family_name": "Serve"}, "Bonjour Madame Camille SERVE,"},
		"accents":              {person{"title": "Monsieur", "given_name": "Éloïse-Zoé", "family_name": "d’Évry-Noël"}, "Bonjour Monsieur Éloïse-Zoé D’ÉVRY-NOËL,"},
		"names without title":  {person{"given_name": "Camille", "family_name": "Serve"}, "Bonjour Camille SERVE,"},
		"title without names":  {person{"title": "Madame"}, "Bonjour Madame,"},
		"title and family":     {person{"title": "Madame", "family_name": "Serve"}, "Bonjour Madame SERVE,"},
		"given name alone":     {person{"given_name": "Camille"}, "Bonjour Camille,"},
		"family name alone":    {person{"family_name": "Serve"}, "Bonjour,"},                            // nobody is greeted by a bare surname
		"title and given name": {person{"title": "Madame", "given_name": "Camille"}, "Bonjour Madame,"}, // neither by "Madame Camille"
		"nothing":              {person{}, "Bonjour,"},
		"null":                 {person{"title": nil, "given_name": nil, "family_name": nil}, "Bonjour,"},
		"empty and blank":      {person{"title": "", "given_name": "  ", "family_name": "\t"}, "Bonjour,"},
		"blanks around":        {person{"given_name": " Camille ", "family_name": "Serve\n"}, "Bonjour Camille SERVE,"},
		"initials":             {person{"given_name": "J. M.", "family_name": "St. Martin (fils)"}, "Bonjour J. M. ST. MARTIN (FILS),"},
		"not a text":           {person{"title": 3, "given_name": []any{"a"}, "family_name": person{"x": "y"}}, "Bonjour,"},
		"no traits at all":     {nil, "Bonjour,"},
	} {
		t.Run(name, func(t *testing.T) {
			m := rendered(t, constants(), data(c.traits))
			if !strings.Contains(m.Text, "\n"+c.want+"\n") {
				t.Errorf("text does not greet with %q:\n%s", c.want, m.Text)
			}
			if !strings.Contains(visible(m.HTML), "\n"+plainer.Replace(c.want)+"\n") {
				t.Errorf("HTML does not greet with %q", c.want)
			}
		})
	}
	for _, identity := range []map[string]any{nil, {}, {"traits": nil}} {
		rendered(t, constants(), Data{RecoveryCode: "000000", Identity: identity}) // fails on an error
	}
}

// Another schema is a setting, not a change of the template.
func TestTraitNamesAreMapped(t *testing.T) {
	c := constants()
	c.Traits = TraitNames{Title: "civilite", FamilyName: "nom"}
	m := rendered(t, c, data(map[string]any{"civilite": "Madame", "given_name": "Camille", "nom": "Serve", "family_name": "autre"}))
	if !strings.Contains(m.Text, "Bonjour Madame Camille SERVE,") {
		t.Errorf("the names do not come from the mapped traits:\n%s", m.Text)
	}
}

// An account may have no trait for a part of the greeting; what another schema calls "title" is then none of ours.
func TestNoTrait(t *testing.T) {
	c := constants()
	c.Traits = TraitNames{Title: NoTrait, GivenName: "prenom", FamilyName: "nom"}
	m := rendered(t, c, data(map[string]any{"title": "Directrice", "-": "Madame", "prenom": "Camille", "nom": "Serve"}))
	if !strings.Contains(m.Text, "\nBonjour Camille SERVE,\n") {
		t.Errorf("a title comes from somewhere:\n%s", m.Text)
	}
}

// A name is typed by whoever made the account, perhaps not the person who reads the mail, and the mail comes from the State. What
// is no name is not shown at all: shown without its link, "gagnez 500 euros" would still be a message in our name.
func TestHostileTraits(t *testing.T) {
	files, err := Files(constants())
	if err != nil {
		t.Fatal(err)
	}
	mail := func(traits map[string]any) Message {
		m, err := execute(files, RecoveryCode, data(traits))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, hostile := range []string{
		"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "</p><h1>Gagné", "<!--", "&lt;b&gt;",
		"Camille\nVotre compte est fermé", "Camille\r\nBcc: tous", "Camille\u2028Autre ligne", "Camille\u0085x", "\x00", "a\x1b[31m",
		"{{ .RecoveryCode }}", "{{", "}}", "[[ .PublicURL ]]", "<no value>",
		"https://evil.example.test", "://", "evil.example", "www.evil", "a@evil.example.test", "evil。example", "//evil",
		"appelez le 01 23 45 67 89", "\u202egnp.exe", "\ufeff", strings.Repeat("a", 101), strings.Repeat("long ", 100_000), "\xff\xfe",
	} {
		for _, trait := range []string{"title", "given_name", "family_name"} {
			spoilt, without := camille(), camille()
			spoilt[trait] = hostile
			delete(without, trait)
			if mail(spoilt) != mail(without) {
				t.Errorf("%s %.40q is shown", trait, hostile)
			}
		}
	}
}

// The payload comes from the site. Should Kratos's public port ever be open, it comes from anybody.
func TestHostilePayload(t *testing.T) {
	for _, hostile := range []any{
		"", "../../connexion", "a/b", "a?b=c", "a#b", "a b", "a\nb", `"><script>`, "https://evil.example.test", "{{ . }}", "%2e", "appelez le 0123456789", 12, nil,
		[]any{"a"}, map[string]any{"a": "b"}, true,
	} {
		d := data(nil)
		d.TransientPayload = map[string]any{"suite": hostile, "asked_at": hostile}
		m := rendered(t, constants(), d)
		for part, content := range map[string]string{"HTML": m.HTML, "text": m.Text} {
			for _, unwanted := range []string{"/suite/", "ci-dessous", "vous y sera demandé", "Ce code a été demandé", "evil", "<no value>"} {
				if strings.Contains(content, unwanted) {
					t.Errorf("%s with payload %#v holds %q", part, hostile, unwanted)
				}
			}
		}
	}
}

func FuzzTraits(f *testing.F) {
	f.Add("Madame", "Camille", "Serve", "abc", "24 novembre 2026 à 10 h 32")
	f.Add("<script>", "{{", "://", "a/b", "\n")
	files, err := Files(constants())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, title, given, family, suite, asked string) {
		d := data(map[string]any{"title": title, "given_name": given, "family_name": family})
		d.TransientPayload = map[string]any{"suite": suite, "asked_at": asked}
		m, err := execute(files, RecoveryCode, d)
		if err != nil {
			t.Fatal(err) // Kratos would answer 400, and only to people who have an account
		}
		greeting := m.Text[strings.Index(m.Text, "Bonjour"):]
		greeting, _, _ = strings.Cut(greeting, "\n")
		if strings.ContainsAny(greeting, "<>{}@/:0123456789") || len([]rune(greeting)) > 320 {
			t.Errorf("greets with %q", greeting)
		}
		if got := strings.Count(m.HTML, "<a "); got > 2 {
			t.Errorf("%d links", got)
		}
	})
}
