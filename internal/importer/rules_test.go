package importer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"efpconnect.example/config"
	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/profile"
)

// Which of three rows of one mailbox is kept is the profile's to say; the others are for somebody to look at. It takes no Kratos.
func TestDuplicateRules(t *testing.T) {
	t.Parallel()
	const rows = "id;mail;etat\n1;Zoe@mairie.example.test;I\n2; zoe@mairie.example.test;A\n3;ZOE@MAIRIE.EXAMPLE.TEST;A\n4;autre@mairie.example.test;I\n"
	const base = `{version: 1, source: s, format: csv, id: {column: id}, traits: {email: {column: mail}}, state: {column: etat, active: [A], inactive: [I]}, duplicates: `
	for rule, set := range map[string]string{"conflict": "123", "first": "23", "last-active": "12"} {
		t.Run(rule, func(t *testing.T) {
			input := filepath.Join(t.TempDir(), "export.csv")
			if err := os.WriteFile(input, []byte(rows), 0o600); err != nil {
				t.Fatal(err)
			}
			p, err := profile.Parse([]byte(base+rule+"}"), config.IdentitySchema())
			if err != nil {
				t.Fatal(err)
			}
			o := importer.Options{Profile: p, Schema: config.IdentitySchema(), Input: input, Dir: t.TempDir()}
			s, err := importer.Check(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if want := (journal.Balance{Read: 4, Conflict: len(set)}); s.Balance != want || s.ToCreate != 4-len(set) {
				t.Errorf("%s and %d sound, want %s", show(s.Balance), s.ToCreate, show(want))
			}
			conflicts := readLines(t, filepath.Join(o.Dir, importer.ConflictsFile))
			for _, id := range []string{"1", "2", "3", "4"} {
				if listed := strings.Contains(conflicts, "\n"+id+";"); listed != strings.Contains(set, id) {
					t.Errorf("row %s in conflicts.csv: %v", id, listed)
				}
			}
		})
	}
}

// A value that the profile lets an account do without is not lost without a word.
func TestDroppedAreCounted(t *testing.T) {
	t.Parallel()
	o := options(t, "http://127.0.0.1:1", export(t, "ID;MAIL;PRENOM;NOM;TEL;CIV\n1;un@mairie.example.test;Anne;Un;poste 12;Mme\n2;deux@mairie.example.test;Bea;Deux;\u202d06\u202c;Dr\n3;x;Cléo;Trois;poste 3;Dr\n"))
	o.Profile = smallProfile(t, "  phone_number: {column: TEL, invalid: drop}\n  title: {column: CIV, words: {Madame: [Mme]}, unknown: drop}\n")
	s, err := importer.Check(t.Context(), o)
	if err != nil || s.Balance.Rejected != 1 || s.Dropped["TEL"] != 2 || s.Dropped["CIV"] != 1 {
		t.Errorf("%s, %v", show(s), err)
	}
}
