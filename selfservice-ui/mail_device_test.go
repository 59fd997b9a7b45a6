package ui_test

import (
	"strings"
	"testing"

	"efpconnect.example/internal/testkit/kratostest"
)

// A code's mail tells when, and from which kind of browser and system, it was asked for: whoever did not ask learns that somebody else
// did. What a browser says of itself beyond that is not repeated.
func TestAMailNamesTheDevice(t *testing.T) {
	site := openSite(t)
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0": "(heure de Paris), depuis Firefox sur Windows.",
		"curl/8 <b>gagnez</b> http://exemple.test":                                         "(heure de Paris). ",
	} {
		for path, fields := range map[string][]string{
			"/reinitialisation": nil,
			"/creer-un-compte":  {"prenom", "Camille", "nom", "SERVE"},
		} {
			address := strings.Trim(path, "/") + strings.ToLower(agent[:4]) + "@example.test"
			if path == "/reinitialisation" {
				must(t, site.CreateAccount(kratostest.Identity{Email: address, Verified: true}))
			}
			b := site.NewBrowser()
			must(t, b.Open(path))
			must(t, b.Fill("identifiant", address))
			for i := 0; i < len(fields); i += 2 {
				must(t, b.Fill(fields[i], fields[i+1]))
			}
			r, err := b.Request("Suivant")
			must(t, err)
			r.Header.Set("User-Agent", agent)
			must(t, b.Do(r))
			mail, err := site.Mailbox.Wait(t.Context(), address, 1)
			must(t, err)
			if !strings.Contains(mail.Text, want) || strings.Contains(mail.Text+mail.HTML, "gagnez") {
				t.Errorf("%s from %s:\n%s", path, agent, mail.Text)
			}
		}
	}
}
