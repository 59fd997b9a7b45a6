package ui_test

import (
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
)

// A mail template that an administrator broke fails for addresses with an account alone: the log says so, the pages say what they
// say to everybody.
func TestAMailThatCannotBeWrittenTellsNothing(t *testing.T) {
	site := sitetest.Start(t, sitetest.Options{Engine: func(e *kratosprocess.Options) {
		e.Templates["recovery_code/valid/email.body.plaintext.gotmpl"] = []byte("{{ .To.Nothing.Of.The.Kind }}")
	}})
	const known, unknown = "connue@example.test", "inconnue@example.test"
	if err := site.CreateAccount(kratostest.Identity{Email: known, Password: "Un-Mot-De-Passe-2026", GivenName: "Claire", FamilyName: "Connue"}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, address := range []string{known, unknown} {
		b := site.NewBrowser()
		look := func(step func() error) {
			t.Helper()
			if err := step(); err != nil {
				t.Fatal(err)
			}
			seen[address] += strings.ReplaceAll(b.Text(), address, "ADRESSE") + "\n"
		}
		look(func() error { return b.Open("/reinitialisation") })
		if err := b.Fill("identifiant", address); err != nil {
			t.Fatal(err)
		}
		look(func() error { return b.Submit("Suivant") })
		if address == known {
			const says = "Kratos could not write the mail"
			for end := time.Now().Add(10 * time.Second); !strings.Contains(site.Log.String(), says); {
				if now := <-time.After(20 * time.Millisecond); now.After(end) {
					t.Fatalf("the log does not say %q:\n%s", says, site.Log)
				}
			}
		}
		look(func() error { return b.Open("/reinitialisation/code") })
		site.Clock.Advance(time.Minute)
		look(func() error { return b.Submit("Renvoyer le code") })
	}
	if hour := strings.NewReplacer("0", "", "1", "", "2", "", "3", "", "4", "", "5", "", "6", "", "7", "", "8", "", "9", ""); hour.Replace(seen[known]) != hour.Replace(seen[unknown]) {
		t.Errorf("known:\n%s\nunknown:\n%s", seen[known], seen[unknown])
	}
}
