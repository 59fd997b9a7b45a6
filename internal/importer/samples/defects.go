package samples

import "strings"

// defects are the faults that rows get in turn.
var defects = []struct {
	reason string // code of package profile
	text   bool   // only a text file can have it
	spoil  func(*generator, *Row)
}{
	{"address", false, set(colAddress, "jean.dupont.example.test")},
	{"missing_id", false, set(colID, "  ")},
	{"duplicate_address", false, func(g *generator, r *Row) { g.twin = strings.TrimSpace(r.Fields[colAddress]) }},
	{"columns", true, func(_ *generator, r *Row) { r.Fields = append(r.Fields, "une colonne de trop") }},
	{"invisible", false, set(colGiven, "Jean\x07Paul")},
	{"duplicate_id", false, func(g *generator, r *Row) { r.Fields[colID] = g.lastID }},
	{"state", false, set(colState, "EN ATTENTE")},
	{"address", false, set(colAddress, "camille serve@mairie.example.test")},
	{"schema_not", false, set(colGiven, "http://example.test")},
	{"missing", false, set(colAddress, "")},
	{"columns", true, func(_ *generator, r *Row) { r.Fields = r.Fields[:6] }},
	{"address_long", false, set(colAddress, strings.Repeat("x", 65)+"@mairie.example.test")},
	{"long", false, set(colFamily, strings.Repeat("très long ", 500))},
	{"verified", false, set(colSure, "peut-être")},
	{"address", false, set(colAddress, "usager@localhost")},
	{"invisible", false, set(colFamily, "Dupont\nMartin")},
	{"schema_long:100", false, set(colFamily, strings.Repeat("ab", 75))},
	{"address", false, set(colAddress, "a@b@mairie.example.test")},
}

func set(column int, value string) func(*generator, *Row) {
	return func(_ *generator, r *Row) { r.Fields[column] = value }
}

// spoil gives a row the next defect.
func (g *generator) spoil(row *Row) {
	for {
		d := defects[g.defect%len(defects)]
		g.defect++
		if (d.text && g.Structured) || (d.reason == "duplicate_id" && g.lastID == "") {
			continue
		}
		d.spoil(g, row)
		row.Reason = d.reason
		return
	}
}
