package profile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// columnName is a column's name as it is compared: without the spaces around it, a byte order mark or a zero-width space, in Unicode
// form C. A column without a title has none.
func columnName(title string) string { return clean(title) }

// titles are the columns of a source by name. An empty name is no column: neither of a profile that names none, nor of a source that
// has a column without a title.
type titles []string

func newTitles(columns []string) titles {
	names := make(titles, len(columns))
	for i, column := range columns {
		names[i] = columnName(column)
	}
	return names
}

// index is where a column is, -1 when it is not there.
func (t titles) index(name string) int {
	if name = columnName(name); name == "" {
		return -1
	}
	return slices.Index(t, name)
}

// twice tells whether two columns have a name.
func (t titles) twice(name string) bool {
	first := t.index(name)
	return first >= 0 && t[first+1:].index(name) >= 0
}

// named gives all places of a profile that may name a column, in the order in which a source is asked for them.
func (p *Profile) named(yield func(where, column string)) {
	yield("id.column", p.ID.Column)
	for _, name := range sortedKeys(p.Traits) {
		yield("traits."+name+".column", p.Traits[name].Column)
	}
	yield("state.column", p.State.Column)
	yield("verified.column", p.Verified.Column)
	yield("password_hash.column", p.PasswordHash.Column)
	yield("password_hash.salt", p.PasswordHash.Salt)
	for _, name := range sortedKeys(p.Legacy) {
		yield("legacy."+name+".column", p.Legacy[name].Column)
	}
}

// Columns are all columns that the profile names, for sources that must ask for them.
func (p *Profile) Columns() []string {
	var all []string
	p.named(func(_, column string) {
		if columnName(column) != "" && !slices.Contains(all, column) {
			all = append(all, column)
		}
	})
	return all
}

// columnFaults names the columns of the profile that a source lacks or has twice.
func (p *Profile) columnFaults(columns []string) error {
	there := newTitles(columns)
	var missing, twice []string
	for _, name := range p.Columns() {
		switch {
		case there.index(name) < 0:
			missing = append(missing, name)
		case there.twice(name):
			twice = append(twice, name)
		}
	}
	switch {
	case len(missing) > 0:
		return fmt.Errorf("colonnes absentes de la source : %s (%s)", strings.Join(missing, ", "), p.shownColumns(there))
	case len(twice) > 0:
		return fmt.Errorf("colonnes présentes plusieurs fois dans la source : %s", strings.Join(twice, ", "))
	}
	return nil
}

// plainName is the name of a column, and hardly anything about a person.
var plainName = regexp.MustCompile(`^[\pL_][\pL_ .-]{0,39}$`)

// shownColumns tells an operator what a source has. Without its line of titles a file begins with a person: names are shown only when
// one of them is the profile's, and of these no address and no number.
func (p *Profile) shownColumns(there titles) string {
	if !slices.ContainsFunc(p.Columns(), func(name string) bool { return there.index(name) >= 0 }) {
		return fmt.Sprintf("elle en a %d, dont aucune du profil : la ligne de titres manque, ou le séparateur n’est pas celui du profil", len(there))
	}
	var shown []string
	for _, name := range there {
		if plainName.MatchString(name) && len(shown) < 50 {
			shown = append(shown, name)
		}
	}
	return fmt.Sprintf("elle en a %d : %s", len(there), strings.Join(shown, ", "))
}
