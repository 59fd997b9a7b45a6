// Package samples invents legacy data that looks like the portal "Mes Démarches": people of example.test, and every defect that real
// exports have. The same options always give the same rows. Called by the importer's tests and benches, the demo, and
// `import-accounts sample`.
package samples

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
)

// Columns of the sample rows.
var Columns = []string{"ID_USAGER", "CIVILITE", "NOM", "PRENOM", "ADRESSE_MAIL", "TELEPHONE", "STATUT", "MAIL_VERIFIE", "DATE_CREATION", "DERNIERE_CONNEXION"}

const (
	colID, colTitle, colFamily, colGiven    = 0, 1, 2, 3
	colAddress, colPhone, colState, colSure = 4, 5, 6, 7
)

// Options of the rows. The zero value has no rows.
type Options struct {
	Rows int
	Seed uint64
	// Defects is the share of rows that the import must reject or set apart for what they hold; 0.05 is 5 %.
	Defects float64
	// Taken is the share of sound rows whose address another account of Kratos holds: the caller makes those accounts first.
	Taken float64
	// Structured leaves out the defects that only a text file can have.
	Structured bool
	// Unicode adds letters beyond Windows-1252 and decomposed accents.
	Unicode bool
	// Later gives the same people some weeks later: see Later's fields.
	Later bool
}

// Row is a sample row and what the import must make of it.
type Row struct {
	Fields []string
	// Reason is the code (package profile) for which the row is rejected or set apart; "" for a sound one.
	Reason string
	// Taken: sound, but its address is another account's.
	Taken bool
	// Of Options.Later: the row differs from what it was; it is now inactive; it is new.
	Changed, Deactivated, New bool
}

// Conflict tells rows set apart from rows rejected.
func (r Row) Conflict() bool { return r.Taken || r.Reason == "duplicate_address" }

// ID and Address are the row's, as written.
func (r Row) ID() string      { return r.Fields[colID] }
func (r Row) Address() string { return r.Fields[colAddress] }

// Rows gives the rows in order.
func Rows(o Options) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		g := &generator{Options: o}
		for i := range o.Rows {
			row := g.row(i)
			if o.Later && !g.later(i, &row) {
				continue
			}
			if !yield(row) {
				return
			}
		}
		if !o.Later {
			return
		}
		for i := range max(1, o.Rows/100) { // new people
			row := g.sound(o.Rows + i)
			row.New = true
			if !yield(row) {
				return
			}
		}
	}
}

// generator keeps what one row owes to an earlier one.
type generator struct {
	Options
	rng    *rand.Rand
	defect int    // kinds follow one another, so that few rows already hold them all
	lastID string // of the last sound row
	twin   string // address that the next row repeats
}

func (g *generator) row(i int) Row {
	row := g.sound(i)
	switch {
	case g.twin != "":
		// Same mailbox, written otherwise.
		row.Fields[colAddress], row.Reason, g.twin = strings.ToUpper(g.twin), "duplicate_address", ""
	case g.rng.Float64() < g.Defects && i > 0 && i < g.Options.Rows-1:
		g.spoil(&row)
	case g.rng.Float64() < g.Options.Taken:
		row.Taken = true
	default:
		g.lastID = row.Fields[colID]
	}
	return row
}

// sound makes a row without fault, in the ways that people and forms write.
func (g *generator) sound(i int) Row {
	g.rng = rand.New(rand.NewPCG(g.Seed, uint64(i)))
	pick := func(list []string) string { return list[g.rng.IntN(len(list))] }
	given, family := pick(givenNames), pick(familyNames)
	address := fmt.Sprintf("%s.%s%d@%s.example.test", slug(given), slug(family), i, pick(organisations))
	switch g.rng.IntN(20) {
	case 0:
		address = strings.ToUpper(address)
	case 1:
		address = "  " + address + " "
	}
	if g.rng.IntN(3) == 0 {
		given = strings.ToUpper(given)
	}
	if g.rng.IntN(2) == 0 {
		family = strings.ToUpper(family)
	}
	if g.Unicode && g.rng.IntN(4) == 0 {
		given, family = pick([]string{"Re\u0301mi", "Zoe\u0308", "Łukasz"}), pick([]string{"Nguyễn", "Dvořák", "Le\u0301vy"})
	}
	state := "ACTIF"
	if g.rng.IntN(12) == 0 {
		state = "INACTIF"
	}
	return Row{Fields: []string{
		fmt.Sprintf("MD%08d", i+1), pick([]string{"Mme", "M.", "M", "MME", "Monsieur", "Madame", "Mlle", "", "Dr"}), family, given, address,
		g.phone(), state, pick([]string{"O", "O", "O", "N", ""}),
		fmt.Sprintf("%02d/%02d/20%02d", 1+g.rng.IntN(28), 1+g.rng.IntN(12), 10+g.rng.IntN(15)), fmt.Sprintf("%02d/%02d/2024", 1+g.rng.IntN(28), 1+g.rng.IntN(12)),
	}}
}

func (g *generator) phone() string {
	n := g.rng.IntN(100_000_000)
	switch g.rng.IntN(5) {
	case 0:
		return fmt.Sprintf("06%08d", n)
	case 1:
		return fmt.Sprintf("+33 1 %02d %02d %02d %02d", n%100, n/100%100, n/10000%100, n/1000000%100)
	case 2:
		return "poste 12"
	case 3:
		return fmt.Sprintf("01.%02d.%02d.%02d.%02d", n%100, n/100%100, n/10000%100, n/1000000%100)
	}
	return ""
}

// later changes a row of an earlier export; false when the person is not in the new one.
func (g *generator) later(i int, row *Row) bool {
	if row.Reason != "" || row.Taken || g.twin != "" {
		return true
	}
	switch {
	case i%200 == 99:
		return false
	case i%50 == 7:
		row.Fields[colFamily] += "-Nouveau"
		row.Changed = true
	case i%100 == 33 && row.Fields[colState] == "ACTIF":
		row.Fields[colState] = "INACTIF"
		row.Changed, row.Deactivated = true, true
	}
	return true
}

func slug(s string) string {
	return strings.NewReplacer("é", "e", "è", "e", "ë", "e", "ï", "i", "ç", "c", "ô", "o", "ü", "u", "ö", "o", "ã", "a", "ê", "e", "î", "i", "œ", "oe", " ", "", "'", "", "’", "", "-", "-").
		Replace(strings.ToLower(s))
}

var (
	givenNames = []string{"Camille", "Jean-Pierre", "Françoise", "Zoé", "Loïc", "Anaïs", "Noël", "Mélanie", "Karim", "Aïcha", "Thi Mai", "José",
		"Maëlle", "Cœur-Aimé", "Yann", "Ömer", "Chloé", "Sébastien", "Hélène", "Benoît"}
	familyNames = []string{"Serve", "Dupont", "Lefèvre", "D'Artagnan", "Müller", "Benali", "de la Fontaine", "Nguyen", "O’Connor", "Garçon", "Lebœuf",
		"Martin", "Bernard", "Petit-Jean", "Gonçalves", "Côté", "Traoré", "Saint-Exupéry", "Haddad", "Leroy"}
	organisations = []string{"mairie", "cfa-nord", "association-horizon", "greta", "lycee-pasteur", "entreprise-durand", "mission-locale", "chambre-metiers"}
)
