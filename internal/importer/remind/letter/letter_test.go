package letter

import (
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata anew; look at the difference before you commit it")

var texts = Texts{PublicURL: "https://efpconnect.example.test/", EnvironmentLabel: "RCT", Ministry: "Ministère|du Travail", ServiceName: "EFP Connect",
	OldPortal: "Mes Démarches", AssistanceURL: "https://aide.example.test/?a=1&b=2", Sender: "no-reply@example.test", Unsubscribe: "desinscription+efp@example.test"}

func written(t *testing.T, texts Texts, p Person) Message {
	t.Helper()
	w, err := New(texts)
	if err != nil {
		t.Fatal(err)
	}
	m, err := w.Write(p)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestGoldens(t *testing.T) {
	bare := texts
	bare.EnvironmentLabel = ""
	for name, m := range map[string]Message{
		"whole": written(t, texts, Person{"Madame", "Camille", "Serve"}),
		"bare":  written(t, bare, Person{}),
	} {
		for file, got := range map[string]string{name + ".txt": "Subject: " + m.Subject + "\n\n" + m.Text, name + ".html": m.HTML} {
			path := filepath.Join("testdata", file)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		}
	}
}

// It explains before it asks, everybody's links are the same, and nothing is loaded or counted.
func TestWhatItHolds(t *testing.T) {
	m := written(t, texts, Person{"Madame", "Camille", "Serve"})
	other := written(t, texts, Person{"Monsieur", "Dominique", "Autre"})
	links := regexp.MustCompile(`(?:https?://|mailto:)[^"\s<]+`)
	for part, both := range map[string][2]string{"HTML": {m.HTML, other.HTML}, "text": {m.Text, other.Text}} {
		if diff := cmp.Diff(links.FindAllString(both[0], -1), links.FindAllString(both[1], -1)); diff != "" {
			t.Errorf("%s: a link of one person's own:\n%s", part, diff)
		}
		portal, asked := strings.Index(both[0], "Vous avez un compte sur le portail"), strings.Index(both[0], "https://efpconnect.example.test/connexion")
		if portal < 0 || asked < portal {
			t.Errorf("%s: asks (%d) before it explains (%d)", part, asked, portal)
		}
		for _, unwanted := range []string{"<img", "<script", "<link", "url(", "@import", "http://", "<no value>"} {
			if strings.Contains(both[0], unwanted) {
				t.Errorf("%s holds %s", part, unwanted)
			}
		}
	}
	if !strings.Contains(html.UnescapeString(m.HTML), `href="mailto:desinscription+efp@example.test?subject=desinscription"`) {
		t.Error("the link that ends the reminders is not whole")
	}
	if strings.ContainsAny(m.Text+m.Subject, "’\u00a0\u202f") {
		t.Error("the text part has characters that old programs do not show")
	}
}

// What somebody once typed as a name does not become a link in a mail of the ministry.
func TestGreeting(t *testing.T) {
	for _, c := range []struct {
		p    Person
		want string
	}{
		{Person{"Madame", "Camille", "Serve"}, "Madame Camille SERVE"},
		{Person{"", "Camille", "Serve"}, "Camille SERVE"},
		{Person{"Madame", "", "d’Été-Le Goff"}, "Madame D’ÉTÉ-LE GOFF"},
		{Person{"Madame", "Camille", ""}, "Madame"},
		{Person{"", "", "Serve"}, ""},
		{Person{"", "gagnez.example", "Serve"}, ""},
		{Person{"Madame", "1000 €", "https://x.example"}, "Madame"},
		{Person{"", "Camille\nBcc: a@example.test", "Serve"}, ""},
		{Person{"Monsieur", "J.", "Martin"}, "Monsieur J. MARTIN"},
	} {
		if got := c.p.greeting(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.p, got, c.want)
		}
	}
}
